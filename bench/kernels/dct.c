// The heart of a JPEG coder: integer DCT of blocks, quantization, zigzag runs, and the way back.
#include "kernel.h"

enum { kSide = 8, kBlocks = 256, kBits = 13 };

typedef int32_t Block[kSide][kSide];

// cos((2x + 1)uπ/16)/2, u = 0 by √½, with 13 bits after the point.
static const int32_t kCosines[kSide][kSide] = {{2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896},
                                               {4017, 3406, 2276, 799, -799, -2276, -3406, -4017},
                                               {3784, 1567, -1567, -3784, -3784, -1567, 1567, 3784},
                                               {3406, -799, -4017, -2276, 2276, 4017, 799, -3406},
                                               {2896, -2896, -2896, 2896, 2896, -2896, -2896, 2896},
                                               {2276, -4017, 799, 3406, -3406, -799, 4017, -2276},
                                               {1567, -3784, 3784, -1567, -1567, 3784, -3784, 1567},
                                               {799, -2276, 3406, -4017, 4017, -3406, 2276, -799}};

static int32_t rounded(int32_t value) { return (value + (1 << (kBits - 1))) >> kBits; }

static void transform(Block block) {
  Block half;
  for (int y = 0; y < kSide; y++) {
    for (int u = 0; u < kSide; u++) {
      int32_t sum = 0;
      for (int x = 0; x < kSide; x++) sum += block[y][x] * kCosines[u][x];
      half[y][u] = rounded(sum);
    }
  }
  for (int v = 0; v < kSide; v++) {
    for (int u = 0; u < kSide; u++) {
      int32_t sum = 0;
      for (int y = 0; y < kSide; y++) sum += half[y][u] * kCosines[v][y];
      block[v][u] = rounded(sum);
    }
  }
}

static void transform_back(Block block) {
  Block half;
  for (int v = 0; v < kSide; v++) {
    for (int x = 0; x < kSide; x++) {
      int32_t sum = 0;
      for (int u = 0; u < kSide; u++) sum += block[v][u] * kCosines[u][x];
      half[v][x] = rounded(sum);
    }
  }
  for (int y = 0; y < kSide; y++) {
    for (int x = 0; x < kSide; x++) {
      int32_t sum = 0;
      for (int v = 0; v < kSide; v++) sum += half[v][x] * kCosines[v][y];
      block[y][x] = rounded(sum);
    }
  }
}

static int32_t step_of(int v, int u, int quality) { return 3 + (v + u + 1) * quality; }

// Runs of zeros and values in zigzag order, as pairs of bytes.
static uint32_t pack(Block block, const uint8_t* order, int quality, int8_t* out) {
  uint32_t count = 0;
  int8_t zeros = 0;
  for (int i = 0; i < kSide * kSide; i++) {
    int v = order[i] / kSide, u = order[i] % kSide;
    int32_t level = block[v][u] / step_of(v, u, quality);
    if (level == 0) {
      zeros++;
      continue;
    }
    out[count++] = zeros;
    out[count++] = (int8_t)(level > 127 ? 127 : level < -127 ? -127 : level);
    zeros = 0;
  }
  return count;
}

static void unpack(Block block, const uint8_t* order, int quality, const int8_t* in,
                   uint32_t count) {
  memset(block, 0, sizeof(Block));
  int at = 0;
  for (uint32_t i = 0; i < count; i += 2) {
    at += in[i];
    int v = order[at] / kSide, u = order[at] % kSide;
    block[v][u] = in[i + 1] * step_of(v, u, quality);
    at++;
  }
}

static void make_order(uint8_t* order) {
  int at = 0;
  for (int diagonal = 0; diagonal < 2 * kSide - 1; diagonal++) {
    for (int i = 0; i <= diagonal; i++) {
      int v = diagonal % 2 ? i : diagonal - i, u = diagonal - v;
      if (v < kSide && u < kSide) order[at++] = (uint8_t)(v * kSide + u);
    }
  }
}

int main(int argc, char** argv) {
  static Block blocks[kBlocks];
  uint8_t order[kSide * kSide];
  int8_t packed[2 * kSide * kSide];
  uint32_t rounds = kernel_rounds(argc, argv, 3100);
  Random random = {34};
  make_order(order);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < kBlocks; i++) {
      int32_t slope = (int32_t)random_below(&random, 16) - 8;
      if (round % 8 == 0) {
        for (int p = 0; p < kSide * kSide; p++) {
          blocks[i][p / kSide][p % kSide] =
              slope * (p % kSide + p / kSide) + (int32_t)random_below(&random, 32) - 16;
        }
      }
      transform(blocks[i]);
      uint32_t count = pack(blocks[i], order, 1 + (int)(round % 8), packed);
      sum = checksum_bytes(sum, packed, count);
      unpack(blocks[i], order, 1 + (int)(round % 8), packed, count);
      transform_back(blocks[i]);
    }
  }
  return kernel_finish(checksum_bytes(sum, blocks, sizeof(blocks)));
}
