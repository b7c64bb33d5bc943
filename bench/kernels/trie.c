// A trie of words with sorted lists of children: inserts, counts of prefixes, search within a
// distance of one change.
#include "kernel.h"

enum { kNodes = 60000, kWords = 6000, kLength = 12 };

typedef struct {
  int32_t child, sibling;  // 0: none, since 0 is the root
  int32_t below;           // words in this part of the trie
  char letter;
  bool word;
} Node;

static Node nodes[kNodes];
static int32_t used;

static int32_t child_of(int32_t node, char letter) {
  int32_t child = nodes[node].child;
  while (child != 0 && nodes[child].letter < letter) child = nodes[child].sibling;
  return child != 0 && nodes[child].letter == letter ? child : 0;
}

static int32_t make_child(int32_t parent, char letter) {
  int32_t* link = &nodes[parent].child;
  while (*link != 0 && nodes[*link].letter < letter) link = &nodes[*link].sibling;
  if (*link != 0 && nodes[*link].letter == letter) return *link;
  if (used >= kNodes) exit(1);
  nodes[used] = (Node){0, *link, 0, letter, false};
  *link = used;
  return used++;
}

static void insert(const char* word) {
  int32_t path[kLength + 1], depth = 0, node = 0;
  path[depth++] = 0;
  for (; *word != '\0'; word++) path[depth++] = node = make_child(node, *word);
  if (nodes[node].word) return;
  nodes[node].word = true;
  while (depth > 0) nodes[path[--depth]].below++;
}

static int32_t count_with_prefix(const char* prefix, int length) {
  int32_t node = 0;
  for (int i = 0; i < length; i++) {
    node = child_of(node, prefix[i]);
    if (node == 0) return 0;
  }
  return nodes[node].below;
}

// Words that the rest is, with at most `changes` letters replaced, left out or added.
static int32_t count_near(int32_t node, const char* rest, int changes) {
  int32_t count = 0;
  if (*rest == '\0') {
    count += nodes[node].word;
  } else {
    int32_t same = child_of(node, *rest);
    if (same != 0) count += count_near(same, rest + 1, changes);
    if (changes > 0) count += count_near(node, rest + 1, changes - 1);
  }
  if (changes == 0) return count;
  for (int32_t child = nodes[node].child; child != 0; child = nodes[child].sibling) {
    count += count_near(child, rest, changes - 1);
    if (*rest != '\0' && nodes[child].letter != *rest) {
      count += count_near(child, rest + 1, changes - 1);
    }
  }
  return count;
}

int main(int argc, char** argv) {
  static char words[kWords][kLength];
  uint32_t rounds = kernel_rounds(argc, argv, 73);
  Random random = {25};
  for (int i = 0; i < kWords; i++) {
    uint32_t length = 3 + random_below(&random, kLength - 4);
    for (uint32_t j = 0; j < length; j++) {
      words[i][j] = (char)('a' + random_below(&random, 1 + random_below(&random, 26)));
    }
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    memset(nodes, 0, sizeof(nodes));
    used = 1;
    for (int i = 0; i < kWords; i++) insert(words[i]);
    for (int i = 0; i < kWords; i++) {
      sum += (uint64_t)count_with_prefix(words[i], 1 + i % 3);
      if (i % 8 == 0) sum = checksum_u64(sum, (uint32_t)count_near(0, words[i], 1));
    }
    words[random_below(&random, kWords)][0] = (char)('a' + random_below(&random, 26));
  }
  return kernel_finish(sum);
}
