// Poly1305 message authentication with limbs of 26 bits.
#include "kernel.h"

typedef struct {
  uint32_t r[5], h[5], pad[4];
} Poly1305;

static uint32_t load(const uint8_t* at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void start(Poly1305* poly, const uint8_t* key) {
  poly->r[0] = load(key) & 0x3ffffff;
  poly->r[1] = (load(key + 3) >> 2) & 0x3ffff03;
  poly->r[2] = (load(key + 6) >> 4) & 0x3ffc0ff;
  poly->r[3] = (load(key + 9) >> 6) & 0x3f03fff;
  poly->r[4] = (load(key + 12) >> 8) & 0x00fffff;
  for (int i = 0; i < 5; i++) poly->h[i] = 0;
  for (int i = 0; i < 4; i++) poly->pad[i] = load(key + 16 + 4 * i);
}

static void add_block(Poly1305* poly, const uint8_t* block, uint32_t high_bit) {
  const uint32_t* r = poly->r;
  uint32_t* h = poly->h;
  uint64_t d[5], s1 = r[1] * 5, s2 = r[2] * 5, s3 = r[3] * 5, s4 = r[4] * 5;
  h[0] += load(block) & 0x3ffffff;
  h[1] += (load(block + 3) >> 2) & 0x3ffffff;
  h[2] += (load(block + 6) >> 4) & 0x3ffffff;
  h[3] += load(block + 9) >> 6;
  h[4] += (load(block + 12) >> 8) | high_bit;
  uint64_t h0 = h[0], h1 = h[1], h2 = h[2], h3 = h[3], h4 = h[4];
  d[0] = h0 * r[0] + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
  d[1] = h0 * r[1] + h1 * r[0] + h2 * s4 + h3 * s3 + h4 * s2;
  d[2] = h0 * r[2] + h1 * r[1] + h2 * r[0] + h3 * s4 + h4 * s3;
  d[3] = h0 * r[3] + h1 * r[2] + h2 * r[1] + h3 * r[0] + h4 * s4;
  d[4] = h0 * r[4] + h1 * r[3] + h2 * r[2] + h3 * r[1] + h4 * r[0];
  uint64_t carry = 0;
  for (int i = 0; i < 5; i++) {
    d[i] += carry;
    carry = d[i] >> 26;
    h[i] = (uint32_t)d[i] & 0x3ffffff;
  }
  h[0] += (uint32_t)carry * 5;
  h[1] += h[0] >> 26;
  h[0] &= 0x3ffffff;
}

static void finish(Poly1305* poly, uint32_t* tag) {
  uint32_t* h = poly->h;
  uint32_t carry = 0, reduced[5];
  for (int pass = 0; pass < 2; pass++) {
    for (int i = 0; i < 5; i++) {
      h[i] += carry;
      carry = h[i] >> 26;
      h[i] &= 0x3ffffff;
    }
    carry *= 5;
  }
  h[0] += carry;
  // h - p, taken if it is not negative.
  carry = 5;
  for (int i = 0; i < 5; i++) {
    reduced[i] = h[i] + carry;
    carry = reduced[i] >> 26;
    reduced[i] &= 0x3ffffff;
  }
  uint32_t mask = -carry;
  for (int i = 0; i < 5; i++) h[i] = (h[i] & ~mask) | (reduced[i] & mask);
  uint32_t words[4] = {h[0] | h[1] << 26, h[1] >> 6 | h[2] << 20, h[2] >> 12 | h[3] << 14,
                       h[3] >> 18 | h[4] << 8};
  uint64_t sum = 0;
  for (int i = 0; i < 4; i++) {
    sum += (uint64_t)words[i] + poly->pad[i];
    tag[i] = (uint32_t)sum;
    sum >>= 32;
  }
}

static void authenticate(const uint8_t* key, const uint8_t* bytes, size_t size, uint32_t* tag) {
  Poly1305 poly;
  start(&poly, key);
  for (; size >= 16; size -= 16, bytes += 16) add_block(&poly, bytes, 1 << 24);
  if (size > 0) {
    uint8_t block[16] = {0};
    memcpy(block, bytes, size);
    block[size] = 1;
    add_block(&poly, block, 0);
  }
  finish(&poly, tag);
}

int main(int argc, char** argv) {
  static uint8_t message[16384];
  uint8_t key[32];
  uint32_t rounds = kernel_rounds(argc, argv, 40000);
  Random random = {31};
  for (size_t i = 0; i < sizeof(message); i++) message[i] = (uint8_t)random_u32(&random);
  for (size_t i = 0; i < sizeof(key); i++) key[i] = (uint8_t)random_u32(&random);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t tag[4];
    authenticate(key, message, sizeof(message) - round % 512, tag);
    key[round % 32] ^= (uint8_t)tag[round % 4];
    for (int i = 0; i < 4; i++) sum = checksum_u64(sum, tag[i]);
  }
  return kernel_finish(sum);
}
