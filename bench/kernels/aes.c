// AES-128 with tables, in counter mode; the tables are computed from the field.
#include "kernel.h"

enum { kRounds = 10 };

static uint8_t box[256];
static uint32_t mixed[4][256];

static uint8_t times_two(uint8_t x) { return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0)); }

static uint32_t rotate(uint32_t x, int by) { return (x << by) | (x >> (32 - by)); }

static uint8_t rotate_byte(uint8_t x, int by) { return (uint8_t)(x << by | x >> (8 - by)); }

static void make_tables(void) {
  uint8_t p = 1, q = 1;  // p · q is always 1
  do {
    p = p ^ times_two(p);
    q ^= (uint8_t)(q << 1);
    q ^= (uint8_t)(q << 2);
    q ^= (uint8_t)(q << 4);
    if (q & 0x80) q ^= 0x09;
    box[p] =
        q ^ rotate_byte(q, 1) ^ rotate_byte(q, 2) ^ rotate_byte(q, 3) ^ rotate_byte(q, 4) ^ 0x63;
  } while (p != 1);
  box[0] = 0x63;
  for (int i = 0; i < 256; i++) {
    uint32_t once = box[i], twice = times_two(box[i]);
    mixed[0][i] = twice << 24 | once << 16 | once << 8 | (once ^ twice);
    for (int t = 1; t < 4; t++) mixed[t][i] = rotate(mixed[t - 1][i], 24);
  }
}

static uint32_t substituted(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return (uint32_t)box[a >> 24] << 24 | (uint32_t)box[(b >> 16) & 255] << 16 |
         (uint32_t)box[(c >> 8) & 255] << 8 | box[d & 255];
}

static void expand_key(const uint32_t* key, uint32_t* schedule) {
  uint8_t constant = 1;
  memcpy(schedule, key, 16);
  for (int i = 4; i < 4 * (kRounds + 1); i++) {
    uint32_t word = schedule[i - 1];
    if (i % 4 == 0) {
      word = rotate(word, 8);
      word = substituted(word, word, word, word) ^ (uint32_t)constant << 24;
      constant = times_two(constant);
    }
    schedule[i] = schedule[i - 4] ^ word;
  }
}

static void encrypt_block(const uint32_t* schedule, const uint32_t* in, uint32_t* out) {
  uint32_t s[4], t[4];
  for (int i = 0; i < 4; i++) s[i] = in[i] ^ schedule[i];
  for (int round = 1; round < kRounds; round++) {
    for (int i = 0; i < 4; i++) {
      t[i] = mixed[0][s[i] >> 24] ^ mixed[1][(s[(i + 1) % 4] >> 16) & 255] ^
             mixed[2][(s[(i + 2) % 4] >> 8) & 255] ^ mixed[3][s[(i + 3) % 4] & 255] ^
             schedule[4 * round + i];
    }
    memcpy(s, t, sizeof(s));
  }
  for (int i = 0; i < 4; i++) {
    out[i] = substituted(s[i], s[(i + 1) % 4], s[(i + 2) % 4], s[(i + 3) % 4]) ^
             schedule[4 * kRounds + i];
  }
}

int main(int argc, char** argv) {
  static uint32_t message[4096];
  uint32_t rounds = kernel_rounds(argc, argv, 6600), schedule[4 * (kRounds + 1)];
  Random random = {28};
  make_tables();
  uint32_t key[4] = {0x2b7e1516, 0x28aed2a6, 0xabf71588, 0x09cf4f3c};
  uint32_t counter[4] = {1, 2, 3, 0};
  for (int i = 0; i < 4096; i++) message[i] = random_u32(&random);
  for (uint32_t round = 0; round < rounds; round++) {
    expand_key(key, schedule);
    for (int i = 0; i < 4096; i += 4) {
      uint32_t stream[4];
      counter[3]++;
      encrypt_block(schedule, counter, stream);
      for (int j = 0; j < 4; j++) message[i + j] ^= stream[j];
    }
    key[round % 4] ^= message[round % 4096];
  }
  uint64_t sum = 0;
  for (int i = 0; i < 4096; i++) sum = checksum_u64(sum, message[i]);
  return kernel_finish(sum);
}
