// Heat in a block of uneven material: explicit steps of a seven-point stencil in double precision.
#include "kernel.h"

enum { kSide = 64 };

typedef double Grid[kSide][kSide][kSide];

static Grid temperature[2], diffusivity;

static void step(Grid from, Grid to, double dt) {
  for (int z = 1; z < kSide - 1; z++) {
    for (int y = 1; y < kSide - 1; y++) {
      for (int x = 1; x < kSide - 1; x++) {
        double center = from[z][y][x];
        double flow = from[z][y][x - 1] + from[z][y][x + 1] + from[z][y - 1][x] +
                      from[z][y + 1][x] + from[z - 1][y][x] + from[z + 1][y][x] - 6 * center;
        to[z][y][x] = center + dt * diffusivity[z][y][x] * flow;
      }
    }
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 1800);
  Random random = {8};
  for (int z = 0; z < kSide; z++) {
    for (int y = 0; y < kSide; y++) {
      for (int x = 0; x < kSide; x++) {
        temperature[0][z][y][x] = temperature[1][z][y][x] = random_below(&random, 1000);
        diffusivity[z][y][x] = 0.5 + random_double(&random);
      }
    }
  }
  for (uint32_t round = 0; round < rounds; round++) {
    step(temperature[round & 1], temperature[~round & 1], 0.1);
  }
  return kernel_finish(checksum_bytes(0, temperature, sizeof(temperature)));
}
