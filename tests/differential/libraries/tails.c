// Tail calls whose arguments change places: in registers and beyond, of every type, through names and
// through tables.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define TAIL __attribute__((musttail)) return

typedef uint64_t (*Wide)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                         uint64_t, uint64_t, uint64_t);
static uint64_t left(uint64_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                     uint64_t f, uint64_t g, uint64_t h, uint64_t i);
static uint64_t right(uint64_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                      uint64_t f, uint64_t g, uint64_t h, uint64_t i);
static const volatile Wide both[2] = {left, right};

static uint64_t left(uint64_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                     uint64_t f, uint64_t g, uint64_t h, uint64_t i) {
  if (n == 0) return a ^ 3 * b ^ 5 * c ^ 7 * d ^ 11 * e ^ 13 * f ^ 17 * g ^ 19 * h ^ 23 * i;
  TAIL both[n & 1](n - 1, a * 3 + 1, b + a, c ^ d, d + 1, e * 5, i, g + n, f, h);
}

static uint64_t right(uint64_t n, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                      uint64_t f, uint64_t g, uint64_t h, uint64_t i) {
  if (n == 0) return a + b + c + d + e + f + g + h + i;
  TAIL left(n - 1, i, h, g, f, e, d * 7, c, b, a);
}

EXPORT(wide) uint64_t wide(uint32_t n, uint64_t x, uint64_t y) {
  return left(n % 50000, x, y, 1, 2, 3, 4, 5, 6, 7);
}

static double mixed(uint32_t n, double a, float b, double c, int32_t d, double e, float f, double g,
                    int64_t h, double i, double j, float k, int32_t l, int64_t m, int32_t o,
                    int32_t p) {
  if (n == 0) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * (double)h + 9 * i + 10 * j +
           11 * k + 12 * l + 13 * (double)m + 14 * o + 15 * p;
  }
  TAIL mixed(n - 1, j, k, i, p, g, b, e, m, c, a, f, o, h + 1, l - 1, d);
}

// Of integers, since unoptimized code keeps numbers in memory: no NaN may be among them (plan.h).
EXPORT(mixed) double mixed_of(uint32_t n, int64_t x, int32_t y, int32_t z) {
  return mixed(n % 1000, (double)x, (float)y, 1, z, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
}

EXPORT(sum) uint32_t sum(uint32_t n, uint32_t x) {
  static uint32_t total;
  total += x;
  if (n % 64 == 0) return total;
  TAIL sum(n - 1, x * 17);
}
