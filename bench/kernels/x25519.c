// Key exchange on Curve25519: the Montgomery ladder over field elements of sixteen limbs.
#include "kernel.h"

typedef int64_t Field[16];

// Brings every limb to 16 bits, and what overflows the highest back to the lowest.
static void carry(Field x) {
  for (int i = 0; i < 16; i++) {
    x[i] += 1 << 16;
    int64_t over = x[i] >> 16;
    if (i < 15) {
      x[i + 1] += over - 1;
    } else {
      x[0] += 38 * (over - 1);
    }
    x[i] -= over * 65536;
  }
}

// Swaps in constant time if `bit` is set.
static void swap_if(Field x, Field y, int bit) {
  int64_t mask = -(int64_t)bit;
  for (int i = 0; i < 16; i++) {
    int64_t difference = mask & (x[i] ^ y[i]);
    x[i] ^= difference;
    y[i] ^= difference;
  }
}

static void add(Field sum, const Field x, const Field y) {
  for (int i = 0; i < 16; i++) sum[i] = x[i] + y[i];
}

static void subtract(Field difference, const Field x, const Field y) {
  for (int i = 0; i < 16; i++) difference[i] = x[i] - y[i];
}

static void multiply(Field product, const Field x, const Field y) {
  int64_t t[31] = {0};
  for (int i = 0; i < 16; i++) {
    for (int j = 0; j < 16; j++) t[i + j] += x[i] * y[j];
  }
  for (int i = 0; i < 15; i++) t[i] += 38 * t[i + 16];
  memcpy(product, t, sizeof(Field));
  carry(product);
  carry(product);
}

static void square(Field product, const Field x) { multiply(product, x, x); }

// By Fermat: x^(p - 2).
static void invert(Field inverse, const Field x) {
  Field power;
  memcpy(power, x, sizeof(power));
  for (int bit = 253; bit >= 0; bit--) {
    square(power, power);
    if (bit != 2 && bit != 4) multiply(power, power, x);
  }
  memcpy(inverse, power, sizeof(power));
}

static void unpack(Field x, const uint8_t* bytes) {
  for (int i = 0; i < 16; i++) x[i] = bytes[2 * i] + ((int64_t)bytes[2 * i + 1] << 8);
  x[15] &= 0x7fff;
}

static void pack(uint8_t* bytes, const Field x) {
  Field t, reduced;
  memcpy(t, x, sizeof(t));
  for (int i = 0; i < 3; i++) carry(t);
  for (int pass = 0; pass < 2; pass++) {
    reduced[0] = t[0] - 0xffed;
    for (int i = 1; i < 15; i++) {
      reduced[i] = t[i] - 0xffff - ((reduced[i - 1] >> 16) & 1);
      reduced[i - 1] &= 0xffff;
    }
    reduced[15] = t[15] - 0x7fff - ((reduced[14] >> 16) & 1);
    int borrow = (int)((reduced[15] >> 16) & 1);
    reduced[14] &= 0xffff;
    swap_if(t, reduced, 1 - borrow);
  }
  for (int i = 0; i < 16; i++) {
    bytes[2 * i] = (uint8_t)t[i];
    bytes[2 * i + 1] = (uint8_t)(t[i] >> 8);
  }
}

static void multiply_point(uint8_t* result, const uint8_t* secret, const uint8_t* point) {
  static const Field k121665 = {0xdb41, 1};
  uint8_t scalar[32];
  Field x, a = {1}, b, c = {0}, d = {1}, e, f;
  memcpy(scalar, secret, sizeof(scalar));
  scalar[0] &= 248;
  scalar[31] = (uint8_t)((scalar[31] & 127) | 64);
  unpack(x, point);
  memcpy(b, x, sizeof(b));
  for (int i = 254; i >= 0; i--) {
    int bit = (scalar[i / 8] >> (i % 8)) & 1;
    swap_if(a, b, bit);
    swap_if(c, d, bit);
    add(e, a, c);
    subtract(a, a, c);
    add(c, b, d);
    subtract(b, b, d);
    square(d, e);
    square(f, a);
    multiply(a, c, a);
    multiply(c, b, e);
    add(e, a, c);
    subtract(a, a, c);
    square(b, a);
    subtract(c, d, f);
    multiply(a, c, k121665);
    add(a, a, d);
    multiply(c, c, a);
    multiply(a, d, f);
    multiply(d, b, x);
    square(b, e);
    swap_if(a, b, bit);
    swap_if(c, d, bit);
  }
  invert(c, c);
  multiply(a, a, c);
  pack(result, a);
}

int main(int argc, char** argv) {
  static const uint8_t kBase[32] = {9};
  uint32_t rounds = kernel_rounds(argc, argv, 170);
  uint8_t alice[32], bob[32], alices_key[32], bobs_key[32], shared[32], same[32];
  Random random = {30};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 32; i++) {
      alice[i] = (uint8_t)random_u32(&random);
      bob[i] = (uint8_t)random_u32(&random);
    }
    multiply_point(alices_key, alice, kBase);
    multiply_point(bobs_key, bob, kBase);
    multiply_point(shared, alice, bobs_key);
    multiply_point(same, bob, alices_key);
    if (memcmp(shared, same, sizeof(shared)) != 0) return 1;
    sum = checksum_bytes(sum, shared, sizeof(shared));
  }
  return kernel_finish(sum);
}
