// Arithmetic expressions: parsed to trees by recursive descent, simplified, evaluated for many
// values of their variables.
#include "kernel.h"

enum { kVariables = 8, kMaxNodes = 4096 };

typedef enum { kConstant, kVariable, kAdd, kSubtract, kMultiply, kDivide, kNegate, kChoose } Kind;

typedef struct Node {
  Kind kind;
  int32_t value;  // of a constant, or which variable
  struct Node *left, *right, *condition;
} Node;

typedef struct {
  const char* at;
  Node nodes[kMaxNodes];
  uint32_t used;
} Parser;

static Node* make(Parser* p, Kind kind, Node* left, Node* right) {
  if (p->used >= kMaxNodes) exit(1);
  Node* node = &p->nodes[p->used++];
  *node = (Node){kind, 0, left, right, NULL};
  return node;
}

static Node* constant(Parser* p, int32_t value) {
  Node* node = make(p, kConstant, NULL, NULL);
  node->value = value;
  return node;
}

static int32_t apply(Kind kind, int32_t left, int32_t right) {
  uint32_t x = (uint32_t)left, y = (uint32_t)right;
  switch (kind) {
    case kAdd: return (int32_t)(x + y);
    case kSubtract: return (int32_t)(x - y);
    case kMultiply: return (int32_t)(x * y);
    case kDivide: return right == 0 || right == -1 ? left : left / right;
    case kNegate: return (int32_t)-x;
    default: return 0;
  }
}

// A node of the kind, or what it is known to be.
static Node* simplified(Parser* p, Kind kind, Node* left, Node* right) {
  bool left_known = left->kind == kConstant;
  bool right_known = right == NULL || right->kind == kConstant;
  if (left_known && right_known) {
    return constant(p, apply(kind, left->value, right != NULL ? right->value : 0));
  }
  if (kind == kAdd && left_known && left->value == 0) return right;
  if (kind == kMultiply && right_known && right->value == 1) return left;
  return make(p, kind, left, right);
}

static Node* parse_sum(Parser* p);

static Node* parse_primary(Parser* p) {
  char c = *p->at;
  if (c == '-') {
    p->at++;
    return simplified(p, kNegate, parse_primary(p), NULL);
  }
  if (c == '(') {
    p->at++;
    Node* inner = parse_sum(p);
    if (*p->at == '?') {  // (condition ? then : else)
      p->at++;
      Node* then = parse_sum(p);
      p->at++;
      Node* choice = make(p, kChoose, then, parse_sum(p));
      choice->condition = inner;
      inner = choice;
    }
    p->at++;
    return inner;
  }
  if (c >= 'a' && c < 'a' + kVariables) {
    p->at++;
    Node* node = make(p, kVariable, NULL, NULL);
    node->value = c - 'a';
    return node;
  }
  int32_t value = 0;
  for (; *p->at >= '0' && *p->at <= '9'; p->at++) value = value * 10 + (*p->at - '0');
  return constant(p, value);
}

static Node* parse_product(Parser* p) {
  Node* left = parse_primary(p);
  while (*p->at == '*' || *p->at == '/') {
    Kind kind = *p->at++ == '*' ? kMultiply : kDivide;
    left = simplified(p, kind, left, parse_primary(p));
  }
  return left;
}

static Node* parse_sum(Parser* p) {
  Node* left = parse_product(p);
  while (*p->at == '+' || *p->at == '-') {
    Kind kind = *p->at++ == '+' ? kAdd : kSubtract;
    left = simplified(p, kind, left, parse_product(p));
  }
  return left;
}

static int32_t evaluate(const Node* node, const int32_t* variables) {
  switch (node->kind) {
    case kConstant: return node->value;
    case kVariable: return variables[node->value];
    case kNegate: return apply(kNegate, evaluate(node->left, variables), 0);
    case kChoose:
      return evaluate(evaluate(node->condition, variables) > 0 ? node->left : node->right,
                      variables);
    default:
      return apply(node->kind, evaluate(node->left, variables), evaluate(node->right, variables));
  }
}

static char* make_text(Random* random, char* out, int depth) {
  uint32_t choice = random_below(random, depth > 0 ? 10 : 2);
  if (choice == 0) {
    *out++ = (char)('a' + random_below(random, kVariables));
  } else if (choice == 1) {
    *out++ = (char)('0' + random_below(random, 10));
  } else if (choice == 2) {
    *out++ = '-';
    out = make_text(random, out, 0);
  } else {
    *out++ = '(';
    out = make_text(random, out, depth - 1);
    *out++ = choice == 3 ? '?' : "+-*/"[random_below(random, 4)];
    out = make_text(random, out, depth - 1);
    if (choice == 3) {
      *out++ = ':';
      out = make_text(random, out, depth - 1);
    }
    *out++ = ')';
  }
  return out;
}

int main(int argc, char** argv) {
  static char text[1 << 14];
  static Parser parser;
  uint32_t rounds = kernel_rounds(argc, argv, 63000);
  Random random = {20};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    *make_text(&random, text, 6) = '\0';
    parser.at = text;
    parser.used = 0;
    const Node* tree = parse_sum(&parser);
    int32_t variables[kVariables];
    for (int i = 0; i < kVariables; i++) variables[i] = (int32_t)random_below(&random, 100) - 50;
    for (int i = 0; i < 100; i++) {
      variables[i % kVariables] += i;
      sum = checksum_u64(sum, (uint32_t)evaluate(tree, variables));
    }
  }
  return kernel_finish(sum);
}
