#include "snapshot/module_writer.h"

namespace wherry::snapshot {

using wasm::ValueType;

ModuleWriter& ModuleWriter::byte(uint8_t value) {
  out_.push_back(value);
  return *this;
}

ModuleWriter& ModuleWriter::bytes(Bytes value) {
  out_.insert(out_.end(), value.begin(), value.end());
  return *this;
}

ModuleWriter& ModuleWriter::unsigned_number(uint64_t value) {
  for (; value >= 0x80; value >>= 7) byte(static_cast<uint8_t>(value | 0x80));
  return byte(static_cast<uint8_t>(value));
}

ModuleWriter& ModuleWriter::signed_number(int64_t value) {
  while (value < -0x40 || value >= 0x40) {
    byte(static_cast<uint8_t>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  return byte(static_cast<uint8_t>(value & 0x7f));
}

ModuleWriter& ModuleWriter::fixed(uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; i++) byte(static_cast<uint8_t>(value >> (8 * i)));
  return *this;
}

ModuleWriter& ModuleWriter::name(std::string_view text) { return sized(as_bytes(text)); }

ModuleWriter& ModuleWriter::sized(Bytes content) {
  return unsigned_number(content.size()).bytes(content);
}

ModuleWriter& ModuleWriter::section(uint8_t id, Bytes content) { return byte(id).sized(content); }

// An s33, in which the abstract types are negative.
ModuleWriter& ModuleWriter::heap_type(wasm::HeapType type) { return signed_number(type); }

ModuleWriter& ModuleWriter::value_type(ValueType type) {
  switch (type.kind) {
    case ValueType::Kind::kI32: return byte(0x7f);
    case ValueType::Kind::kI64: return byte(0x7e);
    case ValueType::Kind::kF32: return byte(0x7d);
    case ValueType::Kind::kF64: return byte(0x7c);
    case ValueType::Kind::kV128: return byte(0x7b);
    case ValueType::Kind::kRef: break;
  }
  // The short form is all that modules of before typed references may use.
  if (type.nullable && type.heap < 0) return heap_type(type.heap);
  return byte(type.nullable ? 0x63 : 0x64).heap_type(type.heap);
}

void ModuleWriter::limits(const wasm::Limits& limits, uint8_t flags) {
  byte(flags | (limits.max ? 1 : 0)).unsigned_number(limits.min);
  if (limits.max) unsigned_number(*limits.max);
}

ModuleWriter& ModuleWriter::table_type(const wasm::TableType& type) {
  value_type(type.element);
  limits(type.limits, type.is_64 ? 4 : 0);
  return *this;
}

ModuleWriter& ModuleWriter::memory_type(const wasm::MemoryType& type) {
  const bool has_page_size = type.page_log2 != wasm::kStandardPageLog2;
  limits(type.limits, static_cast<uint8_t>((type.is_shared ? 2 : 0) | (type.is_64 ? 4 : 0) |
                                           (has_page_size ? 8 : 0)));
  return has_page_size ? unsigned_number(type.page_log2) : *this;
}

ModuleWriter& ModuleWriter::global_type(const wasm::GlobalType& type) {
  return value_type(type.type).byte(type.is_mutable ? 1 : 0);
}

}  // namespace wherry::snapshot
