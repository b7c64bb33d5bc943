// matrix [ROUNDS]: multiplies two 800×800 matrices of fixed numbers between 1 and 100, ROUNDS times.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { kSize = 800 };

static int32_t left[kSize][kSize], right[kSize][kSize], product[kSize][kSize];

static uint32_t next_number(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return (*state >> 8) % 100 + 1;
}

static void multiply(void) {
  for (int row = 0; row < kSize; row++) {
    for (int column = 0; column < kSize; column++) {
      int32_t sum = 0;
      for (int i = 0; i < kSize; i++) sum += left[row][i] * right[i][column];
      product[row][column] = sum;
    }
  }
}

int main(int argc, char** argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  uint32_t state = 2019;
  for (int row = 0; row < kSize; row++) {
    for (int column = 0; column < kSize; column++) {
      left[row][column] = (int32_t)next_number(&state);
      right[row][column] = (int32_t)next_number(&state);
    }
  }
  uint64_t checksum = 0;
  for (int round = 0; round < rounds; round++) {
    multiply();
    for (int row = 0; row < kSize; row++) {
      for (int column = 0; column < kSize; column++) {
        checksum = checksum * 31 + (uint32_t)product[row][column];
      }
    }
    left[round % kSize][0]++;  // so that no round is the same as the one before
  }
  printf("%d×%d matrices, %d rounds, checksum %016" PRIx64 "\n", kSize, kSize, rounds, checksum);
  return 0;
}
