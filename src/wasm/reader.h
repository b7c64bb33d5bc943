// A checked reader of the binary format's primitives (Core 2.0, chapter 5.2): bytes, LEB128
// numbers, names and counts. It never reads past its span and never trusts a promised count. Errors
// begin with the words of the specification's tests and carry the offset from the start of the
// module; after an error the reader must not be used further (TRY sees to that).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wasm/features.h"
#include "wasm/types.h"

namespace wherry::wasm {

// What the meaning of a module's bytes depends on besides the bytes.
struct TypeContext {
  Features features = Features::standard();
  // Per type of the module so far: the first of its types that is equal to it. References to types
  // are read as references to that one.
  std::vector<TypeIndex> canonical;
};
inline const TypeContext kNoTypes;

class Reader {
 public:
  // Reads `bytes`, whose first lies at `offset` in the module. The bytes and the context must
  // outlive the reader.
  Reader(Bytes bytes, uint32_t offset, const TypeContext& context = kNoTypes)
      : bytes_(bytes), base_(offset), context_(&context) {}

  bool has(Feature feature) const { return context_->features.has(feature); }
  const TypeContext& context() const { return *context_; }

  bool at_end() const { return position_ == bytes_.size(); }
  size_t bytes_left() const { return bytes_.size() - position_; }
  uint32_t offset() const { return base_ + static_cast<uint32_t>(position_); }

  // `what` names the thing in errors: "table index".
  Result<uint8_t> byte(std::string_view what);
  Result<uint8_t> peek(std::string_view what) const;
  Result<uint32_t> u32(std::string_view what);
  Result<int32_t> s32(std::string_view what);
  Result<int64_t> s33(std::string_view what);
  Result<int64_t> s64(std::string_view what);
  Result<uint64_t> u64(std::string_view what);
  Result<Bytes> bytes(size_t count, std::string_view what);
  // The 4 or 8 bytes of a float's bit pattern.
  Result<uint32_t> fixed_u32(std::string_view what);
  Result<uint64_t> fixed_u64(std::string_view what);

  // A length-prefixed UTF-8 string, a view into the bytes.
  Result<std::string_view> name(std::string_view what);

  // A vector's length. Every element takes at least a byte, so a count above the bytes left is
  // refused here, before anyone reserves room for it; a count above `limit` is kLimit.
  Result<uint32_t> count(std::string_view what, uint64_t limit);

  Result<ValueType> value_type();
  Result<ValueType> reference_type();
  Result<HeapType> heap_type();

  // What is left, without reading it.
  Bytes rest() const { return bytes_.subspan(position_); }

  // A reader for the next `size` bytes, which this one skips.
  Result<Reader> sub_reader(size_t size, std::string_view what);

 private:
  Error unexpected_end(std::string_view what) const;
  template <unsigned kBits, bool kSigned>
  Result<uint64_t> leb128(std::string_view what);
  Result<uint32_t> u32_slow(std::string_view what);
  // The reference type that starts with `code`; `words` as for unknown_type_byte().
  Result<ValueType> reference_behind(uint8_t code, std::string_view words, uint32_t start);
  Result<ValueType> typed_reference(bool nullable, uint32_t start);

  Bytes bytes_;
  uint32_t base_;
  const TypeContext* context_;
  size_t position_ = 0;
};

// Almost every number in real code has one byte.
inline Result<uint32_t> Reader::u32(std::string_view what) {
  if (position_ < bytes_.size() && bytes_[position_] < 0x80) [[likely]] {
    return uint32_t{bytes_[position_++]};
  }
  return u32_slow(what);
}

inline Result<uint8_t> Reader::byte(std::string_view what) {
  if (at_end()) [[unlikely]]
    return unexpected_end(what);
  return bytes_[position_++];
}

inline Result<uint8_t> Reader::peek(std::string_view what) const {
  if (at_end()) [[unlikely]]
    return unexpected_end(what);
  return bytes_[position_];
}

}  // namespace wherry::wasm
