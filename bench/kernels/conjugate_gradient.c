// Solves a sparse system (Poisson's equation on a grid with irregular coefficients) by conjugate
// gradients; the matrix is in compressed rows.
#include "kernel.h"

enum { kSide = 96, kRows = kSide * kSide, kMaxEntries = 5 * kRows };

typedef struct {
  int32_t start[kRows + 1];
  int32_t column[kMaxEntries];
  double value[kMaxEntries];
} SparseMatrix;

static SparseMatrix matrix;
static double conductance[kSide + 1][kSide + 1];

static void add_entry(SparseMatrix* m, int32_t* count, int32_t column, double value) {
  m->column[*count] = column;
  m->value[*count] = value;
  ++*count;
}

static void assemble(SparseMatrix* m) {
  int32_t count = 0;
  for (int y = 0; y < kSide; y++) {
    for (int x = 0; x < kSide; x++) {
      int32_t row = y * kSide + x;
      double west = conductance[y][x], east = conductance[y][x + 1];
      double north = conductance[y][x] * 0.5, south = conductance[y + 1][x] * 0.5;
      m->start[row] = count;
      if (y > 0) add_entry(m, &count, row - kSide, -north);
      if (x > 0) add_entry(m, &count, row - 1, -west);
      add_entry(m, &count, row, west + east + north + south + 0.01);
      if (x + 1 < kSide) add_entry(m, &count, row + 1, -east);
      if (y + 1 < kSide) add_entry(m, &count, row + kSide, -south);
    }
  }
  m->start[kRows] = count;
}

static void multiply(const SparseMatrix* m, const double* x, double* product) {
  for (int32_t row = 0; row < kRows; row++) {
    double value = 0;
    for (int32_t i = m->start[row]; i < m->start[row + 1]; i++) {
      value += m->value[i] * x[m->column[i]];
    }
    product[row] = value;
  }
}

static double dot(const double* x, const double* y) {
  double sum = 0;
  for (int32_t i = 0; i < kRows; i++) sum += x[i] * y[i];
  return sum;
}

static void add_scaled(double* x, double factor, const double* y) {
  for (int32_t i = 0; i < kRows; i++) x[i] += factor * y[i];
}

// Returns the squared norm of what is left.
static double solve(const SparseMatrix* m, const double* right, double* x, uint32_t steps) {
  static double residual[kRows], direction[kRows], image[kRows];
  for (int32_t i = 0; i < kRows; i++) {
    x[i] = 0;
    residual[i] = direction[i] = right[i];
  }
  double norm = dot(residual, residual);
  for (uint32_t step = 0; step < steps && norm > 1e-20; step++) {
    multiply(m, direction, image);
    double length = norm / dot(direction, image);
    add_scaled(x, length, direction);
    add_scaled(residual, -length, image);
    double next = dot(residual, residual);
    double ratio = next / norm;
    for (int32_t i = 0; i < kRows; i++) direction[i] = residual[i] + ratio * direction[i];
    norm = next;
  }
  return norm;
}

int main(int argc, char** argv) {
  static double right[kRows], x[kRows];
  uint32_t rounds = kernel_rounds(argc, argv, 87);
  Random random = {3};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int y = 0; y <= kSide; y++) {
      for (int i = 0; i <= kSide; i++) conductance[y][i] = 0.5 + random_double(&random);
    }
    for (int32_t i = 0; i < kRows; i++) right[i] = random_double(&random) - 0.5;
    assemble(&matrix);
    sum = checksum_double(sum, solve(&matrix, right, x, 100));
    for (int32_t i = 0; i < kRows; i++) sum = checksum_double(sum, x[i]);
  }
  return kernel_finish(sum);
}
