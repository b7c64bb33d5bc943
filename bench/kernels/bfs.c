// Searches a large random graph by breadth: levels, parents, and components.
#include "kernel.h"

enum { kNodes = 30000, kEdges = 45000, kUnseen = 0xffff };

static uint32_t start[kNodes + 1], target[2 * kEdges], ends[kEdges][2];
static uint32_t queue[kNodes], parent[kNodes];
static uint16_t level[kNodes];

static void make_graph(Random* random) {
  memset(start, 0, sizeof(start));
  for (int i = 0; i < kEdges; i++) {
    for (int end = 0; end < 2; end++) {
      ends[i][end] = random_below(random, kNodes);
      start[ends[i][end] + 1]++;
    }
  }
  for (int i = 0; i < kNodes; i++) start[i + 1] += start[i];
  static uint32_t next[kNodes];
  memcpy(next, start, sizeof(next));
  for (int i = 0; i < kEdges; i++) {
    target[next[ends[i][0]]++] = ends[i][1];
    target[next[ends[i][1]]++] = ends[i][0];
  }
}

// Returns how many nodes are reached.
static uint32_t search(uint32_t from) {
  uint32_t first = 0, last = 0;
  queue[last++] = from;
  level[from] = 0;
  parent[from] = from;
  while (first < last) {
    uint32_t node = queue[first++];
    for (uint32_t i = start[node]; i < start[node + 1]; i++) {
      uint32_t to = target[i];
      if (level[to] != kUnseen) continue;
      level[to] = (uint16_t)(level[node] + 1);
      parent[to] = node;
      queue[last++] = to;
    }
  }
  return last;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 550);
  Random random = {46};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 16 == 0) make_graph(&random);
    memset(level, 0xff, sizeof(level));
    uint32_t components = 0, largest = 0, offset = random_below(&random, kNodes);
    for (uint32_t i = 0; i < kNodes; i++) {
      uint32_t node = (i + offset) % kNodes;
      if (level[node] != kUnseen) continue;
      uint32_t size = search(node);
      components++;
      if (size > largest) largest = size;
    }
    for (uint32_t i = 0; i < kNodes; i++)
      sum = checksum_u64(sum, (uint64_t)level[i] << 32 | parent[i]);
    sum = checksum_u64(sum, (uint64_t)components << 32 | largest);
  }
  return kernel_finish(sum);
}
