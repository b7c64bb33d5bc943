// Convolution by fast Fourier transforms of complex numbers in double precision.
#include <math.h>

#include "kernel.h"

enum { kSize = 2048 };

typedef struct {
  double re, im;
} Complex;

static Complex roots[kSize / 2];

static Complex times(Complex x, Complex y) {
  return (Complex){x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re};
}

// Roots of unity by halving angles, which needs nothing but square roots.
static void make_roots(void) {
  roots[0] = (Complex){1, 0};
  Complex root = {0, 1};
  for (int step = kSize / 4; step >= 1; step /= 2) {
    for (int i = step; i < kSize / 2; i += 2 * step) roots[i] = times(roots[i - step], root);
    double re = sqrt((1 + root.re) / 2);
    root = (Complex){re, root.im / (2 * re)};
  }
}

static void transform(Complex* x, bool back) {
  for (int i = 1, j = 0; i < kSize; i++) {
    int bit = kSize / 2;
    for (; j & bit; bit /= 2) j ^= bit;
    j |= bit;
    if (i < j) {
      Complex kept = x[i];
      x[i] = x[j];
      x[j] = kept;
    }
  }
  for (int half = 1; half < kSize; half *= 2) {
    int step = kSize / 2 / half;
    for (int start = 0; start < kSize; start += 2 * half) {
      for (int i = 0; i < half; i++) {
        Complex root = roots[i * step];
        if (back) root.im = -root.im;
        Complex even = x[start + i], odd = times(x[start + i + half], root);
        x[start + i] = (Complex){even.re + odd.re, even.im + odd.im};
        x[start + i + half] = (Complex){even.re - odd.re, even.im - odd.im};
      }
    }
  }
}

int main(int argc, char** argv) {
  static Complex signal[kSize], filter[kSize];
  uint32_t rounds = kernel_rounds(argc, argv, 12000);
  Random random = {40};
  make_roots();
  for (int i = 0; i < kSize; i++) {
    signal[i] = (Complex){random_double(&random) - 0.5, 0};
    filter[i] = (Complex){i < 16 ? 1.0 / 16 : 0, 0};
  }
  transform(filter, false);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    signal[round % kSize].re += 1;
    transform(signal, false);
    for (int i = 0; i < kSize; i++) signal[i] = times(signal[i], filter[i]);
    transform(signal, true);
    for (int i = 0; i < kSize; i++) {
      signal[i].re /= kSize;
      signal[i].im = 0;
    }
    sum = checksum_double(sum, signal[round % 100].re);
  }
  for (int i = 0; i < kSize; i++) sum = checksum_double(sum, signal[i].re);
  return kernel_finish(sum);
}
