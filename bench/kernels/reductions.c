// Statistics of columns of numbers: sums (plain, in four parts, compensated), products, extremes,
// variance, correlation, in double and single precision and in integers.
#include <math.h>

#include "kernel.h"

enum { kCount = 16384 };

static double x[kCount], y[kCount];
static float z[kCount];
static int32_t n[kCount];

static double sum_of(const double* v) {
  double sum = 0;
  for (int i = 0; i < kCount; i++) sum += v[i];
  return sum;
}

static double sum_in_parts(const double* v) {
  double a = 0, b = 0, c = 0, d = 0;
  for (int i = 0; i < kCount; i += 4) {
    a += v[i];
    b += v[i + 1];
    c += v[i + 2];
    d += v[i + 3];
  }
  return (a + b) + (c + d);
}

static double compensated_sum(const double* v) {
  double sum = 0, lost = 0;
  for (int i = 0; i < kCount; i++) {
    double term = v[i] - lost, next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  return sum;
}

static float dot(const float* v, const float* w) {
  float sum = 0;
  for (int i = 0; i < kCount; i++) sum += v[i] * w[kCount - 1 - i];
  return sum;
}

static double largest(const double* v) {
  double most = v[0];
  for (int i = 1; i < kCount; i++) most = v[i] > most ? v[i] : most;
  return most;
}

static double correlation(double mean_x, double mean_y) {
  double xx = 0, yy = 0, xy = 0;
  for (int i = 0; i < kCount; i++) {
    double dx = x[i] - mean_x, dy = y[i] - mean_y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xy / sqrt(xx * yy);
}

static uint64_t integers(void) {
  int64_t sum = 0, squares = 0;
  int32_t least = n[0], most = n[0];
  uint32_t bits = 0, odd = 0;
  for (int i = 0; i < kCount; i++) {
    sum += n[i];
    squares += (int64_t)n[i] * n[i];
    if (n[i] < least) least = n[i];
    if (n[i] > most) most = n[i];
    bits ^= (uint32_t)n[i];
    odd += n[i] & 1;
  }
  return (uint64_t)(sum + squares) + (uint32_t)(most - least) + bits + odd;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 3000);
  Random random = {41};
  for (int i = 0; i < kCount; i++) {
    x[i] = random_double(&random) * 100;
    y[i] = x[i] * 0.25 + random_double(&random);
    z[i] = (float)random_double(&random);
    n[i] = (int32_t)random_below(&random, 1000000);
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    x[round % kCount] += 1;
    n[round % kCount] ^= 1;
    z[round % kCount] *= 0.5f;
    double mean_x = sum_of(x) / kCount, mean_y = sum_in_parts(y) / kCount;
    sum = checksum_double(sum, mean_x + compensated_sum(y) + largest(x));
    sum = checksum_double(sum, correlation(mean_x, mean_y));
    sum = checksum_u64(sum, integers());
    sum = checksum_double(sum, dot(z, z));
  }
  return kernel_finish(sum);
}
