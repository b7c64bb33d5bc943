// What the compiler has to say about a module besides its machine code, and how that becomes the
// artifact's meta section. Only the compile room writes artifacts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "artifact/format.h"
#include "base/bytes.h"
#include "base/result.h"

namespace wherry::artifact {

// The tables of format.h, being filled. The header's table references are set by encode_meta(), its
// places in the file by seal().
struct Contents {
  Header header;
  std::vector<ValueTypeRecord> value_types;
  std::vector<FuncTypeRecord> types;
  std::vector<ImportRecord> imports;
  std::vector<ExportRecord> exports;
  std::vector<FunctionRecord> functions;
  std::vector<TableRecord> tables;
  std::vector<MemoryRecord> memories;
  std::vector<GlobalRecord> globals;
  std::vector<TagRecord> tags;
  std::vector<ConstInstruction> expressions;
  std::vector<ElemRecord> elems;
  std::vector<DataRecord> datas;  // bytes_offset counts from the meta section until seal()
  std::string strings;
  ByteVector data_bytes;  // of the segments that are not in the image
  ByteVector image;       // whole pages

  Slice add_string(std::string_view text);
  Slice add_value_types(const std::vector<wasm::ValueType>& types);
};

// The meta section's bytes; sets contents.header's table references relative to its start.
ByteVector encode_meta(Contents& contents);

// The names of the sections that the linked file must have.
inline constexpr std::string_view kHeaderSection = ".wherry.header";
inline constexpr std::string_view kMetaSection = ".wherry.meta";
inline constexpr std::string_view kImageSection = ".wherry.image";
inline constexpr std::string_view kLinesSection = ".wherry.lines";

// The linker's symbols, by which seal() finds code: function 17 is `f17`, the code that enters
// functions of type 3 `enter3`, the code by which those call the host `thunk3`. A function that
// makes tail calls has another calling convention, and `entry17` for callers of the common one.
inline constexpr char kFunctionPrefix[] = "f";
inline constexpr char kEntryPrefix[] = "entry";
inline constexpr char kEnterPrefix[] = "enter";
inline constexpr char kThunkPrefix[] = "thunk";

// A section of the linker's output; empty if there is none.
Bytes section_of(const ByteVector& file, std::string_view name);

// Turns the linker's output into an artifact, in place: puts the line table, if there is one, where
// the last section, kLinesSection, is; checks that every loaded section's address equals its file
// offset and that no dynamic relocation is left, fills in the header and the places of the code,
// and sums up.
Status seal(ByteVector& file, const Header& header, Bytes line_table);

// The checksum the header must hold: XXH3-64 of the file without its line table, and with the
// checksum field as zero. The file is no shorter than its header.
uint64_t checksum_of(Bytes file);
uint64_t checksum_of_lines(Bytes lines);

}  // namespace wherry::artifact
