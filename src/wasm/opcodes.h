// The opcode table: every instruction of WebAssembly 1.0 to 3.0, one line each in opcodes.def.
//
// An opcode's name, bytes, immediates, stack signature and the feature that brought it are all said
// there and nowhere else. Adding an instruction is adding a line; what needs more than its
// signature (control, variables, tables) has signature "*" and is handled by name in validate.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wherry::wasm {

// The enumerators are the text format's names with `.` as `_` (i32_add, local_get, memory_copy);
// C++ keywords take a trailing `_` (if_, else_, return_); `select t*` is select_t.
enum class Opcode : uint16_t {
#define WHERRY_OPCODE(id, text, prefix, code, immediates, signature, feature) id,
#include "wasm/opcodes.def"
#undef WHERRY_OPCODE
};

// What follows the opcode's bytes.
enum class Immediates : uint8_t {
  kNone,
  kBlockType,
  kLabel,
  kBrTable,
  kFunc,
  kCallIndirect,  // type, table
  kLocal,
  kGlobal,
  kTable,
  kMemory,  // memory.size, memory.grow, memory.fill
  kMemArg,
  kMemArgLane,  // v128.load8_lane …
  kI32,
  kI64,
  kF32,
  kF64,
  kV128,
  kShuffle,
  kLane,
  kSelectTypes,
  kRefType,  // ref.null
  kElem,
  kElemTable,   // table.init
  kTableTable,  // table.copy
  kData,
  kDataMemory,    // memory.init
  kMemoryMemory,  // memory.copy
  kType,          // call_ref and most of GC
  kTag,           // throw, catch
  kTryTable,      // block type, catch clauses
  kZeroByte,      // atomic.fence
  kOther,         // GC's forms, which nothing decodes yet
};

// What brought an instruction into the language; which are on is said by a Features set
// (features.h).
enum class Feature : uint8_t {
  kMvp,
  kSignExtension,
  kSaturatingFloatToInt,
  kBulkMemory,
  kReferenceTypes,
  kMultiValue,
  kSimd,
  kRelaxedSimd,
  kTailCall,
  kThreads,
  kExceptions,
  kLegacyExceptions,
  kFunctionReferences,
  kGc,
  kWideArithmetic,
  kExtendedConst,  // these bring no opcodes of their own
  kMultiMemory,
  kMemory64,
  kCustomPageSizes,
  kCompactImports,
};
inline constexpr size_t kFeatureCount = static_cast<size_t>(Feature::kCompactImports) + 1;

std::string_view name_of(Feature feature);

struct OpcodeInfo {
  std::string_view text;  // "i32.add"
  uint8_t prefix;         // 0, 0xfb, 0xfc, 0xfd or 0xfe
  uint32_t code;          // the byte, or the LEB128 number behind the prefix
  Immediates immediates;
  // "ii:i" with i I f F v = i32 i64 f32 f64 v128 and a = the address type of the memory or table
  // that the instruction names (i32, or i64 with memory64); or "*".
  std::string_view signature;
  Feature feature;
};

extern const OpcodeInfo kOpcodeInfos[];  // by Opcode
inline const OpcodeInfo& info_of(Opcode op) { return kOpcodeInfos[static_cast<size_t>(op)]; }
inline std::string_view text_of(Opcode op) { return info_of(op).text; }
inline Immediates immediates_of(Opcode op) { return info_of(op).immediates; }

// The opcode for these bytes, of whatever feature, or nothing.
// (Inline over a number because g++ returns an optional this small through a stalling load.)
uint32_t opcode_number_plus_one(uint8_t prefix, uint32_t code);  // 0: none
inline std::optional<Opcode> find_opcode(uint8_t prefix, uint32_t code) {
  const uint32_t number = opcode_number_plus_one(prefix, code);
  if (number == 0) return std::nullopt;
  return static_cast<Opcode>(number - 1);
}

// Log2 of the bytes a load or store touches (0 for others): its largest legal alignment.
uint32_t natural_alignment_log2(Opcode op);

}  // namespace wherry::wasm
