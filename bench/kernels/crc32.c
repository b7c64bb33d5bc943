// CRC-32 and Adler-32 of the same bytes: byte by byte with one table, and eight bytes at a time
// with eight.
#include "kernel.h"

static uint32_t tables[8][256];

static void make_tables(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
    tables[0][i] = crc;
  }
  for (int t = 1; t < 8; t++) {
    for (int i = 0; i < 256; i++) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 255];
    }
  }
}

static uint32_t crc_by_bytes(uint32_t crc, const uint8_t* bytes, size_t size) {
  crc = ~crc;
  for (size_t i = 0; i < size; i++) crc = (crc >> 8) ^ tables[0][(crc ^ bytes[i]) & 255];
  return ~crc;
}

static uint32_t load(const uint8_t* at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t crc_by_eights(uint32_t crc, const uint8_t* bytes, size_t size) {
  crc = ~crc;
  for (; size >= 8; size -= 8, bytes += 8) {
    uint32_t low = load(bytes) ^ crc, high = load(bytes + 4);
    crc = tables[7][low & 255] ^ tables[6][(low >> 8) & 255] ^ tables[5][(low >> 16) & 255] ^
          tables[4][low >> 24] ^ tables[3][high & 255] ^ tables[2][(high >> 8) & 255] ^
          tables[1][(high >> 16) & 255] ^ tables[0][high >> 24];
  }
  return crc_by_bytes(~crc, bytes, size);
}

static uint32_t adler(uint32_t sum, const uint8_t* bytes, size_t size) {
  uint32_t a = sum & 0xffff, b = sum >> 16;
  while (size > 0) {
    // As many bytes as cannot overflow 32 bits.
    size_t part = size < 5552 ? size : 5552;
    for (size_t i = 0; i < part; i++) {
      a += bytes[i];
      b += a;
    }
    a %= 65521, b %= 65521;
    bytes += part, size -= part;
  }
  return b << 16 | a;
}

int main(int argc, char** argv) {
  static uint8_t bytes[65536];
  uint32_t rounds = kernel_rounds(argc, argv, 4500);
  Random random = {15};
  for (size_t i = 0; i < sizeof(bytes); i++) bytes[i] = (uint8_t)random_u32(&random);
  make_tables();
  uint32_t slow = 0, fast = 0, sum = 1;
  uint64_t total = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    uint32_t start = round % 64, quarter = sizeof(bytes) / 4;
    slow = crc_by_bytes(slow, bytes + start, quarter - start);
    fast = crc_by_eights(fast, bytes + start, sizeof(bytes) - start);
    sum = adler(sum, bytes + start, sizeof(bytes) - start);
    bytes[round % sizeof(bytes)] ^= (uint8_t)fast;
    total = checksum_u64(total, (uint64_t)slow << 32 | fast) + sum;
  }
  return kernel_finish(total);
}
