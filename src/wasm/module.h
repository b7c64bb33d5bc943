// A decoded module: what the binary format says, with the index spaces joined (imports first).
//
// Immutable after decode(). Byte spans and string_views point into the module's own bytes, which
// the caller keeps alive for as long as the Module. A `byte_offset` says where the thing's entry
// begins, from the start of the module: it is there for messages.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "wasm/instruction.h"
#include "wasm/types.h"

namespace wherry::wasm {

struct Import {
  std::string_view module;
  std::string_view name;
  ExternKind kind = ExternKind::kFunc;
  uint32_t index = 0;  // in the index space of its kind
  uint32_t byte_offset = 0;
};

struct Export {
  std::string_view name;
  ExternKind kind = ExternKind::kFunc;
  uint32_t index = 0;
  uint32_t byte_offset = 0;
};

// A run of equal locals, as the binary format groups them; never expanded by promise.
struct LocalRun {
  uint32_t count = 0;
  ValueType type;
};

struct Function {
  TypeIndex type = 0;
  bool imported = false;
  std::vector<LocalRun> locals;  // without the parameters
  Bytes body;                    // the expression, with its final `end`
  uint32_t body_offset = 0;      // of body[0], from the start of the module
  uint32_t byte_offset = 0;      // of its import, or of its type index in the function section
};

struct Memory {
  MemoryType type;
  bool imported = false;
  uint32_t byte_offset = 0;
};

// A constant expression, without its final `end`. decode() lets constant instructions in only; more
// than one only with the extended-const feature, and no more than limits::kConstInstructions.
struct ConstExpr {
  std::vector<Instruction> code;
  uint32_t offset = 0;
};

struct Table {
  TableType type;
  bool imported = false;
  ConstExpr init;  // empty: null references
  uint32_t byte_offset = 0;
};

struct Tag {
  TypeIndex type = 0;
  bool imported = false;
  uint32_t byte_offset = 0;
};

struct Global {
  GlobalType type;
  bool imported = false;
  ConstExpr init;  // empty when imported
  uint32_t byte_offset = 0;
};

struct ElemSegment {
  enum class Mode : uint8_t { kActive, kPassive, kDeclarative };
  Mode mode = Mode::kActive;
  TableIndex table = 0;  // kActive
  ConstExpr offset;      // kActive
  ValueType type = kFuncRef;
  std::vector<ConstExpr> elements;  // function indices are given as `ref.func`
  uint32_t byte_offset = 0;
};

struct DataSegment {
  enum class Mode : uint8_t { kActive, kPassive };
  Mode mode = Mode::kActive;
  MemoryIndex memory = 0;  // kActive
  ConstExpr offset;        // kActive
  Bytes bytes;
  uint32_t byte_offset = 0;
};

struct CustomSection {
  std::string_view name;
  Bytes bytes;
  uint32_t offset = 0;
};

// Types that were defined together and may name each other; a lone type is a group of one.
struct TypeGroup {
  TypeIndex first = 0;
  uint32_t count = 0;
};

struct Module {
  Bytes bytes;          // the whole module
  TypeContext context;  // the features it was decoded with, and which types are equal
  std::vector<FuncType> types;
  std::vector<TypeGroup> type_groups;  // consecutive; together they are all types
  std::vector<Import> imports;
  std::vector<Function> functions;
  std::vector<Table> tables;
  std::vector<Memory> memories;
  std::vector<Tag> tags;
  std::vector<Global> globals;
  std::vector<Export> exports;
  std::optional<FuncIndex> start;
  uint32_t start_byte_offset = 0;
  std::vector<ElemSegment> elems;
  std::vector<DataSegment> datas;
  std::optional<uint32_t> data_count;
  std::vector<CustomSection> customs;
  uint32_t code_section_offset = 0;  // of what is in it
  uint32_t code_section_bytes = 0;

  // By FuncIndex: true if the function is exported or named in an element segment or a global, so
  // that a body's ref.func may name it (C.refs of Core 2.0, chapter 3.1.1).
  std::vector<bool> referenced_functions;

  uint32_t imported_functions = 0;  // functions[0, imported_functions) are imports; likewise below
  uint32_t imported_tables = 0;
  uint32_t imported_memories = 0;
  uint32_t imported_globals = 0;
  uint32_t imported_tags = 0;

  bool has(Feature feature) const { return context.features.has(feature); }
  TypeIndex canonical_type(TypeIndex index) const { return context.canonical[index]; }
  InstructionReader body_reader(const Function& function) const {
    return InstructionReader(function.body, function.body_offset, context);
  }
  const FuncType& type_of(FuncIndex index) const { return types[functions[index].type]; }
};

}  // namespace wherry::wasm
