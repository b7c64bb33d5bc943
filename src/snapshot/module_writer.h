// The binary format's primitives, written (Core 3.0, chapter 5.2): what wasm/reader.h reads.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "wasm/types.h"

namespace wherry::snapshot {

class ModuleWriter {
 public:
  ModuleWriter& byte(uint8_t value);
  ModuleWriter& bytes(Bytes value);
  ModuleWriter& unsigned_number(uint64_t value);
  ModuleWriter& signed_number(int64_t value);
  ModuleWriter& fixed(uint64_t value, unsigned bytes);
  ModuleWriter& name(std::string_view text);
  ModuleWriter& sized(Bytes content);  // with its length in front
  ModuleWriter& section(uint8_t id, Bytes content);
  ModuleWriter& heap_type(wasm::HeapType type);
  ModuleWriter& value_type(wasm::ValueType type);
  ModuleWriter& table_type(const wasm::TableType& type);
  ModuleWriter& memory_type(const wasm::MemoryType& type);
  ModuleWriter& global_type(const wasm::GlobalType& type);

  Bytes written() const { return out_; }
  ByteVector take() { return std::move(out_); }

 private:
  void limits(const wasm::Limits& limits, uint8_t flags);
  ByteVector out_;
};

}  // namespace wherry::snapshot
