// Conway's Game of Life on a torus, a byte for each cell.
#include "kernel.h"

enum { kWidth = 320, kHeight = 240 };

static uint8_t worlds[2][kHeight][kWidth];

static void advance(uint8_t (*from)[kWidth], uint8_t (*to)[kWidth]) {
  for (int y = 0; y < kHeight; y++) {
    const uint8_t* above = from[(y + kHeight - 1) % kHeight];
    const uint8_t* here = from[y];
    const uint8_t* below = from[(y + 1) % kHeight];
    for (int x = 0; x < kWidth; x++) {
      int west = x > 0 ? x - 1 : kWidth - 1, east = x + 1 < kWidth ? x + 1 : 0;
      int neighbours = above[west] + above[x] + above[east] + here[west] + here[east] +
                       below[west] + below[x] + below[east];
      to[y][x] = neighbours == 3 || (neighbours == 2 && here[x]);
    }
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 2700);
  Random random = {9};
  for (int y = 0; y < kHeight; y++) {
    for (int x = 0; x < kWidth; x++) worlds[0][y][x] = random_below(&random, 3) == 0;
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    advance(worlds[round & 1], worlds[~round & 1]);
    sum = checksum_bytes(sum, worlds[~round & 1][round % kHeight], kWidth);
  }
  return kernel_finish(checksum_bytes(sum, worlds, sizeof(worlds)));
}
