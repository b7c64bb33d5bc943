// Dense matrix product C = αAB + βC in double precision, blocked for the cache.
#include "kernel.h"

enum { kSize = 192, kBlock = 48 };

static double a[kSize][kSize], b[kSize][kSize], c[kSize][kSize];

static int least(int x, int y) { return x < y ? x : y; }

static void multiply(double alpha, double beta) {
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) c[i][j] *= beta;
  }
  for (int kk = 0; kk < kSize; kk += kBlock) {
    for (int jj = 0; jj < kSize; jj += kBlock) {
      int k_end = least(kk + kBlock, kSize), j_end = least(jj + kBlock, kSize);
      for (int i = 0; i < kSize; i++) {
        for (int k = kk; k < k_end; k++) {
          double factor = alpha * a[i][k];
          for (int j = jj; j < j_end; j++) c[i][j] += factor * b[k][j];
        }
      }
    }
  }
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 430);
  Random random = {1};
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) {
      a[i][j] = random_double(&random) - 0.5;
      b[i][j] = random_double(&random) - 0.5;
    }
  }
  for (uint32_t round = 0; round < rounds; round++) {
    a[round % kSize][round % 7] += 0.25;
    multiply(0.75, 0.5);
  }
  uint64_t sum = 0;
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) sum = checksum_double(sum, c[i][j]);
  }
  return kernel_finish(sum);
}
