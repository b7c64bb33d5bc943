// Gaussian blur of an RGBA picture: two passes with a kernel of integer weights.
#include "kernel.h"

enum { kWidth = 256, kHeight = 192, kRadius = 4, kTaps = 2 * kRadius + 1 };

typedef uint8_t Picture[kHeight][kWidth][4];

static const uint32_t kWeights[kTaps] = {7, 17, 32, 46, 52, 46, 32, 17, 7};  // 256 together

static int clamp(int value, int limit) {
  return value < 0 ? 0 : value >= limit ? limit - 1 : value;
}

static void blur_rows(Picture from, Picture to) {
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth; x++) {
      uint32_t sums[4] = {128, 128, 128, 128};
      for (int tap = 0; tap < kTaps; tap++) {
        const uint8_t* pixel = from[y][clamp(x + tap - kRadius, kWidth)];
        for (int c = 0; c < 4; c++) sums[c] += kWeights[tap] * pixel[c];
      }
      for (int c = 0; c < 4; c++) to[y][x][c] = (uint8_t)(sums[c] >> 8);
    }
  }
}

static void blur_columns(Picture from, Picture to) {
  for (int y = 0; y < kHeight; y++) {
    uint32_t sums[kWidth * 4];
    for (int i = 0; i < kWidth * 4; i++) sums[i] = 128;
    for (int tap = 0; tap < kTaps; tap++) {
      const uint8_t* row = (const uint8_t*)from[clamp(y + tap - kRadius, kHeight)];
      for (int i = 0; i < kWidth * 4; i++) sums[i] += kWeights[tap] * row[i];
    }
    uint8_t* out = (uint8_t*)to[y];
    for (int i = 0; i < kWidth * 4; i++) out[i] = (uint8_t)(sums[i] >> 8);
  }
}

int main(int argc, char** argv) {
  static Picture picture, spare;
  uint32_t rounds = kernel_rounds(argc, argv, 1200);
  Random random = {32};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 500; i++) {
      uint32_t y = random_below(&random, kHeight), x = random_below(&random, kWidth);
      for (int c = 0; c < 4; c++) picture[y][x][c] = (uint8_t)random_u32(&random);
    }
    blur_rows(picture, spare);
    blur_columns(spare, picture);
    sum = checksum_bytes(sum, picture[round % kHeight], sizeof(picture[0]));
  }
  return kernel_finish(checksum_bytes(sum, picture, sizeof(picture)));
}
