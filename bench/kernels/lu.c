// Solves dense linear systems by LU factorization with partial pivoting.
#include "kernel.h"

enum { kSize = 128 };

typedef struct {
  double rows[kSize][kSize];
  int order[kSize];
} Matrix;

static double magnitude(double x) { return x < 0 ? -x : x; }

static int pivot_of(const Matrix* m, int column) {
  int best = column;
  for (int row = column + 1; row < kSize; row++) {
    if (magnitude(m->rows[row][column]) > magnitude(m->rows[best][column])) best = row;
  }
  return best;
}

static void swap_rows(Matrix* m, int x, int y) {
  for (int j = 0; j < kSize; j++) {
    double kept = m->rows[x][j];
    m->rows[x][j] = m->rows[y][j];
    m->rows[y][j] = kept;
  }
  int kept = m->order[x];
  m->order[x] = m->order[y];
  m->order[y] = kept;
}

static void factor(Matrix* m) {
  for (int i = 0; i < kSize; i++) m->order[i] = i;
  for (int k = 0; k < kSize; k++) {
    int pivot = pivot_of(m, k);
    if (pivot != k) swap_rows(m, k, pivot);
    double inverse = 1.0 / m->rows[k][k];
    for (int i = k + 1; i < kSize; i++) {
      double ratio = m->rows[i][k] * inverse;
      m->rows[i][k] = ratio;
      for (int j = k + 1; j < kSize; j++) m->rows[i][j] -= ratio * m->rows[k][j];
    }
  }
}

static void solve(const Matrix* m, const double* right, double* x) {
  for (int i = 0; i < kSize; i++) {
    double value = right[m->order[i]];
    for (int j = 0; j < i; j++) value -= m->rows[i][j] * x[j];
    x[i] = value;
  }
  for (int i = kSize - 1; i >= 0; i--) {
    double value = x[i];
    for (int j = i + 1; j < kSize; j++) value -= m->rows[i][j] * x[j];
    x[i] = value / m->rows[i][i];
  }
}

int main(int argc, char** argv) {
  static Matrix m;
  static double right[kSize], x[kSize];
  uint32_t rounds = kernel_rounds(argc, argv, 1600);
  Random random = {2};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < kSize; i++) {
      for (int j = 0; j < kSize; j++) m.rows[i][j] = random_double(&random) - 0.5;
      right[i] = random_double(&random);
    }
    factor(&m);
    for (int repeat = 0; repeat < 4; repeat++) {
      solve(&m, right, x);
      right[repeat] += x[repeat];
    }
    for (int i = 0; i < kSize; i++) sum = checksum_double(sum, x[i]);
  }
  return kernel_finish(sum);
}
