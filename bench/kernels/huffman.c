// Canonical Huffman coding: frequencies, a tree by a heap, codes, encoding to bits, decoding by
// tables of lengths.
#include "kernel.h"

enum { kSymbols = 256, kSize = 32768, kLongest = 32 };

typedef struct {
  uint32_t weight;
  int16_t left, right;  // left < 0: a leaf
} Node;

typedef struct {
  uint8_t lengths[kSymbols];
  uint32_t codes[kSymbols];
  uint32_t counts[kLongest + 1];
  uint8_t symbols[kSymbols];  // by length, then by value
} Code;

static Node nodes[2 * kSymbols];
static int16_t heap[kSymbols];
static int heap_size;

static void push(int16_t node) {
  int at = heap_size++;
  while (at > 0 && nodes[heap[(at - 1) / 2]].weight > nodes[node].weight) {
    heap[at] = heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  heap[at] = node;
}

static int16_t pop(void) {
  int16_t top = heap[0], last = heap[--heap_size];
  int at = 0;
  for (int child = 1; child < heap_size; child = 2 * at + 1) {
    if (child + 1 < heap_size && nodes[heap[child + 1]].weight < nodes[heap[child]].weight) child++;
    if (nodes[heap[child]].weight >= nodes[last].weight) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return top;
}

static void set_lengths(Code* code, int16_t node, uint8_t depth) {
  if (nodes[node].left < 0) {
    code->lengths[node] = depth;
    return;
  }
  set_lengths(code, nodes[node].left, (uint8_t)(depth + 1));
  set_lengths(code, nodes[node].right, (uint8_t)(depth + 1));
}

static void make_code(Code* code, const uint8_t* text, uint32_t size) {
  // Every symbol has a code, so that all trees have the same leaves.
  for (int i = 0; i < kSymbols; i++) nodes[i] = (Node){1, -1, -1};
  for (uint32_t i = 0; i < size; i++) nodes[text[i]].weight++;
  for (int i = 0; i < kSymbols; i++) push((int16_t)i);
  int16_t next = kSymbols;
  while (heap_size > 1) {
    int16_t left = pop(), right = pop();
    nodes[next] = (Node){nodes[left].weight + nodes[right].weight, left, right};
    push(next++);
  }
  set_lengths(code, pop(), 0);
  memset(code->counts, 0, sizeof(code->counts));
  for (int i = 0; i < kSymbols; i++) code->counts[code->lengths[i]]++;
  uint32_t value = 0, at = 0;
  for (int length = 1; length <= kLongest; length++, value <<= 1) {
    for (int i = 0; i < kSymbols; i++) {
      if (code->lengths[i] != length) continue;
      code->codes[i] = value++;
      code->symbols[at++] = (uint8_t)i;
    }
  }
}

static uint32_t encode(const Code* code, const uint8_t* text, uint32_t size, uint8_t* out) {
  uint64_t bits = 0;
  uint32_t count = 0, at = 0;
  for (uint32_t i = 0; i < size; i++) {
    bits = bits << code->lengths[text[i]] | code->codes[text[i]];
    count += code->lengths[text[i]];
    for (; count >= 8; count -= 8) out[at++] = (uint8_t)(bits >> (count - 8));
  }
  out[at++] = (uint8_t)(bits << (8 - count));
  return at;
}

static void decode(const Code* code, const uint8_t* in, uint8_t* text, uint32_t size) {
  uint32_t at = 0, bit = 0;
  for (uint32_t i = 0; i < size; i++) {
    uint32_t value = 0, first = 0, index = 0;
    for (int length = 1;; length++) {
      value = value << 1 | ((in[at] >> (7 - bit)) & 1);
      if (++bit == 8) bit = 0, at++;
      uint32_t count = code->counts[length];
      if (value - first < count) {
        text[i] = code->symbols[index + value - first];
        break;
      }
      index += count;
      first = (first + count) << 1;
    }
  }
}

int main(int argc, char** argv) {
  static uint8_t text[kSize], decoded[kSize], packed[4 * kSize];
  uint32_t rounds = kernel_rounds(argc, argv, 640);
  Random random = {17};
  Code code;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 32 == 0) {
      for (uint32_t i = 0; i < kSize; i++) {
        text[i] = (uint8_t)random_below(&random, 1 + random_below(&random, 256));
      }
    }
    text[round % kSize]++;
    make_code(&code, text, kSize);
    uint32_t size = encode(&code, text, kSize, packed);
    decode(&code, packed, decoded, kSize);
    if (memcmp(text, decoded, kSize) != 0) return 1;
    sum = checksum_bytes(sum, packed, size);
  }
  return kernel_finish(sum);
}
