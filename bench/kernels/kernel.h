// What all kernels share: how much work to do, random numbers that are the same everywhere, and the
// checksum they print. A kernel's checksum depends on all of its work and not on the width of
// pointers, so that every build prints the same.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// No machine here has fused multiplication and addition, but clang would fold constants as if.
#pragma STDC FP_CONTRACT OFF

// Rounds of work: the program's argument, or what takes about half a second natively.
static inline uint32_t kernel_rounds(int argc, char** argv, uint32_t usual) {
  if (argc < 2) return usual;
  uint32_t rounds = 0;
  for (const char* digit = argv[1]; *digit >= '0' && *digit <= '9'; digit++) {
    rounds = rounds * 10 + (uint32_t)(*digit - '0');
  }
  return rounds;
}

static inline void* kernel_allocate(size_t bytes) {
  void* memory = malloc(bytes);
  if (memory == NULL) {
    static const char kMessage[] = "kernel: no memory\n";
    (void)!write(2, kMessage, sizeof(kMessage) - 1);
    exit(1);
  }
  return memory;
}

// SplitMix64.
typedef struct {
  uint64_t state;
} Random;

static inline uint64_t random_u64(Random* random) {
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline uint32_t random_u32(Random* random) { return (uint32_t)(random_u64(random) >> 32); }

static inline uint32_t random_below(Random* random, uint32_t limit) {
  return (uint32_t)(((uint64_t)random_u32(random) * limit) >> 32);
}

// In [0, 1).
static inline double random_double(Random* random) {
  return (double)(random_u64(random) >> 11) * 0x1p-53;
}

static inline uint64_t checksum_u64(uint64_t sum, uint64_t value) {
  sum = (sum ^ value) * 0xff51afd7ed558ccdu;
  return sum ^ (sum >> 32);
}

static inline uint64_t checksum_double(uint64_t sum, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return checksum_u64(sum, bits);
}

static inline uint64_t checksum_bytes(uint64_t sum, const void* bytes, size_t size) {
  const uint8_t* at = bytes;
  for (; size >= 8; size -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    sum = checksum_u64(sum, word);
  }
  for (; size > 0; size--) sum = checksum_u64(sum, *at++);
  return sum;
}

// Prints the checksum; returns the exit code of main().
static inline int kernel_finish(uint64_t checksum) {
  char line[17];
  for (int i = 0; i < 16; i++) line[i] = "0123456789abcdef"[(checksum >> (60 - 4 * i)) & 15];
  line[16] = '\n';
  return write(1, line, sizeof(line)) == (ssize_t)sizeof(line) ? 0 : 1;
}
