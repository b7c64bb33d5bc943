// The types of WebAssembly, as the specification names them (Core 2.0, chapter 2.3; reference types
// are already in the shape of 3.0 so that typed references are only new values of HeapType).
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

// An abstract heap type (negative, its s33 encoding) or, from 3.0 on, a type index (non-negative).
using HeapType = int32_t;
inline constexpr HeapType kHeapFunc = -0x10;    // byte 0x70
inline constexpr HeapType kHeapExtern = -0x11;  // byte 0x6f

struct ValueType {
  enum class Kind : uint8_t { kI32, kI64, kF32, kF64, kV128, kRef };

  Kind kind = Kind::kI32;
  bool nullable = false;  // only for kRef
  HeapType heap = 0;      // only for kRef

  bool is_ref() const { return kind == Kind::kRef; }
  bool is_numeric() const { return kind <= Kind::kF64; }
  bool operator==(const ValueType&) const = default;
};

inline constexpr ValueType kI32{ValueType::Kind::kI32};
inline constexpr ValueType kI64{ValueType::Kind::kI64};
inline constexpr ValueType kF32{ValueType::Kind::kF32};
inline constexpr ValueType kF64{ValueType::Kind::kF64};
inline constexpr ValueType kV128{ValueType::Kind::kV128};
inline constexpr ValueType kFuncRef{ValueType::Kind::kRef, true, kHeapFunc};
inline constexpr ValueType kExternRef{ValueType::Kind::kRef, true, kHeapExtern};

// `i32`, `funcref`, …: the text format's name, for messages.
std::string name_of(ValueType type);

struct FuncType {
  std::vector<ValueType> params;
  std::vector<ValueType> results;
  bool operator==(const FuncType&) const = default;
};

// `(i32 i64) -> (f32)`, for messages.
std::string name_of(const FuncType& type);

// In pages of 64 KiB for memories, in elements for tables.
struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max;
  bool operator==(const Limits&) const = default;
};

struct TableType {
  ValueType element = kFuncRef;
  Limits limits;
  bool operator==(const TableType&) const = default;
};

struct MemoryType {
  Limits limits;
  bool operator==(const MemoryType&) const = default;
};

struct GlobalType {
  ValueType type;
  bool is_mutable = false;
  bool operator==(const GlobalType&) const = default;
};

// The byte values are the binary format's.
enum class ExternKind : uint8_t { kFunc = 0, kTable = 1, kMemory = 2, kGlobal = 3 };

const char* name_of(ExternKind kind);

}  // namespace wherry::wasm
