// Base64: encodes with line breaks, decodes with a table, refuses what does not belong there.
#include "kernel.h"

enum { kBytes = 24000, kLine = 76 };

static const char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static int8_t values[256];  // -1: none, -2: white space

static uint32_t encode(const uint8_t* in, uint32_t size, char* out) {
  uint32_t at = 0, column = 0;
  for (uint32_t i = 0; i < size; i += 3) {
    uint32_t left = size - i;
    uint32_t group = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                     (left > 2 ? in[i + 2] : 0);
    out[at] = kLetters[group >> 18];
    out[at + 1] = kLetters[(group >> 12) & 63];
    out[at + 2] = left > 1 ? kLetters[(group >> 6) & 63] : '=';
    out[at + 3] = left > 2 ? kLetters[group & 63] : '=';
    at += 4;
    column += 4;
    if (column == kLine) {
      out[at++] = '\n';
      column = 0;
    }
  }
  return at;
}

// Returns the size, or UINT32_MAX if the text is broken.
static uint32_t decode(const char* in, uint32_t size, uint8_t* out) {
  uint32_t group = 0, bits = 0, used = 0, padding = 0;
  for (uint32_t i = 0; i < size; i++) {
    int8_t value = values[(uint8_t)in[i]];
    if (value == -2) continue;
    if (in[i] == '=') {
      padding++;
      continue;
    }
    if (value < 0 || padding > 0) return UINT32_MAX;
    group = group << 6 | (uint32_t)value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[used++] = (uint8_t)(group >> bits);
    }
  }
  return padding <= 2 && (used + padding) % 3 == 0 ? used : UINT32_MAX;
}

int main(int argc, char** argv) {
  static uint8_t bytes[kBytes], decoded[kBytes + 3];
  static char text[kBytes * 4 / 3 + kBytes / 50];
  uint32_t rounds = kernel_rounds(argc, argv, 7500);
  Random random = {50};
  memset(values, -1, sizeof(values));
  for (int i = 0; i < 64; i++) values[(uint8_t)kLetters[i]] = (int8_t)i;
  values[' '] = values['\n'] = -2;
  for (int i = 0; i < kBytes; i++) bytes[i] = (uint8_t)random_u32(&random);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t size = kBytes - round % 100, length = encode(bytes, size, text);
    if (round % 4 == 3) text[random_below(&random, length)] = '-';
    uint32_t result = decode(text, length, decoded);
    if (result != UINT32_MAX && memcmp(bytes, decoded, size) != 0) return 1;
    sum = checksum_u64(sum, (uint64_t)length << 32 | result);
    sum = checksum_bytes(sum, text + length / 2, 64);
    bytes[round % kBytes]++;
  }
  return kernel_finish(sum);
}
