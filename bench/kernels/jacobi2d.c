// Jacobi iteration on a square plate in single precision: each point becomes the mean of its
// neighbours.
#include "kernel.h"

enum { kSide = 512 };

static float plates[2][kSide][kSide];

static void relax(float (*from)[kSide], float (*to)[kSide]) {
  for (int y = 1; y < kSide - 1; y++) {
    for (int x = 1; x < kSide - 1; x++) {
      to[y][x] =
          0.2f * (from[y][x] + from[y][x - 1] + from[y][x + 1] + from[y - 1][x] + from[y + 1][x]);
    }
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 3800);
  Random random = {4};
  for (int y = 0; y < kSide; y++) {
    for (int x = 0; x < kSide; x++) {
      plates[0][y][x] = plates[1][y][x] = (float)(random_u32(&random) >> 16);
    }
  }
  for (uint32_t round = 0; round < rounds; round++) relax(plates[round & 1], plates[~round & 1]);
  return kernel_finish(checksum_bytes(0, plates, sizeof(plates)));
}
