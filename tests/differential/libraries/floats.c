// Arithmetic, comparisons, rounding and conversions of floats.
#include "library.h"

#define BOTH(name, parameters32, parameters64, expression) \
  EXPORT(name##_f32) f32 name##_f32 parameters32 {         \
    typedef f32 T;                                         \
    return (T)(expression);                                \
  }                                                        \
  EXPORT(name##_f64) f64 name##_f64 parameters64 {         \
    typedef f64 T;                                         \
    return (T)(expression);                                \
  }
#define BINARY(name, expression) BOTH(name, (f32 a, f32 b), (f64 a, f64 b), expression)
#define TERNARY(name, expression) \
  BOTH(name, (f32 a, f32 b, f32 c), (f64 a, f64 b, f64 c), expression)

BINARY(add, a + b)
BINARY(subtract, a - b)
BINARY(multiply, a* b)
BINARY(divide, a / b)
BINARY(minimum, sizeof(T) == 4 ? __builtin_fminf((f32)a, (f32)b) : a < b ? a : b)
BINARY(choose, a < b ? a : b > 0 ? b : a != a ? (T)1 : -a)
BINARY(halves, a / 2 + b * (T)0.5 - a / 3 - b / 10)
BINARY(nothing_folded, (a + b) - b + a * 0 - (0 - a) + (a - 0))
TERNARY(multiply_add, a* b + c)
TERNARY(difference_of_products, a* b - c * a + b * c)
TERNARY(horner, ((a * b + 2) * b + c) * b - 1)
BOTH(square_root, (f32 a), (f64 a), sizeof(T) == 4 ? __builtin_sqrtf((f32)a) : __builtin_sqrt(a))
BOTH(round_all, (f32 a), (f64 a),
     sizeof(T) == 4 ? __builtin_floorf((f32)a) + __builtin_ceilf((f32)a) * 2 +
                          __builtin_truncf((f32)a) * 3 + __builtin_rintf((f32)a) * 5
                    : __builtin_floor(a) + __builtin_ceil(a) * 2 + __builtin_trunc(a) * 3 +
                          __builtin_rint(a) * 5)
BOTH(magnitude, (f32 a, f32 b), (f64 a, f64 b),
     sizeof(T) == 4 ? __builtin_copysignf(__builtin_fabsf((f32)a), (f32)b)
                    : __builtin_copysign(__builtin_fabs(a), b))

// The instructions that trap, and those that saturate.
#define TRUNCATE(to, from, sign, width)                                     \
  EXPORT(to##_of_##from) to to##_of_##from(from a) {                        \
    return (to)__builtin_wasm_trunc_##sign##_i##width##_##from(a);          \
  }                                                                         \
  EXPORT(to##_near_##from) to to##_near_##from(from a) {                    \
    return (to)__builtin_wasm_trunc_saturate_##sign##_i##width##_##from(a); \
  }
TRUNCATE(i32, f32, s, 32)
TRUNCATE(i32, f64, s, 32)
TRUNCATE(u32, f32, u, 32)
TRUNCATE(u32, f64, u, 32)
TRUNCATE(i64, f32, s, 64)
TRUNCATE(i64, f64, s, 64)
TRUNCATE(u64, f32, u, 64)
TRUNCATE(u64, f64, u, 64)

#define CONVERT(name, from, to) \
  EXPORT(name) to name(from a) { return (to)a; }
CONVERT(f32_of_i32, i32, f32)
CONVERT(f32_of_u32, u32, f32)
CONVERT(f32_of_i64, i64, f32)
CONVERT(f32_of_u64, u64, f32)
CONVERT(f64_of_i32, i32, f64)
CONVERT(f64_of_u32, u32, f64)
CONVERT(f64_of_i64, i64, f64)
CONVERT(f64_of_u64, u64, f64)
CONVERT(f32_of_f64, f64, f32)
CONVERT(f64_of_f32, f32, f64)

EXPORT(compare_f32) u32 compare_f32(f32 a, f32 b) {
  return (a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4 | (a != b) << 5 |
         !(a < b) << 6 | (a == a) << 7 | __builtin_isless(a, b) << 8;
}
EXPORT(compare_f64) u32 compare_f64(f64 a, f64 b) {
  u32 bits = (a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4;
  return a != b ? bits | 1 << 5 : !(a >= b) ? bits | 1 << 6 : bits;
}

// The bits of an argument are specified.
EXPORT(exponent_of) i32 exponent_of(f64 a) {
  union {
    f64 value;
    u64 bits;
  } parts = {a};
  return (i32)(parts.bits >> 52 & 0x7ff) - 1023;
}
EXPORT(next_float) f32 next_float(u32 bits) {
  union {
    u32 bits;
    f32 value;
  } parts = {(bits & 0x7f7fffff) + 1};
  return parts.value;
}

EXPORT(exponential) f64 exponential(f64 x) {
  f64 term = 1, sum = 1;
  for (i32 i = 1; i < 60; i++) {
    term *= x / i;
    sum += term;
  }
  return sum;
}

EXPORT(mandelbrot) u32 mandelbrot(f64 re, f64 im) {
  f64 x = 0, y = 0;
  u32 i = 0;
  for (; i < 500 && x * x + y * y <= 4; i++) {
    f64 next = x * x - y * y + re;
    y = 2 * x * y + im;
    x = next;
  }
  return i;
}

// Sums whose order must not change.
EXPORT(sum_of_squares) f64 sum_of_squares(f64 start, f32 step, u32 count) {
  f64 sum = 0;
  f32 small = 0;
  for (u32 i = up_to(count, 1000); i > 0; i--) {
    sum += start * start;
    small += step * (f32)i;
    start += step;
  }
  return sum + small;
}

EXPORT(matrix) f64 matrix(u32 size, f32 seed) {
  static f32 a[16][16], b[16][16], c[16][16];
  size = up_to(size, 16);
  if (seed != seed) seed = 1;  // no NaN into memory
  for (u32 i = 0; i < 16; i++) {
    for (u32 j = 0; j < 16; j++) {
      a[i][j] = (f32)(i * 3 + j) - 20;
      b[i][j] = (f32)(i ^ j) * (seed > 1e6f || seed < -1e6f ? 2 : seed);
      c[i][j] = 0;
    }
  }
  f64 trace = 0;
  for (u32 i = 0; i < size; i++) {
    for (u32 k = 0; k < size; k++) {
      for (u32 j = 0; j < size; j++) c[i][j] += a[i][k] * b[k][j];
    }
  }
  for (u32 i = 0; i < size; i++) trace += c[i][i];
  return trace;
}
