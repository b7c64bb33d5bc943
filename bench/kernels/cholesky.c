// Least squares by the normal equations: AᵀA, its Cholesky factor, and two triangular solutions.
#include <math.h>

#include "kernel.h"

enum { kRows = 160, kColumns = 96 };

static double a[kRows][kColumns], gram[kColumns][kColumns];

static void form_gram(void) {
  for (int i = 0; i < kColumns; i++) {
    for (int j = 0; j <= i; j++) gram[i][j] = i == j ? 1e-6 : 0;
  }
  for (int row = 0; row < kRows; row++) {
    for (int i = 0; i < kColumns; i++) {
      for (int j = 0; j <= i; j++) gram[i][j] += a[row][i] * a[row][j];
    }
  }
}

static void factor(void) {
  for (int i = 0; i < kColumns; i++) {
    for (int j = 0; j < i; j++) {
      double value = gram[i][j];
      for (int k = 0; k < j; k++) value -= gram[i][k] * gram[j][k];
      gram[i][j] = value / gram[j][j];
    }
    double diagonal = gram[i][i];
    for (int k = 0; k < i; k++) diagonal -= gram[i][k] * gram[i][k];
    gram[i][i] = sqrt(diagonal);
  }
}

static void solve(double* x) {
  for (int i = 0; i < kColumns; i++) {
    for (int k = 0; k < i; k++) x[i] -= gram[i][k] * x[k];
    x[i] /= gram[i][i];
  }
  for (int i = kColumns - 1; i >= 0; i--) {
    for (int k = i + 1; k < kColumns; k++) x[i] -= gram[k][i] * x[k];
    x[i] /= gram[i][i];
  }
}

int main(int argc, char** argv) {
  static double right[kRows], x[kColumns];
  uint32_t rounds = kernel_rounds(argc, argv, 1600);
  Random random = {7};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int row = 0; row < kRows; row++) {
      for (int i = 0; i < kColumns; i++) a[row][i] = random_double(&random) - 0.5;
      right[row] = random_double(&random);
    }
    for (int i = 0; i < kColumns; i++) x[i] = 0;
    for (int row = 0; row < kRows; row++) {
      for (int i = 0; i < kColumns; i++) x[i] += a[row][i] * right[row];
    }
    form_gram();
    factor();
    solve(x);
    for (int i = 0; i < kColumns; i++) sum = checksum_double(sum, x[i]);
  }
  return kernel_finish(sum);
}
