// Radix sort of 64-bit keys with their values, a byte at a time, least significant first.
#include "kernel.h"

enum { kCount = 30000 };

typedef struct {
  uint64_t key;
  uint32_t value;
} Pair;

static void sort_by_byte(const Pair* from, Pair* to, uint32_t count, int shift) {
  uint32_t starts[256] = {0};
  for (uint32_t i = 0; i < count; i++) starts[(from[i].key >> shift) & 255]++;
  uint32_t start = 0;
  for (int digit = 0; digit < 256; digit++) {
    uint32_t size = starts[digit];
    starts[digit] = start;
    start += size;
  }
  for (uint32_t i = 0; i < count; i++) to[starts[(from[i].key >> shift) & 255]++] = from[i];
}

int main(int argc, char** argv) {
  static Pair pairs[kCount], spare[kCount];
  uint32_t rounds = kernel_rounds(argc, argv, 800);
  Random random = {12};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < kCount; i++) pairs[i] = (Pair){random_u64(&random), i};
    for (int shift = 0; shift < 64; shift += 16) {
      sort_by_byte(pairs, spare, kCount, shift);
      sort_by_byte(spare, pairs, kCount, shift + 8);
    }
    for (uint32_t i = 0; i < kCount; i++) sum = checksum_u64(sum, pairs[i].key + pairs[i].value);
  }
  return kernel_finish(sum);
}
