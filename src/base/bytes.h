// Byte views and little-endian access. `Bytes` never owns; the comment at each use says whose bytes
// they are.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wherry {

using Bytes = std::span<const uint8_t>;
using ByteVector = std::vector<uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Unaligned little-endian load; the caller has checked that sizeof(T) bytes are there.
template <typename T>
T load_le(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}
template <typename T>
void store_le(void* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

constexpr uint64_t align_up(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

// Lower-case hexadecimal, two characters a byte.
std::string to_hex(Bytes bytes);

// True if the bytes are well-formed UTF-8 as Unicode defines it (no surrogates, no overlong forms).
bool is_utf8(Bytes bytes);

}  // namespace wherry
