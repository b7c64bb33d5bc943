// Arithmetic and bit tricks on integers of all widths.
#include "library.h"

#define BOTH(name, expression)                      \
  EXPORT(name##_i32) u32 name##_i32(u32 a, u32 b) { \
    typedef u32 T;                                  \
    typedef i32 S;                                  \
    enum { W = 32 };                                \
    return (u32)(expression);                       \
  }                                                 \
  EXPORT(name##_i64) u64 name##_i64(u64 a, u64 b) { \
    typedef u64 T;                                  \
    typedef i64 S;                                  \
    enum { W = 64 };                                \
    return (u64)(expression);                       \
  }

#pragma clang diagnostic ignored "-Wunused-local-typedef"
BOTH(add, a + b)
BOTH(mul, a* b)
BOTH(divide, (S)a / (S)b)
BOTH(divide_unsigned, a / b)
BOTH(remainder, (S)a % (S)b)
BOTH(remainder_unsigned, a % b)
BOTH(by_seven, (S)a / 7 + (S)a % 1000 + (S)(a / 10) + (S)b / -3)
BOTH(shift, (a << (b & (W - 1))) ^ (a >> (b & (W - 1))) ^ (T)((S)a >> (b & (W - 1))))
BOTH(rotate, (a << (b & (W - 1)) | a >> (-b & (W - 1))) + (a << 7 | a >> (W - 7)))
BOTH(average, (a & b) + ((a ^ b) >> 1))
BOTH(smallest, ((S)a < (S)b ? a : b) ^ (a < b ? a : b) ^ ((S)a > (S)b ? b : a))
BOTH(saturated, a + b < a ? (T)-1 : a + b)
BOTH(sign, (T)(((S)a > 0) - ((S)a < 0)) * (T)(((S)b > 0) - ((S)b < 0)))
BOTH(narrow, (T)(S)(i8)a + (T)(S)(i16)b * 3 + (T)(S)(i32)(a ^ b) + (u8)b)
BOTH(compare, (a < b) | ((S)a < (S)b) << 1 | (a == b) << 2 | ((S)a >= 0) << 3 | (a > 5) << 4)
BOTH(reverse_bits,
     sizeof(T) == 4 ? __builtin_bitreverse32((u32)a) + b : __builtin_bitreverse64(a) + b)
BOTH(swap_bytes, sizeof(T) == 4 ? __builtin_bswap32((u32)a) + b : __builtin_bswap64(a) + b)
BOTH(gather_bits, ((a & b) * 0x01010101u) >> 24 ^ (a & -a) ^ (b & (b - 1)))

EXPORT(count_bits) u32 count_bits(u32 a, u64 b) {
  u32 zeros = (a ? (u32)__builtin_clz(a) : 32) + (b ? (u32)__builtin_ctzll(b) : 64) * 100;
  return zeros + (u32)__builtin_popcount(a) * 10000 + (u32)__builtin_popcountll(b) * 1000000;
}

EXPORT(wide_product) u64 wide_product(u64 a, u64 b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (u64)(product >> 64) ^ (u64)product;
}

EXPORT(power_modulo) u64 power_modulo(u64 base, u64 exponent, u32 modulus) {
  u64 result = 1;
  for (base %= modulus; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = result * base % modulus;
    base = base * base % modulus;
  }
  return result;
}

EXPORT(greatest_common_divisor) u64 greatest_common_divisor(u64 a, u64 b) {
  while (b != 0) {
    u64 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

EXPORT(square_root) u32 square_root(u64 n) {
  u64 root = 0;
  for (u64 bit = 1ull << 62; bit != 0; bit >>= 2) {
    if (n >= root + bit) {
      n -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  return (u32)root;
}

EXPORT(collatz) u32 collatz(u32 n) {
  u32 steps = 0;
  for (u64 value = n; value > 1 && steps < 2000; steps++) {
    value = value & 1 ? value * 3 + 1 : value / 2;
  }
  return steps;
}

EXPORT(is_prime) u32 is_prime(u32 n) {
  if (n < 2) return 0;
  for (u32 d = 2; (u64)d * d <= n; d++) {
    if (n % d == 0) return 0;
  }
  return 1;
}

// A switch that becomes a jump table, and one that becomes a tree.
EXPORT(dense_switch) i64 dense_switch(u32 selector, i64 value) {
  switch (selector % 23) {
    case 0: return value + 1;
    case 1: return value * 3;
    case 2: return -value;
    case 3: return value >> 3;
    case 4: return value << 5;
    case 5: return ~value;
    case 6: return value / 3;
    case 7: return value % 7;
    case 8: return value & 0xff;
    case 9: value ^= 0x55;
    case 10: return value | 0x100;
    case 12: return 12;
    case 13: return value == 0;
    case 15: return (i32)value;
    case 16: return (u8)value;
    default: return -1;
  }
}

EXPORT(sparse_switch) u32 sparse_switch(u32 selector) {
  switch (selector) {
    case 0: return 10;
    case 100: return 11;
    case 0x7fff: return 12;
    case 0x80000000u: return 13;
    case 0xffffffffu: return 14;
    case 0xfffffffeu: return 15;
    default: return selector > 0x10000 ? 1 : 2;
  }
}
