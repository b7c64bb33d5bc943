// ChaCha20: encrypts messages of many lengths in place.
#include "kernel.h"

typedef struct {
  uint32_t words[16];
} State;

static uint32_t rotate(uint32_t x, int by) { return (x << by) | (x >> (32 - by)); }

static void quarter_round(uint32_t* x, int a, int b, int c, int d) {
  x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 16);
  x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 12);
  x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 8);
  x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 7);
}

static void next_block(State* state, uint8_t* block) {
  uint32_t x[16];
  memcpy(x, state->words, sizeof(x));
  for (int i = 0; i < 10; i++) {
    quarter_round(x, 0, 4, 8, 12);
    quarter_round(x, 1, 5, 9, 13);
    quarter_round(x, 2, 6, 10, 14);
    quarter_round(x, 3, 7, 11, 15);
    quarter_round(x, 0, 5, 10, 15);
    quarter_round(x, 1, 6, 11, 12);
    quarter_round(x, 2, 7, 8, 13);
    quarter_round(x, 3, 4, 9, 14);
  }
  for (int i = 0; i < 16; i++) {
    uint32_t word = x[i] + state->words[i];
    for (int j = 0; j < 4; j++) block[4 * i + j] = (uint8_t)(word >> (8 * j));
  }
  state->words[12]++;
}

static void encrypt_message(const uint32_t key[8], const uint32_t nonce[3], uint8_t* bytes,
                            size_t size) {
  State state = {{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1], key[2], key[3],
                  key[4], key[5], key[6], key[7], 1, nonce[0], nonce[1], nonce[2]}};
  uint8_t block[64];
  while (size > 0) {
    size_t part = size < sizeof(block) ? size : sizeof(block);
    next_block(&state, block);
    for (size_t i = 0; i < part; i++) bytes[i] ^= block[i];
    bytes += part;
    size -= part;
  }
}

int main(int argc, char** argv) {
  static uint8_t message[16384];
  uint32_t rounds = kernel_rounds(argc, argv, 15000);
  Random random = {27};
  uint32_t key[8], nonce[3] = {0, 1, 2};
  for (int i = 0; i < 8; i++) key[i] = random_u32(&random);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    nonce[0] = round;
    encrypt_message(key, nonce, message, sizeof(message) - round % 1000);
    sum = checksum_bytes(sum, message, 64);
  }
  return kernel_finish(checksum_bytes(sum, message, sizeof(message)));
}
