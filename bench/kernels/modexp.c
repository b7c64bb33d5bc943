// Modular exponentiation of large numbers, as RSA and Diffie-Hellman do it: Montgomery
// multiplication with limbs of 32 bits, four bits of the exponent at a time.
#include "kernel.h"

enum { kLimbs = 32 };

typedef struct {
  uint32_t limbs[kLimbs];  // least significant first
} Number;

static Number modulus;
static uint32_t inverse;  // -1/modulus mod 2^32

static bool at_least(const uint32_t* x, const uint32_t* y) {
  for (int i = kLimbs; i-- > 0;) {
    if (x[i] != y[i]) return x[i] > y[i];
  }
  return true;
}

static void subtract(uint32_t* x, const uint32_t* y) {
  uint64_t borrow = 0;
  for (int i = 0; i < kLimbs; i++) {
    uint64_t difference = (uint64_t)x[i] - y[i] - borrow;
    x[i] = (uint32_t)difference;
    borrow = difference >> 63;
  }
}

// x · y / 2^1024 mod modulus.
static void multiply(Number* product, const Number* x, const Number* y) {
  uint32_t t[kLimbs + 2] = {0};
  for (int i = 0; i < kLimbs; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < kLimbs; j++) {
      carry += (uint64_t)x->limbs[j] * y->limbs[i] + t[j];
      t[j] = (uint32_t)carry;
      carry >>= 32;
    }
    carry += t[kLimbs];
    t[kLimbs] = (uint32_t)carry;
    t[kLimbs + 1] = (uint32_t)(carry >> 32);
    uint32_t factor = t[0] * inverse;
    carry = ((uint64_t)factor * modulus.limbs[0] + t[0]) >> 32;
    for (int j = 1; j < kLimbs; j++) {
      carry += (uint64_t)factor * modulus.limbs[j] + t[j];
      t[j - 1] = (uint32_t)carry;
      carry >>= 32;
    }
    carry += t[kLimbs];
    t[kLimbs - 1] = (uint32_t)carry;
    t[kLimbs] = t[kLimbs + 1] + (uint32_t)(carry >> 32);
  }
  if (t[kLimbs] != 0 || at_least(t, modulus.limbs)) subtract(t, modulus.limbs);
  memcpy(product->limbs, t, sizeof(product->limbs));
}

// Doubles `times` times.
static void double_modulo(Number* x, int times) {
  for (; times > 0; times--) {
    uint32_t carry = 0;
    for (int i = 0; i < kLimbs; i++) {
      uint32_t limb = x->limbs[i];
      x->limbs[i] = limb << 1 | carry;
      carry = limb >> 31;
    }
    if (carry != 0 || at_least(x->limbs, modulus.limbs)) subtract(x->limbs, modulus.limbs);
  }
}

static void power(Number* result, const Number* base, const Number* exponent) {
  Number powers[16];
  memset(&powers[0], 0, sizeof(powers[0]));
  powers[0].limbs[0] = 1;
  double_modulo(&powers[0], 32 * kLimbs);
  powers[1] = *base;
  double_modulo(&powers[1], 32 * kLimbs);
  for (int i = 2; i < 16; i++) multiply(&powers[i], &powers[i - 1], &powers[1]);
  *result = powers[0];
  for (int bit = 32 * kLimbs - 4; bit >= 0; bit -= 4) {
    for (int i = 0; i < 4; i++) multiply(result, result, result);
    multiply(result, result, &powers[(exponent->limbs[bit / 32] >> (bit % 32)) & 15]);
  }
  Number one = {{1}};
  multiply(result, result, &one);
}

static Number random_number(Random* random) {
  Number number;
  for (int i = 0; i < kLimbs; i++) number.limbs[i] = random_u32(random);
  return number;
}

int main(int argc, char** argv) {
  uint32_t rounds = kernel_rounds(argc, argv, 300);
  Random random = {29};
  Number base = random_number(&random);
  base.limbs[kLimbs - 1] >>= 2;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    modulus = random_number(&random);
    modulus.limbs[0] |= 1;
    modulus.limbs[kLimbs - 1] |= 0x80000000u;
    inverse = 1;
    for (int i = 0; i < 5; i++) inverse *= 2 - modulus.limbs[0] * inverse;
    inverse = -inverse;
    Number exponent = random_number(&random), result;
    power(&result, &base, &exponent);
    sum = checksum_bytes(sum, &result, sizeof(result));
    base = result;
    base.limbs[kLimbs - 1] >>= 2;
  }
  return kernel_finish(sum);
}
