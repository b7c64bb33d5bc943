// SipHash-2-4 of short strings, as hash tables and message authentication use it.
#include "kernel.h"

typedef struct {
  uint64_t v0, v1, v2, v3;
} State;

static uint64_t rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

static void mix(State* s) {
  s->v0 += s->v1, s->v1 = rotate(s->v1, 13) ^ s->v0, s->v0 = rotate(s->v0, 32);
  s->v2 += s->v3, s->v3 = rotate(s->v3, 16) ^ s->v2;
  s->v0 += s->v3, s->v3 = rotate(s->v3, 21) ^ s->v0;
  s->v2 += s->v1, s->v1 = rotate(s->v1, 17) ^ s->v2, s->v2 = rotate(s->v2, 32);
}

static void absorb(State* s, uint64_t word) {
  s->v3 ^= word;
  mix(s);
  mix(s);
  s->v0 ^= word;
}

static uint64_t load(const uint8_t* at, size_t size) {
  uint64_t word = 0;
  for (size_t i = 0; i < size; i++) word |= (uint64_t)at[i] << (8 * i);
  return word;
}

static uint64_t siphash(const uint64_t key[2], const uint8_t* bytes, size_t size) {
  State s = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
             key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
  size_t at = 0;
  for (; at + 8 <= size; at += 8) absorb(&s, load(bytes + at, 8));
  absorb(&s, load(bytes + at, size - at) | (uint64_t)size << 56);
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; i++) mix(&s);
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

int main(int argc, char** argv) {
  static uint8_t text[8192];
  uint32_t rounds = kernel_rounds(argc, argv, 43000);
  Random random = {13};
  for (size_t i = 0; i < sizeof(text); i++) text[i] = (uint8_t)random_u32(&random);
  uint64_t key[2] = {random_u64(&random), random_u64(&random)};
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t at = 0; at + 64 <= sizeof(text);) {
      uint32_t size = 5 + (uint32_t)(key[0] % 43);
      key[0] ^= siphash(key, text + at, size);
      at += size;
    }
    key[1]++;
  }
  return kernel_finish(key[0]);
}
