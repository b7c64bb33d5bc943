// A compressor and decompressor of the LZ77 family: matches found through chains of equal hashes,
// tokens of literals and copies as LZ4 has them.
#include "kernel.h"

enum { kSize = 65536, kHashBits = 13, kWindow = 32768, kMinimumMatch = 4, kLongestChain = 16 };

static const uint32_t kNone = UINT32_MAX;

static uint32_t heads[1 << kHashBits], previous[kWindow];

static uint32_t load(const uint8_t* at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t hash_of(const uint8_t* at) { return (load(at) * 2654435761u) >> (32 - kHashBits); }

static uint8_t* put_length(uint8_t* out, uint32_t length) {
  for (; length >= 255; length -= 255) *out++ = 255;
  *out++ = (uint8_t)length;
  return out;
}

static uint8_t* put_token(uint8_t* out, const uint8_t* literals, uint32_t count, uint32_t length,
                          uint32_t distance) {
  uint32_t extra = length > 0 ? length - kMinimumMatch : 0;
  *out++ = (uint8_t)((count < 15 ? count : 15) << 4 | (extra < 15 ? extra : 15));
  if (count >= 15) out = put_length(out, count - 15);
  memcpy(out, literals, count);
  out += count;
  if (length == 0) return out;
  *out++ = (uint8_t)distance;
  *out++ = (uint8_t)(distance >> 8);
  return extra >= 15 ? put_length(out, extra - 15) : out;
}

static void remember(const uint8_t* in, uint32_t at) {
  uint32_t hash = hash_of(in + at);
  previous[at % kWindow] = heads[hash];
  heads[hash] = at;
}

static uint32_t longest_match(const uint8_t* in, uint32_t at, uint32_t size, uint32_t* distance) {
  uint32_t best = kMinimumMatch - 1, candidate = heads[hash_of(in + at)];
  for (int i = 0; i < kLongestChain && candidate != kNone && at - candidate < kWindow; i++) {
    uint32_t length = 0;
    while (at + length < size && in[candidate + length] == in[at + length]) length++;
    if (length > best) {
      best = length;
      *distance = at - candidate;
    }
    candidate = previous[candidate % kWindow];
  }
  return best >= kMinimumMatch ? best : 0;
}

static uint32_t compress(const uint8_t* in, uint32_t size, uint8_t* start) {
  uint8_t* out = start;
  uint32_t literals = 0, at = 0, end = size - kMinimumMatch;
  memset(heads, 0xff, sizeof(heads));
  while (at < end) {
    uint32_t distance = 0, length = longest_match(in, at, size, &distance);
    if (length == 0) {
      remember(in, at++);
      continue;
    }
    out = put_token(out, in + literals, at - literals, length, distance);
    for (literals = at + length; at < literals && at < end; at++) remember(in, at);
    at = literals;
  }
  return (uint32_t)(put_token(out, in + literals, size - literals, 0, 0) - start);
}

static uint32_t get_length(const uint8_t** in, uint32_t length) {
  if (length < 15) return length;
  uint8_t more;
  do {
    more = *(*in)++;
    length += more;
  } while (more == 255);
  return length;
}

static uint32_t decompress(const uint8_t* in, uint32_t size, uint8_t* start) {
  const uint8_t* end = in + size;
  uint8_t* out = start;
  while (in < end) {
    uint8_t token = *in++;
    uint32_t count = get_length(&in, token >> 4);
    memcpy(out, in, count);
    in += count;
    out += count;
    if (in >= end) break;
    uint32_t distance = in[0] | (uint32_t)in[1] << 8;
    in += 2;
    uint32_t length = get_length(&in, token & 15) + kMinimumMatch;
    const uint8_t* from = out - distance;
    // Byte by byte, since the copy may overlap itself.
    for (uint32_t i = 0; i < length; i++) *out++ = *from++;
  }
  return (uint32_t)(out - start);
}

// Words of a small vocabulary, the frequent ones more often, between random bytes.
static void make_text(Random* random, uint8_t* text) {
  uint8_t words[256][8];
  for (int i = 0; i < 256; i++) {
    for (int j = 0; j < 8; j++) words[i][j] = (uint8_t)('a' + random_below(random, 26));
  }
  for (uint32_t at = 0; at < kSize;) {
    const uint8_t* word = words[random_below(random, 1 + random_below(random, 256))];
    uint32_t length = 2 + random_below(random, 7);
    for (uint32_t i = 0; i < length && at < kSize; i++) text[at++] = word[i];
    if (at < kSize) text[at++] = random_below(random, 9) > 0 ? ' ' : (uint8_t)random_u32(random);
  }
}

int main(int argc, char** argv) {
  static uint8_t text[kSize], packed[kSize + kSize / 128], unpacked[kSize];
  uint32_t rounds = kernel_rounds(argc, argv, 210);
  Random random = {16};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 16 == 0) make_text(&random, text);
    text[random_below(&random, kSize)]++;
    uint32_t size = compress(text, kSize, packed);
    sum = checksum_bytes(sum, packed, size);
    for (int i = 0; i < 4; i++) sum += decompress(packed, size, unpacked);
    if (memcmp(text, unpacked, kSize) != 0) return 1;
  }
  return kernel_finish(sum);
}
