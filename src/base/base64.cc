#include "base/base64.h"

#include <array>

namespace wherry {

namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNone = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kNone);
  for (uint8_t i = 0; i < 64; i++) values[static_cast<uint8_t>(kAlphabet[i])] = i;
  return values;
}
constexpr std::array<uint8_t, 256> kValues = make_values();

}  // namespace

std::string encode_base64(Bytes bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    size_t have = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = uint32_t{bytes[i]} << 16;
    if (have > 1) group |= uint32_t{bytes[i + 1]} << 8;
    if (have > 2) group |= bytes[i + 2];
    out.push_back(kAlphabet[group >> 18]);
    out.push_back(kAlphabet[group >> 12 & 63]);
    out.push_back(have > 1 ? kAlphabet[group >> 6 & 63] : '=');
    out.push_back(have > 2 ? kAlphabet[group & 63] : '=');
  }
  return out;
}

Result<ByteVector> decode_base64(std::string_view text, uint64_t limit_bytes) {
  if (text.size() % 4 != 0) {
    return make_error(ErrorKind::kInvalid,
                      "base64 text of {} characters: the length must be a multiple of 4",
                      text.size());
  }
  size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  uint64_t size_bytes = text.size() / 4 * 3 - padding;
  if (size_bytes > limit_bytes) {
    return make_error(ErrorKind::kLimit, "base64 text holds {} bytes, more than the limit of {}",
                      size_bytes, limit_bytes);
  }
  ByteVector out;
  out.reserve(size_bytes);
  size_t digits = text.size() - padding;
  uint32_t group = 0;
  for (size_t i = 0; i < digits; i++) {
    uint8_t value = kValues[static_cast<uint8_t>(text[i])];
    if (value == kNone) {
      return make_error(ErrorKind::kInvalid, "byte 0x{:02x} at offset {} is not a base64 character",
                        static_cast<uint8_t>(text[i]), i);
    }
    group = group << 6 | value;
    // The first digit of a group completes no byte, each of the other three completes one.
    if (i % 4 != 0) out.push_back(static_cast<uint8_t>(group >> (6 - 2 * (i % 4))));
  }
  uint32_t unused_bits = padding == 2 ? group & 15 : padding == 1 ? group & 3 : 0;
  if (unused_bits != 0) {
    return make_error(ErrorKind::kInvalid, "base64 text ends in bits that belong to no byte");
  }
  return out;
}

}  // namespace wherry
