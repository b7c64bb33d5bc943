#include "wasm/reader.h"

#include <optional>

#include "wasm/features.h"
#include "wasm/limits.h"

namespace wherry::wasm {

Error Reader::unexpected_end(std::string_view what) const {
  return make_error(ErrorKind::kInvalid,
                    "unexpected end of section or function at offset {:#x}, expected {}", offset(),
                    what);
}

// Core 2.0, chapter 5.2.2. The order of the two checks is the reference interpreter's: the unused
// bits of the last byte are looked at before its continuation bit.
template <unsigned kBits, bool kSigned>
Result<uint64_t> Reader::leb128(std::string_view what) {
  const uint32_t start = offset();
  uint64_t value = 0;
  for (unsigned shift = 0; shift < kBits; shift += 7) {
    const uint8_t next = TRY(byte(what));
    const unsigned bits_left = kBits - shift;
    if (bits_left < 7) {
      const unsigned low_bits = kSigned ? bits_left - 1 : bits_left;
      const uint8_t unused = 0x7f & ~((1u << low_bits) - 1);
      const uint8_t found = next & unused;
      if (found != 0 && !(kSigned && found == unused)) {
        return make_error(ErrorKind::kInvalid, "integer too large at offset {:#x}: {} has {} bits",
                          start, what, kBits);
      }
    }
    value |= static_cast<uint64_t>(next & 0x7f) << shift;
    if (next & 0x80) continue;
    if (kSigned && (next & 0x40) && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
    return value;
  }
  return make_error(ErrorKind::kInvalid,
                    "integer representation too long at offset {:#x}: {} fits in {} bytes", start,
                    what, (kBits + 6) / 7);
}

Result<uint32_t> Reader::u32_slow(std::string_view what) {
  return static_cast<uint32_t>(TRY(leb128<32, false>(what)));
}

Result<int32_t> Reader::s32(std::string_view what) {
  return static_cast<int32_t>(TRY(leb128<32, true>(what)));
}

Result<int64_t> Reader::s33(std::string_view what) {
  return static_cast<int64_t>(TRY(leb128<33, true>(what)));
}

Result<int64_t> Reader::s64(std::string_view what) {
  return static_cast<int64_t>(TRY(leb128<64, true>(what)));
}

Result<uint64_t> Reader::u64(std::string_view what) { return leb128<64, false>(what); }

Result<Bytes> Reader::bytes(size_t count, std::string_view what) {
  if (count > bytes_left()) {
    return make_error(
        ErrorKind::kInvalid,
        "unexpected end of section or function at offset {:#x}: {} takes {} bytes, {} "
        "are left",
        offset(), what, count, bytes_left());
  }
  Bytes view = bytes_.subspan(position_, count);
  position_ += count;
  return view;
}

Result<uint32_t> Reader::fixed_u32(std::string_view what) {
  return load_le<uint32_t>(TRY(bytes(sizeof(uint32_t), what)).data());
}

Result<uint64_t> Reader::fixed_u64(std::string_view what) {
  return load_le<uint64_t>(TRY(bytes(sizeof(uint64_t), what)).data());
}

Result<std::string_view> Reader::name(std::string_view what) {
  const uint32_t start = offset();
  const uint32_t size = TRY(u32(what));
  if (size > bytes_left()) {
    return make_error(ErrorKind::kInvalid,
                      "length out of bounds at offset {:#x}: {} has {} bytes, {} are left", start,
                      what, size, bytes_left());
  }
  if (size > limits::kStringBytes) {
    return make_error(ErrorKind::kLimit, "{} too long: {} bytes at offset {:#x}, the limit is {}",
                      what, size, start, limits::kStringBytes);
  }
  const Bytes text = TRY(bytes(size, what));
  if (!is_utf8(text)) {
    return make_error(ErrorKind::kInvalid,
                      "malformed UTF-8 encoding at offset {:#x}: {} must be UTF-8", start, what);
  }
  return as_text(text);
}

Result<uint32_t> Reader::count(std::string_view what, uint64_t limit) {
  const uint32_t start = offset();
  const uint32_t count = TRY(u32(what));
  TRY(limits::check_count(what, count, limit, start));
  if (count > bytes_left()) {
    return make_error(ErrorKind::kInvalid,
                      "unexpected end of section or function at offset {:#x}: {} {} promised, {} "
                      "bytes left",
                      start, count, what, bytes_left());
  }
  return count;
}

namespace {

// Core 3.0, chapter 5.3: what a byte of a type that 2.0 does not have needs.
std::optional<Feature> feature_of_type_byte(uint8_t byte) {
  if (byte == 0x63 || byte == 0x64 || byte == 0x72 || byte == 0x73) {
    return Feature::kFunctionReferences;
  }
  if (byte == 0x69 || byte == 0x74) return Feature::kExceptions;
  if (byte >= 0x6a && byte <= 0x71 && byte != 0x6f && byte != 0x70) return Feature::kGc;
  return std::nullopt;
}

// A one-byte reference type is the nullable reference to the abstract heap type of that byte.
bool is_abstract_heap_byte(uint8_t byte) {
  switch (byte) {
    case 0x70:
    case 0x6f:
    case 0x69:
    case 0x72:
    case 0x73:
    case 0x74: return true;
    default: return false;
  }
}

HeapType heap_of_byte(uint8_t byte) { return static_cast<HeapType>(byte) - 0x80; }

std::optional<ValueType> number_type_of(uint8_t byte) {
  switch (byte) {
    case 0x7f: return kI32;
    case 0x7e: return kI64;
    case 0x7d: return kF32;
    case 0x7c: return kF64;
    case 0x7b: return kV128;
    default: return std::nullopt;
  }
}

constexpr uint8_t kNullableReference = 0x63, kReference = 0x64;

// `words` is what the specification calls the mistake: "malformed reference type".
Error unknown_type_byte(std::string_view words, uint8_t byte, uint32_t offset) {
  const std::string what = fmt::format("{} {:#04x} at offset {:#x}", words, byte, offset);
  if (auto feature = feature_of_type_byte(byte)) return missing_feature(what, *feature);
  return Error{ErrorKind::kInvalid, what, {}};
}

// Whether the byte is an abstract heap type that the features allow.
bool allows_heap_byte(const Features& features, uint8_t byte) {
  if (!is_abstract_heap_byte(byte)) return false;
  const std::optional<Feature> feature = feature_of_type_byte(byte);
  return !feature || features.has(*feature);
}

}  // namespace

Result<ValueType> Reader::value_type() {
  const uint32_t start = offset();
  const uint8_t code = TRY(byte("a value type"));
  if (auto type = number_type_of(code)) return *type;
  return reference_behind(code, "malformed value type", start);
}

Result<ValueType> Reader::reference_type() {
  const uint32_t start = offset();
  const uint8_t code = TRY(byte("a reference type"));
  return reference_behind(code, "malformed reference type", start);
}

Result<ValueType> Reader::reference_behind(uint8_t code, std::string_view words, uint32_t start) {
  if (code == kNullableReference || code == kReference) {
    return typed_reference(code == kNullableReference, start);
  }
  if (allows_heap_byte(context_->features, code)) return ref(heap_of_byte(code), true);
  return unknown_type_byte(words, code, start);
}

Result<ValueType> Reader::typed_reference(bool nullable, uint32_t start) {
  if (!has(Feature::kFunctionReferences)) {
    return unknown_type_byte("malformed reference type", nullable ? kNullableReference : kReference,
                             start);
  }
  return ref(TRY(heap_type()), nullable);
}

Result<HeapType> Reader::heap_type() {
  const uint32_t start = offset();
  const uint8_t first = TRY(peek("a heap type"));
  if (allows_heap_byte(context_->features, first)) {
    TRY(byte("a heap type"));
    return heap_of_byte(first);
  }
  const int64_t index = TRY(s33("a heap type"));
  if (index < 0 || !has(Feature::kFunctionReferences)) {
    return unknown_type_byte("malformed reference type", first, start);
  }
  if (static_cast<uint64_t>(index) >= context_->canonical.size()) {
    return make_error(ErrorKind::kInvalid, "unknown type {} at offset {:#x}: {} are known here",
                      index, start, context_->canonical.size());
  }
  return static_cast<HeapType>(context_->canonical[static_cast<size_t>(index)]);
}

Result<Reader> Reader::sub_reader(size_t size, std::string_view what) {
  const uint32_t start = offset();
  return Reader(TRY(bytes(size, what)), start, *context_);
}

}  // namespace wherry::wasm
