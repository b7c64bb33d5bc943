// A compiled file, mapped: opened, checked, and read in place.
//
// An Artifact is native code, to be trusted like an executable: the checksum finds damage, not
// malice. Immutable and safe from many threads.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "artifact/format.h"
#include "artifact/line_table.h"
#include "base/bytes.h"
#include "base/result.h"
#include "wasm/types.h"

namespace wherry::artifact {

class Artifact {
 public:
  // Maps the file behind `fd` (which may be closed afterwards) and makes its text executable. What
  // does not fit is refused: not an artifact, cut short, damaged (kInvalid); another format
  // version, engine or CPU (kUnsupported). `name` is for messages.
  static Result<std::unique_ptr<Artifact>> open(int fd, std::string_view name);

  // The same checks up to the checksum, without regard to this engine and CPU: for `inspect`.
  static Result<Header> read_header(Bytes file, std::string_view name);

  ~Artifact();
  Artifact(const Artifact&) = delete;
  Artifact& operator=(const Artifact&) = delete;

  const Header& header() const { return *header_; }
  const uint8_t* base() const { return base_; }
  Bytes text() const { return {base_ + header_->text_offset, header_->text_bytes}; }
  Bytes eh_frame() const { return {base_ + header_->eh_frame_offset, header_->eh_frame_bytes}; }
  Bytes eh_index() const { return {base_ + header_->eh_index_offset, header_->eh_index_bytes}; }
  // For mapping the memory image: the artifact's own descriptor.
  int descriptor() const { return fd_; }

  std::span<const FuncTypeRecord> types() const { return table<FuncTypeRecord>(header_->types); }
  std::span<const ImportRecord> imports() const { return table<ImportRecord>(header_->imports); }
  std::span<const ExportRecord> exports() const { return table<ExportRecord>(header_->exports); }
  std::span<const FunctionRecord> functions() const {
    return table<FunctionRecord>(header_->functions);
  }
  std::span<const TableRecord> tables() const { return table<TableRecord>(header_->tables); }
  std::span<const MemoryRecord> memories() const { return table<MemoryRecord>(header_->memories); }
  std::span<const GlobalRecord> globals() const { return table<GlobalRecord>(header_->globals); }
  std::span<const TagRecord> tags() const { return table<TagRecord>(header_->tags); }
  std::span<const ElemRecord> elems() const { return table<ElemRecord>(header_->elems); }
  std::span<const DataRecord> datas() const { return table<DataRecord>(header_->datas); }
  std::span<const ConstInstruction> expression(Slice slice) const {
    return table<ConstInstruction>(header_->expressions).subspan(slice.first, slice.count);
  }
  std::string_view string(Slice slice) const {
    return as_text(table<uint8_t>(header_->strings)).substr(slice.first, slice.count);
  }
  Bytes data_bytes(const DataRecord& data) const {
    return {base_ + data.bytes_offset, data.bytes_count};
  }

  wasm::FuncType func_type(uint32_t type_index) const;
  wasm::FuncType type_of_function(uint32_t function) const {
    return func_type(functions()[function].type);
  }

  // Machine code: of a function (null for imports and what was inlined everywhere), of a type's
  // EnterFunction, and of the code that calls a HostBinding of that type (null if no import has
  // it).
  const uint8_t* code_of_function(uint32_t function) const {
    return at(functions()[function].code);
  }
  const uint8_t* tail_code_of_function(uint32_t function) const {
    return at(functions()[function].tail_code);
  }
  const uint8_t* enter_of_type(uint32_t type) const { return at(types()[type].enter); }
  const uint8_t* host_thunk_of_type(uint32_t type) const { return at(types()[type].host_thunk); }

  // Where a program counter lies: the function, or kNone for enter code and the like.
  struct CodePlace {
    uint32_t function = kNone;
    uint32_t offset = 0;  // from the start of the function's code
  };
  CodePlace find_code(const uint8_t* pc) const;

  // What the source says of a program counter in that function's code, innermost inlined function
  // first, the function itself last; empty where nothing is known. Checks the line table first, the
  // first time.
  std::vector<SourceFrame> source_frames(const uint8_t* pc, uint32_t function) const;

  // The name section's name, else an export's, else `function[17]`.
  std::string function_name(uint32_t function) const;

 private:
  Artifact(const uint8_t* base, uint64_t bytes, int fd);

  template <typename Record>
  std::span<const Record> table(TableRef ref) const {
    return {reinterpret_cast<const Record*>(base_ + ref.offset), ref.count};
  }
  const uint8_t* at(uint64_t offset) const { return offset == 0 ? nullptr : base_ + offset; }

  const uint8_t* base_;
  uint64_t bytes_;
  int fd_;
  const Header* header_;
  mutable std::once_flag lines_once_;
  mutable std::optional<LineTable> lines_;
};

wasm::ValueType value_type_of(const ValueTypeRecord& record);
wasm::Limits limits_of(const LimitsRecord& record);
wasm::TableType table_type_of(const TableRecord& record);
wasm::MemoryType memory_type_of(const MemoryRecord& record);

// True if the bytes start like a `.wherry` file (of any version).
bool looks_like_artifact(Bytes bytes);

}  // namespace wherry::artifact
