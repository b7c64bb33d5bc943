// UTF-8: validates byte by byte with a table of states, decodes to code points, writes UTF-16 and
// UTF-8 again; some texts are broken.
#include "kernel.h"

enum { kBytes = 32768 };

// Expected continuation bytes after a first byte and the range of the next byte; 0xff: no first
// byte.
static uint8_t following(uint8_t first, uint8_t* low, uint8_t* high) {
  *low = 0x80, *high = 0xbf;
  if (first < 0x80) return 0;
  if (first < 0xc2 || first > 0xf4) return 0xff;
  if (first < 0xe0) return 1;
  if (first == 0xe0) *low = 0xa0;
  if (first == 0xed) *high = 0x9f;
  if (first == 0xf0) *low = 0x90;
  if (first == 0xf4) *high = 0x8f;
  return first < 0xf0 ? 2 : 3;
}

// Decodes one code point; what is broken becomes U+FFFD, one for each byte that begins nothing.
static uint32_t decode(const uint8_t** at, const uint8_t* end) {
  uint8_t low, high, first = *(*at)++, count = following(first, &low, &high);
  if (count == 0) return first;
  if (count == 0xff) return 0xfffd;
  uint32_t point = first & (0x3fu >> count);
  for (; count > 0; count--) {
    if (*at >= end || **at < low || **at > high) return 0xfffd;
    point = point << 6 | (*(*at)++ & 0x3fu);
    low = 0x80, high = 0xbf;
  }
  return point;
}

static bool valid(const uint8_t* at, const uint8_t* end) {
  while (at < end) {
    uint8_t low, high, count = following(*at++, &low, &high);
    if (count == 0xff || end - at < count) return false;
    for (; count > 0; count--) {
      if (*at < low || *at > high) return false;
      at++;
      low = 0x80, high = 0xbf;
    }
  }
  return true;
}

static uint8_t* encode(uint8_t* out, uint32_t point) {
  if (point < 0x80) {
    *out++ = (uint8_t)point;
  } else if (point < 0x800) {
    *out++ = (uint8_t)(0xc0 | point >> 6);
    *out++ = (uint8_t)(0x80 | (point & 63));
  } else {
    if (point < 0x10000) {
      *out++ = (uint8_t)(0xe0 | point >> 12);
    } else {
      *out++ = (uint8_t)(0xf0 | point >> 18);
      *out++ = (uint8_t)(0x80 | ((point >> 12) & 63));
    }
    *out++ = (uint8_t)(0x80 | ((point >> 6) & 63));
    *out++ = (uint8_t)(0x80 | (point & 63));
  }
  return out;
}

static uint32_t to_utf16(const uint8_t* at, const uint8_t* end, uint16_t* out) {
  uint32_t count = 0;
  while (at < end) {
    uint32_t point = decode(&at, end);
    if (point >= 0x10000) {
      out[count++] = (uint16_t)(0xd800 + ((point - 0x10000) >> 10));
      point = 0xdc00 + (point & 0x3ff);
    }
    out[count++] = (uint16_t)point;
  }
  return count;
}

static uint32_t from_utf16(const uint16_t* units, uint32_t count, uint8_t* start) {
  uint8_t* out = start;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t point = units[i];
    if (point >= 0xd800 && point < 0xdc00 && i + 1 < count) {
      point = 0x10000 + ((point - 0xd800) << 10) + (units[++i] - 0xdc00u);
    }
    out = encode(out, point);
  }
  return (uint32_t)(out - start);
}

// Letters of several scripts, in stretches.
static uint32_t make_text(Random* random, uint8_t* text) {
  static const uint32_t kScripts[][2] = {{0x20, 95},  {0x20, 95},     {0xc0, 64},
                                         {0x410, 64}, {0x4e00, 2000}, {0x1f600, 60}};
  uint8_t* out = text;
  while (out - text < kBytes - 128) {
    const uint32_t* script = kScripts[random_below(random, 6)];
    for (uint32_t i = 1 + random_below(random, 30); i > 0; i--) {
      out = encode(out, script[0] + random_below(random, script[1]));
    }
  }
  return (uint32_t)(out - text);
}

int main(int argc, char** argv) {
  static uint8_t text[kBytes], again[3 * kBytes];
  static uint16_t units[kBytes];
  uint32_t rounds = kernel_rounds(argc, argv, 5700), size = 0;
  Random random = {49};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 32 == 0) size = make_text(&random, text);
    if (round % 2 == 1) text[random_below(&random, size)] ^= 0x40;
    bool whole = valid(text, text + size);
    uint32_t count = to_utf16(text, text + size, units);
    uint32_t bytes = from_utf16(units, count, again);
    if (whole && (bytes != size || memcmp(text, again, size) != 0)) return 1;
    sum = checksum_u64(sum + whole, (uint64_t)count << 32 | bytes);
    sum = checksum_bytes(sum, again + bytes / 2, 64);
  }
  return kernel_finish(sum);
}
