// Levenshtein's distance and the longest common subsequence of strings, a row at a time.
#include "kernel.h"

enum { kLength = 400 };

static uint32_t least(uint32_t x, uint32_t y) { return x < y ? x : y; }

static uint32_t edit_distance(const uint8_t* x, uint32_t x_size, const uint8_t* y,
                              uint32_t y_size) {
  uint32_t row[kLength + 1];
  for (uint32_t j = 0; j <= y_size; j++) row[j] = j;
  for (uint32_t i = 0; i < x_size; i++) {
    uint32_t diagonal = row[0];
    row[0] = i + 1;
    for (uint32_t j = 0; j < y_size; j++) {
      uint32_t changed = diagonal + (x[i] != y[j]);
      diagonal = row[j + 1];
      row[j + 1] = least(changed, least(row[j], diagonal) + 1);
    }
  }
  return row[y_size];
}

static uint32_t common_length(const uint8_t* x, uint32_t x_size, const uint8_t* y,
                              uint32_t y_size) {
  uint16_t rows[2][kLength + 1] = {{0}};
  for (uint32_t i = 0; i < x_size; i++) {
    const uint16_t* before = rows[i % 2];
    uint16_t* row = rows[(i + 1) % 2];
    row[0] = 0;
    for (uint32_t j = 0; j < y_size; j++) {
      if (x[i] == y[j]) {
        row[j + 1] = (uint16_t)(before[j] + 1);
      } else {
        row[j + 1] = before[j + 1] > row[j] ? before[j + 1] : row[j];
      }
    }
  }
  return rows[x_size % 2][y_size];
}

int main(int argc, char** argv) {
  static uint8_t x[kLength], y[kLength];
  uint32_t rounds = kernel_rounds(argc, argv, 1400);
  Random random = {36};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    // y is x with changes.
    uint32_t x_size = 300 + random_below(&random, 100), y_size = 0;
    for (uint32_t i = 0; i < x_size; i++) {
      x[i] = (uint8_t)('a' + random_below(&random, 8));
      if (random_below(&random, 8) == 0) continue;
      y[y_size++] = random_below(&random, 8) == 0 ? 'z' : x[i];
    }
    sum = checksum_u64(sum, edit_distance(x, x_size, y, y_size));
    sum = checksum_u64(sum, common_length(x, x_size, y, y_size));
  }
  return kernel_finish(sum);
}
