#include "wasm/instruction.h"

#include <algorithm>

#include "wasm/features.h"
#include "wasm/limits.h"

namespace wherry::wasm {

namespace {

bool is_prefix(uint8_t byte) { return byte >= 0xfb && byte <= 0xfe; }

Error illegal_opcode(uint8_t prefix, uint32_t code, uint32_t offset) {
  if (prefix == 0) {
    return make_error(ErrorKind::kInvalid, "illegal opcode {:02x} at offset {:#x}", code, offset);
  }
  return make_error(ErrorKind::kInvalid, "illegal opcode {:02x} {:02x} at offset {:#x}", prefix,
                    code, offset);
}

Error not_enabled(const OpcodeInfo& info, uint32_t offset) {
  return missing_feature(fmt::format("{} at offset {:#x}", info.text, offset), info.feature);
}

}  // namespace

Result<Instruction> InstructionReader::next() {
  Instruction out;
  TRY(next(out));
  return out;
}

Status InstructionReader::next(Instruction& out) {
  out.offset = reader_.offset();
  const uint8_t first = TRY(reader_.byte("an instruction"));
  const uint8_t prefix = is_prefix(first) ? first : 0;
  const uint32_t code = prefix != 0 ? TRY(reader_.u32("the opcode behind its prefix")) : first;
  const auto op = find_opcode(prefix, code);
  if (!op) return illegal_opcode(prefix, code, out.offset);
  const OpcodeInfo& info = info_of(*op);
  if (!reader_.has(info.feature)) return not_enabled(info, out.offset);
  out.op = *op;
  if (info.immediates == Immediates::kNone) return ok_status();
  return read_immediates(out);
}

Status InstructionReader::read_immediates(Instruction& out) {
  switch (immediates_of(out.op)) {
    case Immediates::kNone: break;
    case Immediates::kBlockType: return read_block_type(out.block);
    case Immediates::kLabel: out.index = TRY(reader_.u32("a label")); break;
    case Immediates::kBrTable: return read_br_table(out);
    case Immediates::kFunc: out.index = TRY(reader_.u32("a function index")); break;
    case Immediates::kCallIndirect:
      out.index = TRY(reader_.u32("a type index"));
      out.index2 = TRY(reader_.u32("a table index"));
      break;
    case Immediates::kLocal: out.index = TRY(reader_.u32("a local index")); break;
    case Immediates::kGlobal: out.index = TRY(reader_.u32("a global index")); break;
    case Immediates::kTable: out.index = TRY(reader_.u32("a table index")); break;
    case Immediates::kMemory: return read_memory_index(out.index);
    case Immediates::kI32:
      out.bits = static_cast<uint64_t>(static_cast<int64_t>(TRY(reader_.s32("an i32"))));
      break;
    case Immediates::kI64: out.bits = static_cast<uint64_t>(TRY(reader_.s64("an i64"))); break;
    case Immediates::kF32: out.bits = TRY(reader_.fixed_u32("an f32")); break;
    case Immediates::kF64: out.bits = TRY(reader_.fixed_u64("an f64")); break;
    case Immediates::kSelectTypes: return read_select_types(out);
    case Immediates::kRefType: out.type = ref(TRY(reader_.heap_type()), true); break;
    case Immediates::kElem: out.index = TRY(reader_.u32("an element segment index")); break;
    case Immediates::kElemTable:
      out.index = TRY(reader_.u32("an element segment index"));
      out.index2 = TRY(reader_.u32("a table index"));
      break;
    case Immediates::kTableTable:
      out.index = TRY(reader_.u32("a table index"));
      out.index2 = TRY(reader_.u32("a table index"));
      break;
    case Immediates::kData: out.index = TRY(reader_.u32("a data segment index")); break;
    case Immediates::kDataMemory:
      out.index = TRY(reader_.u32("a data segment index"));
      return read_memory_index(out.index2);
    case Immediates::kMemoryMemory:
      TRY(read_memory_index(out.index));
      return read_memory_index(out.index2);
    case Immediates::kMemArg:
    case Immediates::kMemArgLane:
    case Immediates::kV128:
    case Immediates::kShuffle:
    case Immediates::kLane: return read_simd_immediates(out);
    case Immediates::kType: out.index = TRY(reader_.u32("a type index")); break;
    case Immediates::kTag: out.index = TRY(reader_.u32("a tag index")); break;
    case Immediates::kTryTable: TRY(read_block_type(out.block)); return read_catches(out);
    case Immediates::kZeroByte: {
      MemoryIndex zero = 0;
      return read_zero_byte(zero);
    }
    case Immediates::kOther:
      return make_error(ErrorKind::kInternal, "{} is enabled but has no decoder", text_of(out.op));
  }
  return ok_status();
}

// Loads and stores, and what only SIMD has.
Status InstructionReader::read_simd_immediates(Instruction& out) {
  const Immediates immediates = immediates_of(out.op);
  if (immediates == Immediates::kV128 || immediates == Immediates::kShuffle) {
    const Bytes lanes = TRY(reader_.bytes(sizeof(out.v128), "a v128"));
    std::ranges::copy(lanes, out.v128);
    return ok_status();
  }
  if (immediates != Immediates::kLane) TRY(read_memarg(out.memory));
  if (immediates != Immediates::kMemArg) out.lane = TRY(reader_.byte("a lane index"));
  return ok_status();
}

// A value type's byte is a negative one-byte s33; what is not negative is a type index.
Status InstructionReader::read_block_type(BlockType& out) {
  constexpr uint8_t kEmptyBlock = 0x40;
  const uint8_t first = TRY(reader_.peek("a block type"));
  if (first == kEmptyBlock) {
    TRY(reader_.byte("a block type"));
    out.kind = BlockType::Kind::kEmpty;
    return ok_status();
  }
  if (first > kEmptyBlock && first < 0x80) {
    out.kind = BlockType::Kind::kValue;
    out.value = TRY(reader_.value_type());
    return ok_status();
  }
  const uint32_t start = reader_.offset();
  const int64_t index = TRY(reader_.s33("a block type"));
  if (index < 0) {
    return make_error(
        ErrorKind::kInvalid,
        "malformed block type {} at offset {:#x}, expected 0x40, a value type or a type "
        "index",
        index, start);
  }
  out.kind = BlockType::Kind::kTypeIndex;
  out.type_index = static_cast<TypeIndex>(index);
  return ok_status();
}

Status InstructionReader::read_memarg(MemArg& out) {
  constexpr uint32_t kHasMemoryIndex = 0x40;
  const uint32_t start = reader_.offset();
  const uint32_t flags = TRY(reader_.u32("an alignment"));
  out.memory = 0;
  out.align_log2 = flags;
  if (flags >= kHasMemoryIndex) {
    const std::string what =
        fmt::format("malformed memop flags {:#x} at offset {:#x}", flags, start);
    if (flags >= 2 * kHasMemoryIndex) {
      return make_error(ErrorKind::kInvalid, "{}, expected an alignment below 64", what);
    }
    if (!reader_.has(Feature::kMultiMemory)) {
      return missing_feature(what + ": a memory index", Feature::kMultiMemory);
    }
    out.align_log2 = flags - kHasMemoryIndex;
    out.memory = TRY(reader_.u32("a memory index"));
  } else if (flags >= 0x20 && !reader_.has(Feature::kMultiMemory)) {
    return make_error(ErrorKind::kInvalid,
                      "malformed memop flags {:#x} at offset {:#x}, expected an alignment below 32",
                      flags, start);
  }
  out.offset = reader_.has(Feature::kMemory64) ? TRY(reader_.u64("a memory offset"))
                                               : TRY(reader_.u32("a memory offset"));
  return ok_status();
}

// Before multiple memories there was a zero byte where there is an index now.
Status InstructionReader::read_memory_index(MemoryIndex& out) {
  if (!reader_.has(Feature::kMultiMemory)) return read_zero_byte(out);
  out = TRY(reader_.u32("a memory index"));
  return ok_status();
}

Status InstructionReader::read_zero_byte(uint32_t& out) {
  out = 0;
  const uint8_t byte = TRY(reader_.byte("a zero byte"));
  if (byte == 0) return ok_status();
  return make_error(ErrorKind::kInvalid, "zero byte expected at offset {:#x}, found {:#04x}",
                    reader_.offset() - 1, byte);
}

Status InstructionReader::read_br_table(Instruction& out) {
  const uint32_t count = TRY(reader_.count("br_table targets", limits::kBrTableTargets));
  targets_.clear();
  for (uint32_t i = 0; i <= count; i++) targets_.push_back(TRY(reader_.u32("a label")));
  out.targets = targets_;
  return ok_status();
}

Status InstructionReader::read_select_types(Instruction& out) {
  const uint32_t count = TRY(reader_.count("select types", limits::kFunctionResults));
  types_.clear();
  for (uint32_t i = 0; i < count; i++) types_.push_back(TRY(reader_.value_type()));
  out.types = types_;
  return ok_status();
}

Status InstructionReader::read_catches(Instruction& out) {
  const uint32_t count = TRY(reader_.count("catch clauses", limits::kCatchClauses));
  catches_.clear();
  for (uint32_t i = 0; i < count; i++) {
    CatchClause clause;
    const uint32_t start = reader_.offset();
    const uint8_t kind = TRY(reader_.byte("a catch clause"));
    if (kind > static_cast<uint8_t>(CatchClause::Kind::kCatchAllRef)) {
      return make_error(ErrorKind::kInvalid,
                        "malformed catch clause {:#04x} at offset {:#x}, expected at most 3", kind,
                        start);
    }
    clause.kind = CatchClause::Kind{kind};
    if (clause.has_tag()) clause.tag = TRY(reader_.u32("a tag index"));
    clause.label = TRY(reader_.u32("a label"));
    catches_.push_back(clause);
  }
  out.catches = catches_;
  return ok_status();
}

}  // namespace wherry::wasm
