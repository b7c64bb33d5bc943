// Allocates and frees many binary trees, node by node.
#include "kernel.h"

typedef struct Node {
  struct Node *left, *right;
  uint32_t value;
} Node;

static Node* make_tree(int depth, uint32_t* next) {
  Node* node = kernel_allocate(sizeof(Node));
  node->left = node->right = NULL;
  if (depth > 0) {
    node->left = make_tree(depth - 1, next);
    node->right = make_tree(depth - 1, next);
  }
  node->value = (*next)++;
  return node;
}

static uint32_t sum_of(const Node* node) {
  if (node == NULL) return 1;
  return node->value + 3 * sum_of(node->left) + 5 * sum_of(node->right);
}

static void free_tree(Node* node) {
  if (node == NULL) return;
  free_tree(node->left);
  free_tree(node->right);
  free(node);
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 540), next = 0;
  Node* lasting = make_tree(14, &next);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int depth = 4; depth <= 12; depth += 2) {
      for (int count = 1 << (12 - depth); count > 0; count--) {
        Node* tree = make_tree(depth, &next);
        sum = checksum_u64(sum, sum_of(tree));
        free_tree(tree);
      }
    }
  }
  sum = checksum_u64(sum, sum_of(lasting));
  free_tree(lasting);
  return kernel_finish(sum);
}
