// A decoded module: what the binary format says, with the index spaces joined (imports first).
//
// Immutable after decode(). Byte spans and string_views point into the module's own bytes, which
// the caller keeps alive for as long as the Module.
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
};

struct Export {
  std::string_view name;
  ExternKind kind = ExternKind::kFunc;
  uint32_t index = 0;
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
};

struct Table {
  TableType type;
  bool imported = false;
};

struct Memory {
  MemoryType type;
  bool imported = false;
};

// A constant expression, without its final `end`.
struct ConstExpr {
  std::vector<Instruction> code;
  uint32_t offset = 0;
};

struct Global {
  GlobalType type;
  bool imported = false;
  ConstExpr init;  // empty when imported
};

struct ElemSegment {
  enum class Mode : uint8_t { kActive, kPassive, kDeclarative };
  Mode mode = Mode::kActive;
  TableIndex table = 0;            // kActive
  ConstExpr offset;                // kActive
  ValueType type = kFuncRef;
  std::vector<ConstExpr> elements; // function indices are given as `ref.func`
};

struct DataSegment {
  enum class Mode : uint8_t { kActive, kPassive };
  Mode mode = Mode::kActive;
  MemoryIndex memory = 0;  // kActive
  ConstExpr offset;        // kActive
  Bytes bytes;
};

struct CustomSection {
  std::string_view name;
  Bytes bytes;
  uint32_t offset = 0;
};

struct Module {
  Bytes bytes;  // the whole module
  std::vector<FuncType> types;
  std::vector<Import> imports;
  std::vector<Function> functions;
  std::vector<Table> tables;
  std::vector<Memory> memories;
  std::vector<Global> globals;
  std::vector<Export> exports;
  std::optional<FuncIndex> start;
  std::vector<ElemSegment> elems;
  std::vector<DataSegment> datas;
  std::optional<uint32_t> data_count;
  std::vector<CustomSection> customs;

  uint32_t imported_functions = 0;  // functions[0, imported_functions) are imports; likewise below
  uint32_t imported_tables = 0;
  uint32_t imported_memories = 0;
  uint32_t imported_globals = 0;

  const FuncType& type_of(FuncIndex index) const { return types[functions[index].type]; }
};

}  // namespace wherry::wasm
