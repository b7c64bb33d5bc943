// Local alignment of proteins (Smith-Waterman, affine gaps) with a table of scores, and the way
// back.
#include "kernel.h"

enum { kLetters = 20, kLength = 256, kOpen = 11, kExtend = 1 };

typedef enum { kStop, kDiagonal, kUp, kLeft } Move;

static int8_t scores[kLetters][kLetters];
static uint8_t moves[kLength + 1][kLength + 1];

static int32_t larger(int32_t x, int32_t y) { return x > y ? x : y; }

typedef struct {
  int32_t score;
  uint32_t row, column;
} Best;

static Best align(const uint8_t* x, uint32_t x_size, const uint8_t* y, uint32_t y_size) {
  int32_t scores_above[kLength + 1] = {0}, gaps_above[kLength + 1] = {0};
  Best best = {0, 0, 0};
  for (uint32_t i = 1; i <= x_size; i++) {
    const int8_t* row_scores = scores[x[i - 1]];
    int32_t diagonal = 0, left = 0, gap_left = 0;
    for (uint32_t j = 1; j <= y_size; j++) {
      gaps_above[j] = larger(gaps_above[j] - kExtend, scores_above[j] - kOpen);
      gap_left = larger(gap_left - kExtend, left - kOpen);
      int32_t score = diagonal + row_scores[y[j - 1]];
      uint8_t move = kDiagonal;
      if (gaps_above[j] > score) score = gaps_above[j], move = kUp;
      if (gap_left > score) score = gap_left, move = kLeft;
      if (score <= 0) score = 0, move = kStop;
      moves[i][j] = move;
      diagonal = scores_above[j];
      scores_above[j] = left = score;
      if (score > best.score) best = (Best){score, i, j};
    }
  }
  return best;
}

static uint64_t trace(Best best) {
  uint64_t sum = 0;
  uint32_t i = best.row, j = best.column;
  while (moves[i][j] != kStop && i > 0 && j > 0) {
    uint8_t move = moves[i][j];
    sum = checksum_u64(sum, move);
    if (move != kLeft) i--;
    if (move != kUp) j--;
  }
  return checksum_u64(sum, (uint64_t)i << 32 | j);
}

int main(int argc, char** argv) {
  static uint8_t x[kLength], y[kLength];
  uint32_t rounds = kernel_rounds(argc, argv, 1700);
  Random random = {38};
  for (int i = 0; i < kLetters; i++) {
    for (int j = 0; j <= i; j++) {
      scores[i][j] = scores[j][i] =
          (int8_t)(i == j ? 4 + random_below(&random, 6) : random_below(&random, 6) - 4);
    }
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t y_size = 0;
    for (uint32_t i = 0; i < kLength; i++) {
      x[i] = (uint8_t)random_below(&random, kLetters);
      if (random_below(&random, 10) == 0) continue;
      y[y_size++] = random_below(&random, 4) == 0 ? (uint8_t)random_below(&random, kLetters) : x[i];
    }
    Best best = align(x, kLength, y, y_size);
    sum = checksum_u64(sum + (uint32_t)best.score, trace(best));
  }
  return kernel_finish(sum);
}
