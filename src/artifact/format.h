// The compiled file, `.wherry`: a real ELF64 shared object without dynamic relocations, whose
// virtual addresses equal its file offsets, so that mapping the file once is loading it.
//
// docs/artifact-format.md describes it for readers from outside. At file offset kHeaderOffset lies
// the Header; every table is an array of the fixed-size records below and is used in place. All
// numbers are little-endian. The reader trusts nothing before the checksum has matched, and checks
// every range and index against its table even then (artifact.cc).
#pragma once

#include <cstdint>

#include "wasm/types.h"

namespace wherry::artifact {

inline constexpr char kMagic[8] = {'W', 'H', 'E', 'R', 'R', 'Y', '\r', '\n'};
inline constexpr uint32_t kFormatVersion = 3;
inline constexpr uint64_t kHeaderOffset = 0x400;
inline constexpr uint32_t kNone = 0xffffffff;

// `count` records from byte `offset` of the file on (before sealing: of the meta section).
struct TableRef {
  uint64_t offset = 0;
  uint64_t count = 0;
};

// `count` entries from index `first` of the table the field's comment names.
struct Slice {
  uint32_t first = 0;
  uint32_t count = 0;
};

// One of wasm::ValueType's values, flat.
struct ValueTypeRecord {
  uint8_t kind = 0;
  uint8_t nullable = 0;
  uint16_t reserved = 0;
  int32_t heap = 0;
};

struct FuncTypeRecord {
  Slice params;             // value_types
  Slice results;            // value_types
  uint64_t type_id = 0;     // the digest's first 8 bytes
  uint8_t digest[32] = {};  // SHA-256 of the type's structure: equal exactly for equal types
  uint64_t enter = 0;       // file offset of the type's contract::EnterFunction
  uint64_t host_thunk =
      0;  // file offset of its code that calls a HostBinding; 0 if no import has it
};

struct LimitsRecord {
  uint64_t min = 0;
  uint64_t max = 0;
  uint32_t has_max = 0;
  uint32_t reserved = 0;
};

struct ImportRecord {
  Slice module;       // strings
  Slice name;         // strings
  uint32_t kind = 0;  // wasm::ExternKind
  uint32_t index = 0;
};

struct ExportRecord {
  Slice name;  // strings
  uint32_t kind = 0;
  uint32_t index = 0;
};

struct FunctionRecord {
  uint32_t type = 0;  // types
  uint32_t func_ref =
      0;              // index of its FuncRef in the context, or kNone if its address is not taken
  Slice name;         // strings; empty without a name
  uint64_t code = 0;  // file offset; 0 for imports and for what is only called inlined
  uint64_t tail_code = 0;  // file offset of the code for tail calls; 0 if it makes none itself
};

struct TableRecord {
  ValueTypeRecord element;
  LimitsRecord limits;
  Slice init;  // expressions; empty: null
  uint32_t is_64 = 0;
  uint32_t is_static = 0;  // lies in read-only data, for compiled code only: none at run time
};

struct MemoryRecord {
  LimitsRecord limits;
  uint8_t is_64 = 0;
  uint8_t is_shared = 0;
  uint8_t page_log2 = 0;
  uint8_t reserved[5] = {};
};

struct TagRecord {
  uint32_t type = 0;  // types
};

struct GlobalRecord {
  ValueTypeRecord type;
  uint32_t is_mutable = 0;
  uint32_t reserved = 0;
  Slice init;  // expressions; empty when imported
};

// One instruction of a constant expression, a stack machine's program.
enum class ConstOp : uint32_t {
  kConst,
  kGlobalGet,
  kRefNull,
  kRefFunc,
  kI32Add,
  kI32Sub,
  kI32Mul,
  kI64Add,
  kI64Sub,
  kI64Mul,
};

struct ConstInstruction {
  uint32_t op = 0;     // ConstOp
  uint32_t index = 0;  // global or function
  uint64_t low = 0;    // kConst
  uint64_t high = 0;   // kConst of v128
};

struct ElemRecord {
  uint32_t mode = 0;  // wasm::ElemSegment::Mode
  uint32_t table = 0;
  Slice offset;    // expressions
  Slice elements;  // expressions, one instruction an element; none of a static table's
};

struct DataRecord {
  uint32_t mode = 0;  // wasm::DataSegment::Mode
  uint32_t memory = 0;
  Slice offset;           // expressions
  uint32_t in_image = 0;  // already part of the memory image: nothing to copy
  uint32_t reserved = 0;
  uint64_t bytes_offset = 0;  // in the file
  uint64_t bytes_count = 0;
};

struct Header {
  char magic[8] = {};
  uint32_t format_version = 0;
  uint32_t header_bytes = 0;
  uint64_t engine_fingerprint = 0;
  uint64_t cpu_level = 0;  // required: base/cpu.h
  uint8_t module_sha256[32] = {};
  uint64_t module_bytes = 0;  // size of the WebAssembly module
  uint64_t file_bytes = 0;
  uint64_t checksum = 0;   // XXH3-64 of the file but the lines, with this field as zero
  char producer[64] = {};  // "wherry 0.1.0, LLVM 22.1.8", for people

  uint64_t text_offset = 0;  // machine code: page aligned, the only executable pages
  uint64_t text_bytes = 0;
  uint64_t eh_frame_offset = 0;  // call frame information for backtraces
  uint64_t eh_frame_bytes = 0;
  uint64_t eh_index_offset = 0;  // its binary search table (LSB core, .eh_frame_hdr)
  uint64_t eh_index_bytes = 0;
  uint64_t symbols_offset = 0;  // Elf64_Sym[]: `f17` is function 17's code, `f17.…` a clone's
  uint64_t symbols_bytes = 0;
  uint64_t symbol_names_offset = 0;
  uint64_t symbol_names_bytes = 0;
  uint64_t image_offset = 0;    // initial contents of memory 0: page aligned in the file
  uint64_t image_bytes = 0;     // whole pages of 4 KiB; 0 without an image
  uint64_t image_address = 0;   // where in memory 0 they belong, page aligned
  uint64_t lines_offset = 0;    // where code comes from in the source (line_table.h)
  uint64_t lines_bytes = 0;     // 0 if the module has no DWARF
  uint64_t lines_checksum = 0;  // XXH3-64 of it; nobody reads it before a trap

  TableRef value_types, types, imports, exports, functions, tables, memories, globals, expressions,
      elems, datas, tags, strings;
  uint32_t imported_functions = 0, imported_tables = 0, imported_memories = 0, imported_globals = 0;
  uint32_t imported_tags = 0;
  uint32_t func_refs = 0;       // FuncRefs in the context
  uint32_t start = kNone;       // function index
  uint32_t memory0_is_own = 0;  // the anchor is its base
  uint32_t names_types = 0;     // value types refer to types of the module
  uint32_t makes_tail_calls = 0;
};

}  // namespace wherry::artifact
