// A left-leaning red-black tree as an ordered map: inserts, finds, walks a range.
#include "kernel.h"

enum { kNodes = 1 << 15 };

typedef struct Node {
  struct Node *left, *right;
  uint32_t key, value;
  bool red;
} Node;

static Node nodes[kNodes];
static uint32_t used;

static bool is_red(const Node* node) { return node != NULL && node->red; }

static Node* rotate_left(Node* node) {
  Node* top = node->right;
  node->right = top->left;
  top->left = node;
  top->red = node->red;
  node->red = true;
  return top;
}

static Node* rotate_right(Node* node) {
  Node* top = node->left;
  node->left = top->right;
  top->right = node;
  top->red = node->red;
  node->red = true;
  return top;
}

static Node* insert(Node* node, uint32_t key, uint32_t value) {
  if (node == NULL) {
    node = &nodes[used++];
    *node = (Node){NULL, NULL, key, value, true};
    return node;
  }
  if (key < node->key) {
    node->left = insert(node->left, key, value);
  } else if (key > node->key) {
    node->right = insert(node->right, key, value);
  } else {
    node->value += value;
  }
  if (is_red(node->right) && !is_red(node->left)) node = rotate_left(node);
  if (is_red(node->left) && is_red(node->left->left)) node = rotate_right(node);
  if (is_red(node->left) && is_red(node->right)) {
    node->red = true;
    node->left->red = node->right->red = false;
  }
  return node;
}

static const Node* find(const Node* node, uint32_t key) {
  while (node != NULL && node->key != key) node = key < node->key ? node->left : node->right;
  return node;
}

static uint64_t sum_between(const Node* node, uint32_t low, uint32_t high, uint64_t sum) {
  if (node == NULL) return sum;
  if (low < node->key) sum = sum_between(node->left, low, high, sum);
  if (low <= node->key && node->key <= high) sum = checksum_u64(sum, node->value);
  if (node->key < high) sum = sum_between(node->right, low, high, sum);
  return sum;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 40);
  Random random = {23};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    Node* root = NULL;
    used = 0;
    for (uint32_t i = 0; i < kNodes; i++) {
      root = insert(root, random_below(&random, 100000), i);
      root->red = false;
    }
    for (uint32_t i = 0; i < kNodes; i++) {
      const Node* found = find(root, random_below(&random, 100000));
      sum += found != NULL ? found->value : 1;
    }
    uint32_t low = random_below(&random, 90000);
    sum = sum_between(root, low, low + 10000, sum);
  }
  return kernel_finish(sum);
}
