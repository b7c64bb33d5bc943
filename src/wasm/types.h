// The types of WebAssembly, as the specification names them (Core 3.0, chapters 2.3 and 3.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wherry::wasm {

using TypeIndex = uint32_t;
using FuncIndex = uint32_t;
using TableIndex = uint32_t;
using MemoryIndex = uint32_t;
using GlobalIndex = uint32_t;
using ElemIndex = uint32_t;
using DataIndex = uint32_t;
using LocalIndex = uint32_t;

using TagIndex = uint32_t;

// An abstract heap type (negative, its s33 encoding) or a type index (non-negative): of decoded
// modules always the canonical one, so that equal types have equal HeapTypes.
using HeapType = int32_t;
inline constexpr HeapType kHeapFunc = -0x10;      // byte 0x70
inline constexpr HeapType kHeapExtern = -0x11;    // byte 0x6f
inline constexpr HeapType kHeapExn = -0x17;       // byte 0x69
inline constexpr HeapType kHeapNoFunc = -0x0d;    // byte 0x73: below every function type
inline constexpr HeapType kHeapNoExtern = -0x0e;  // byte 0x72
inline constexpr HeapType kHeapNoExn = -0x0c;     // byte 0x74

struct ValueType {
  enum class Kind : uint8_t { kI32, kI64, kF32, kF64, kV128, kRef };

  Kind kind = Kind::kI32;
  bool nullable = false;  // only for kRef
  HeapType heap = 0;      // only for kRef

  bool is_ref() const { return kind == Kind::kRef; }
  bool is_numeric() const { return kind <= Kind::kF64; }
  bool is_defaultable() const { return !is_ref() || nullable; }
  bool is_concrete_ref() const { return is_ref() && heap >= 0; }
  bool operator==(const ValueType&) const = default;
};

inline constexpr ValueType kI32{ValueType::Kind::kI32};
inline constexpr ValueType kI64{ValueType::Kind::kI64};
inline constexpr ValueType kF32{ValueType::Kind::kF32};
inline constexpr ValueType kF64{ValueType::Kind::kF64};
inline constexpr ValueType kV128{ValueType::Kind::kV128};
inline constexpr ValueType kFuncRef{ValueType::Kind::kRef, true, kHeapFunc};
inline constexpr ValueType kExternRef{ValueType::Kind::kRef, true, kHeapExtern};
inline constexpr ValueType kExnRef{ValueType::Kind::kRef, true, kHeapExn};

constexpr ValueType ref(HeapType heap, bool nullable) {
  return {ValueType::Kind::kRef, nullable, heap};
}

// Whether every value of `found` is one of `expected` (chapter 3.3.3). Type indices are of one
// module, and canonical; all types they name are function types.
bool matches(ValueType found, ValueType expected);

// `i32`, `funcref`, …: the text format's name, for messages.
std::string name_of(ValueType type);

struct FuncType {
  std::vector<ValueType> params;
  std::vector<ValueType> results;
  bool is_final = true;  // `sub` without `final` is a type of its own
  bool operator==(const FuncType&) const = default;
};

// `(i32 i64) -> (f32)`, for messages.
std::string name_of(const FuncType& type);

// In pages for memories, in elements for tables.
struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max;
  bool operator==(const Limits&) const = default;
};

struct TableType {
  ValueType element = kFuncRef;
  Limits limits;
  bool is_64 = false;  // indices are i64

  ValueType address_type() const { return is_64 ? kI64 : kI32; }
  bool operator==(const TableType&) const = default;
};

inline constexpr uint8_t kStandardPageLog2 = 16;

struct MemoryType {
  Limits limits;
  bool is_64 = false;  // addresses are i64
  bool is_shared = false;
  uint8_t page_log2 = kStandardPageLog2;  // or 0, with custom page sizes

  ValueType address_type() const { return is_64 ? kI64 : kI32; }
  // How many pages the address type can name.
  uint64_t most_pages() const;
  bool operator==(const MemoryType&) const = default;
};

struct GlobalType {
  ValueType type;
  bool is_mutable = false;
  bool operator==(const GlobalType&) const = default;
};

// The byte values are the binary format's.
enum class ExternKind : uint8_t { kFunc = 0, kTable = 1, kMemory = 2, kGlobal = 3, kTag = 4 };

const char* name_of(ExternKind kind);

}  // namespace wherry::wasm
