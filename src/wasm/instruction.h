// One decoded instruction, and the reader that walks an expression's bytes.
//
// The reader is the only place that parses instruction immediates: validation, the constant
// expressions of a module and the compiler all go through it. It allocates only for br_table,
// typed select and try_table, whose lists live in the reader until the next call.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wasm/opcodes.h"
#include "wasm/reader.h"
#include "wasm/types.h"

namespace wherry::wasm {

struct BlockType {
  enum class Kind : uint8_t { kEmpty, kValue, kTypeIndex };
  Kind kind = Kind::kEmpty;
  ValueType value;           // kValue: one result, no parameters
  TypeIndex type_index = 0;  // kTypeIndex
};

struct MemArg {
  uint32_t align_log2 = 0;
  uint64_t offset = 0;
  MemoryIndex memory = 0;
};

// One clause of try_table: where an exception with the tag (or, for the _all kinds, any) goes on.
// The byte values are the binary format's.
struct CatchClause {
  enum class Kind : uint8_t { kCatch = 0, kCatchRef = 1, kCatchAll = 2, kCatchAllRef = 3 };
  Kind kind = Kind::kCatch;
  TagIndex tag = 0;    // kCatch, kCatchRef
  uint32_t label = 0;  // counted from outside the try_table

  bool has_tag() const { return kind == Kind::kCatch || kind == Kind::kCatchRef; }
  bool has_ref() const { return kind == Kind::kCatchRef || kind == Kind::kCatchAllRef; }
};

// Which fields are meaningful is said by immediates_of(op); the others keep their defaults.
struct Instruction {
  Opcode op = Opcode::unreachable;
  uint32_t offset = 0;  // of the opcode's first byte, from the start of the module
  BlockType block;      // block, loop, if, try, try_table
  uint32_t index = 0;  // label, function, type, local, global, table, memory, elem, data, tag index
  uint32_t index2 = 0;  // the second one, of call_indirect, table.copy and the others below
  MemArg memory;        // loads and stores
  uint8_t lane = 0;     // SIMD lane accesses
  uint64_t bits = 0;    // i32.const (sign-extended), i64.const, f32.const, f64.const (bit pattern)
  uint8_t v128[16] = {};              // v128.const and i8x16.shuffle's lanes
  ValueType type;                     // ref.null
  std::span<const uint32_t> targets;  // br_table: the labels, the default last; the reader's bytes
  std::span<const ValueType> types;   // select t*; the reader's bytes
  std::span<const CatchClause> catches;  // try_table; the reader's bytes

  int32_t i32() const { return static_cast<int32_t>(bits); }
};

// Immediates with two indices, in the binary format's order into (index, index2):
//   call_indirect: type, table     table.init: elem, table      table.copy: destination, source
//   memory.init: data, memory      memory.copy: destination, source

class InstructionReader {
 public:
  // Reads `code`, whose first byte lies at `offset` in the module. The bytes and the context must
  // outlive the reader. (Function bodies: Module::body_reader().)
  InstructionReader(Bytes code, uint32_t offset, const TypeContext& context)
      : reader_(code, offset, context) {}

  bool at_end() const { return reader_.at_end(); }
  uint32_t offset() const { return reader_.offset(); }

  // The next instruction. Errors say the offset and what was expected; an opcode of a feature that
  // is off names the feature (kUnsupported).
  Result<Instruction> next();
  // The same into a caller's variable, of which it sets only op, offset and the fields that
  // immediates_of(op) says: for loops that cannot afford to clear and move a hundred bytes.
  Status next(Instruction& out);

 private:
  Status read_immediates(Instruction& out);
  Status read_simd_immediates(Instruction& out);
  Status read_block_type(BlockType& out);
  Status read_memarg(MemArg& out);
  Status read_memory_index(MemoryIndex& out);
  Status read_zero_byte(uint32_t& out);
  Status read_br_table(Instruction& out);
  Status read_select_types(Instruction& out);
  Status read_catches(Instruction& out);

  Reader reader_;
  std::vector<uint32_t> targets_;
  std::vector<ValueType> types_;
  std::vector<CatchClause> catches_;
};

}  // namespace wherry::wasm
