// Reads numbers off a span of bytes that nobody vouches for: past the end, or past 64 bits, the
// cursor is bad from then on and every further read gives zero. For formats in which "something is
// wrong here" is all that one needs to know; wasm::Reader says what and where.
#pragma once

#include "base/bytes.h"

namespace wherry {

class ByteCursor {
 public:
  explicit ByteCursor(Bytes bytes) : bytes_(bytes) {}
  // From `position` on; bad if that is past the end.
  ByteCursor(Bytes bytes, uint64_t position) : bytes_(bytes) { take(position); }

  bool at_end() const { return position_ >= bytes_.size(); }  // also when bad
  bool is_bad() const { return bad_; }
  size_t position() const { return position_; }
  const uint8_t* pointer() const { return bytes_.data() + position_; }

  template <typename T>
  T read() {
    if (bytes_.size() - position_ < sizeof(T)) return fail<T>();
    T value = load_le<T>(bytes_.data() + position_);
    position_ += sizeof(T);
    return value;
  }
  uint64_t uleb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto byte = read<uint8_t>();
      value |= uint64_t{byte & 0x7fu} << shift;
      if (!(byte & 0x80)) return value;
    }
    return fail<uint64_t>();
  }
  int64_t sleb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto byte = read<uint8_t>();
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte & 0x80) continue;
      if ((byte & 0x40) && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
      return static_cast<int64_t>(value);
    }
    return fail<int64_t>();
  }
  Bytes take(uint64_t count) {
    if (count > bytes_.size() - position_) {
      fail<int>();
      return {};
    }
    Bytes out = bytes_.subspan(position_, count);
    position_ += count;
    return out;
  }
  // Up to a zero byte, which is skipped.
  std::string_view c_string() {
    const void* end = at_end() ? nullptr : std::memchr(pointer(), 0, bytes_.size() - position_);
    if (!end) {
      fail<int>();
      return {};
    }
    Bytes text = take(static_cast<size_t>(static_cast<const uint8_t*>(end) - pointer()));
    position_++;
    return as_text(text);
  }

 private:
  template <typename T>
  T fail() {
    bad_ = true;
    position_ = bytes_.size();
    return T{};
  }
  Bytes bytes_;
  size_t position_ = 0;
  bool bad_ = false;
};

}  // namespace wherry
