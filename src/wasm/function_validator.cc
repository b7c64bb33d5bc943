#include "wasm/function_validator.h"

#include <algorithm>

#include "wasm/limits.h"

namespace wherry::wasm {

namespace {

ValueType type_of_letter(char letter) {
  switch (letter) {
    case 'i': return kI32;
    case 'I': return kI64;
    case 'f': return kF32;
    case 'F': return kF64;
    default: return kV128;
  }
}

// i16x8.extract_lane_s has eight lanes.
uint32_t lanes_of(std::string_view text) {
  const char digit = text[text.find('x') + 1];
  return digit == '1' ? 16 : static_cast<uint32_t>(digit - '0');
}

}  // namespace

std::string operand_name(ValueType type) {
  if (type == kBottom) return "an operand of any type";
  return type.is_ref() && type.heap == kHeapBottom ? "a reference of any type" : name_of(type);
}

bool operand_matches(ValueType found, ValueType expected) {
  if (found == expected || found == kBottom) [[likely]]
    return true;
  if (found.is_ref() && found.heap == kHeapBottom && expected.is_ref()) {
    return !found.nullable || expected.nullable;
  }
  return matches(found, expected);
}

Status FunctionValidator::validate(FuncIndex index) {
  const Function& function = module_.functions[index];
  function_ = index;
  start(function);
  InstructionReader reader = module_.body_reader(function);
  Instruction in;
  while (!frames_.empty()) {
    TRY(reader.next(in));
    op_ = in.op;
    offset_ = in.offset;
    TRY(check(in));
    // One instruction pushes at most a function's results, so that once an instruction is enough.
    TRY(limits::check_count("operands", operands_.size(), limits::kOperandStack, offset_));
  }
  if (reader.at_end()) return ok_status();
  return make_error(ErrorKind::kInvalid,
                    "section size mismatch at offset {:#x}: function {} goes on after its end",
                    reader.offset(), index);
}

void FunctionValidator::start(const Function& function) {
  br_tables_ = 0;
  operands_.clear();
  locals_.clear();
  frames_.clear();
  initialized_.clear();
  initializations_.clear();
  bool all_defaultable = true;
  uint32_t end = 0;
  const auto add = [&](ValueType type, uint32_t count) {
    end += count;
    if (!locals_.empty() && locals_.back().type == type) {
      locals_.back().end = end;
    } else {
      locals_.push_back({end, type});
    }
  };
  for (ValueType type : module_.types[function.type].params) add(type, 1);
  const uint32_t params = end;
  for (const LocalRun& run : function.locals) {
    add(run.type, run.count);
    all_defaultable = all_defaultable && run.type.is_defaultable();
  }
  if (!all_defaultable) start_initialization(params);
  const BlockType type{.kind = BlockType::Kind::kTypeIndex, .type_index = function.type};
  frames_.push_back({.op = Opcode::block, .type = type});
}

Status FunctionValidator::check(const Instruction& in) {
  const OpcodeInfo& info = info_of(in.op);
  if (info.immediates != Immediates::kNone) TRY(check_immediates(in));
  if (info.signature != "*") return apply_signature(in, info.signature);
  return check_special(in);
}

Status FunctionValidator::apply_signature(const Instruction& in, std::string_view signature) {
  const auto type_of = [&](char letter) {
    return letter == 'a' ? address_type(in) : type_of_letter(letter);
  };
  const size_t colon = signature.find(':');
  for (size_t i = colon; i > 0; i--) TRY(pop(type_of(signature[i - 1])));
  for (size_t i = colon + 1; i < signature.size(); i++) push(type_of(signature[i]));
  return ok_status();
}

// Of the memory or table that the instruction names, whose index has been checked.
ValueType FunctionValidator::address_type(const Instruction& in) const {
  switch (immediates_of(in.op)) {
    case Immediates::kMemory: return module_.memories[in.index].type.address_type();
    case Immediates::kDataMemory: return module_.memories[in.index2].type.address_type();
    case Immediates::kTable: return module_.tables[in.index].type.address_type();
    case Immediates::kElemTable:
    case Immediates::kCallIndirect: return module_.tables[in.index2].type.address_type();
    default: return module_.memories[in.memory.memory].type.address_type();
  }
}

// The instructions whose operands depend on more than the opcode. Their immediates are checked.
Status FunctionValidator::check_special(const Instruction& in) {
  switch (in.op) {
    case Opcode::unreachable: set_unreachable(); return ok_status();
    case Opcode::block:
    case Opcode::loop:
    case Opcode::if_:
    case Opcode::try_: return check_block(in);
    case Opcode::else_: return check_else();
    case Opcode::end: return check_end();
    case Opcode::br: return check_br(in);
    case Opcode::br_if: return check_br_if(in);
    case Opcode::br_table: return check_br_table(in);
    case Opcode::return_: return check_return();
    case Opcode::call: return check_call(module_.type_of(in.index));
    case Opcode::call_indirect: return check_call_indirect(in);
    case Opcode::call_ref: return check_call_ref(in);
    case Opcode::return_call: return check_tail_call(module_.type_of(in.index));
    case Opcode::return_call_indirect:
    case Opcode::return_call_ref: return check_tail_call_value(in);
    case Opcode::drop: TRY(pop()); return ok_status();
    case Opcode::select: return check_select();
    case Opcode::select_t: return check_select_types(in);
    case Opcode::local_get: push(TRY(local_type(in.index))); return check_initialized(in.index);
    case Opcode::local_set:
      TRY(pop(TRY(local_type(in.index))));
      set_initialized(in.index);
      return ok_status();
    case Opcode::local_tee: {
      const ValueType type = TRY(local_type(in.index));
      TRY(pop(type));
      push(type);
      set_initialized(in.index);
      return ok_status();
    }
    case Opcode::global_get: push(module_.globals[in.index].type.type); return ok_status();
    case Opcode::global_set: return check_global_set(in);
    case Opcode::table_get:
    case Opcode::table_set:
    case Opcode::table_grow:
    case Opcode::table_fill: return check_table_op(in);
    case Opcode::table_copy:
      return check_copy(module_.tables[in.index].type.address_type(),
                        module_.tables[in.index2].type.address_type());
    case Opcode::memory_copy:
      return check_copy(module_.memories[in.index].type.address_type(),
                        module_.memories[in.index2].type.address_type());
    case Opcode::ref_null: push(in.type); return ok_status();
    case Opcode::ref_is_null: return check_ref_is_null();
    case Opcode::ref_as_non_null: return check_ref_as_non_null();
    case Opcode::ref_func: return check_ref_func(in);
    case Opcode::br_on_null: return check_br_on_null(in);
    case Opcode::br_on_non_null: return check_br_on_non_null(in);
    case Opcode::throw_: return check_throw(in);
    case Opcode::throw_ref: return check_throw_ref();
    case Opcode::try_table: return check_try_table(in);
    case Opcode::catch_:
    case Opcode::catch_all: return check_catch(in);
    case Opcode::delegate: return check_delegate(in);
    case Opcode::rethrow: return check_rethrow(in);
    default:
      return make_error(ErrorKind::kInternal, "{} is enabled but has no typing rule",
                        text_of(in.op));
  }
}

// Every index an instruction names exists, every alignment and lane is in range. The order where
// there are two indices is the specification's tests'.
Status FunctionValidator::check_immediates(const Instruction& in) {
  switch (immediates_of(in.op)) {
    case Immediates::kBlockType: return check_block_type(in.block);
    case Immediates::kTryTable: return check_block_type(in.block);
    case Immediates::kLabel:
      // delegate's label is counted from outside its block.
      return in.op == Opcode::delegate ? ok_status() : check_label(in.index);
    case Immediates::kType: return check_index(in.index, module_.types.size(), "type");
    case Immediates::kTag: return check_index(in.index, module_.tags.size(), "tag");
    case Immediates::kFunc: return check_index(in.index, module_.functions.size(), "function");
    case Immediates::kCallIndirect:
      TRY(check_index(in.index2, module_.tables.size(), "table"));
      return check_index(in.index, module_.types.size(), "type");
    case Immediates::kGlobal: return check_index(in.index, module_.globals.size(), "global");
    case Immediates::kTable: return check_index(in.index, module_.tables.size(), "table");
    case Immediates::kTableTable: return check_table_copy(in);
    case Immediates::kElem: return check_index(in.index, module_.elems.size(), "elem segment");
    case Immediates::kElemTable: return check_table_init(in);
    case Immediates::kMemory: return check_index(in.index, module_.memories.size(), "memory");
    case Immediates::kMemoryMemory:
      TRY(check_index(in.index, module_.memories.size(), "memory"));
      return check_index(in.index2, module_.memories.size(), "memory");
    case Immediates::kData:
    case Immediates::kDataMemory: return check_data_index(in);
    case Immediates::kMemArg: return check_memory_access(in);
    case Immediates::kMemArgLane:
      TRY(check_memory_access(in));
      return check_lane(in.lane, 16u >> natural_alignment_log2(in.op));
    case Immediates::kLane: return check_lane(in.lane, lanes_of(text_of(in.op)));
    case Immediates::kShuffle:
      for (uint8_t lane : in.v128) TRY(check_lane(lane, 32));
      return ok_status();
    default: return ok_status();
  }
}

Status FunctionValidator::check_block_type(const BlockType& type) const {
  if (type.kind != BlockType::Kind::kTypeIndex) return ok_status();
  return check_index(type.type_index, module_.types.size(), "type");
}

Status FunctionValidator::check_memory_access(const Instruction& in) {
  TRY(check_index(in.memory.memory, module_.memories.size(), "memory"));
  const uint32_t natural = natural_alignment_log2(in.op);
  if (info_of(in.op).feature == Feature::kThreads && in.memory.align_log2 < natural) {
    return invalid("alignment must be natural",
                   fmt::format("{} has 2**{}, only 2**{} is natural", text_of(op_),
                               in.memory.align_log2, natural));
  }
  if (in.memory.align_log2 > natural) {
    return invalid("alignment must not be larger than natural",
                   fmt::format("{} has 2**{}, at most 2**{} is natural", text_of(op_),
                               in.memory.align_log2, natural));
  }
  if (!module_.memories[in.memory.memory].type.is_64 && in.memory.offset > UINT32_MAX) {
    return invalid("offset out of range",
                   fmt::format("{} has {:#x} in a memory of 32-bit addresses", text_of(op_),
                               in.memory.offset));
  }
  return ok_status();
}

Status FunctionValidator::check_lane(uint32_t lane, uint32_t lanes) const {
  if (lane < lanes) return ok_status();
  return invalid(fmt::format("invalid lane index {}", lane),
                 fmt::format("{} has {} lanes", text_of(op_), lanes));
}

Status FunctionValidator::check_data_index(const Instruction& in) const {
  if (!module_.data_count) {
    return invalid("data count section required",
                   fmt::format("{} names data segment {}", text_of(op_), in.index));
  }
  if (in.op == Opcode::memory_init) {
    TRY(check_index(in.index2, module_.memories.size(), "memory"));
  }
  return check_index(in.index, *module_.data_count, "data segment");
}

Status FunctionValidator::check_block(const Instruction& in) {
  if (in.op == Opcode::if_) TRY(pop(kI32));
  TRY(pop(params(in.block)));
  return push_frame(in.op, in.block);
}

Status FunctionValidator::check_else() {
  if (frames_.back().op != Opcode::if_) {
    return invalid("END opcode expected",
                   fmt::format("else follows {}", text_of(frames_.back().op)));
  }
  const Frame frame = TRY(pop_frame());
  return push_frame(Opcode::else_, frame.type);
}

Status FunctionValidator::check_end() {
  const Frame frame = TRY(pop_frame());
  const Types left = results(frame.type);
  if (frame.op == Opcode::if_ && !all_match(params(frame.type), left)) {
    return mismatch("an else where if changes the types", "none");
  }
  if (!frames_.empty()) push(left);
  return ok_status();
}

Status FunctionValidator::check_br(const Instruction& in) {
  TRY(pop(label_types(label(in.index))));
  set_unreachable();
  return ok_status();
}

Status FunctionValidator::check_br_if(const Instruction& in) {
  const Types types = label_types(label(in.index));
  TRY(pop(kI32));
  TRY(pop(types));
  push(types);
  return ok_status();
}

Status FunctionValidator::check_br_table(const Instruction& in) {
  TRY(pop(kI32));
  br_tables_++;
  const uint32_t default_label = in.targets.back();
  TRY(check_label(default_label));
  const size_t arity = label_types(label(default_label)).size();
  for (uint32_t target : in.targets) TRY(check_br_table_label(target, arity));
  set_unreachable();
  return ok_status();
}

// Each label only once, however often the table names it: the work stays in proportion to the
// bytes.
Status FunctionValidator::check_br_table_label(uint32_t target, size_t arity) {
  TRY(check_label(target));
  Frame& frame = label(target);
  if (frame.checked_by == br_tables_) return ok_status();
  frame.checked_by = br_tables_;
  const Types types = label_types(frame);
  if (types.size() != arity) {
    return mismatch(fmt::format("labels of {} operands", arity),
                    fmt::format("label {} with {}", target, types.size()));
  }
  return check_top(types);
}

Status FunctionValidator::check_return() {
  TRY(pop(results(frames_.front().type)));
  set_unreachable();
  return ok_status();
}

Status FunctionValidator::check_call(const FuncType& type) {
  TRY(pop(type.params));
  push(type.results);
  return ok_status();
}

// All but the function to call has been popped.
Status FunctionValidator::check_tail_call(const FuncType& type) {
  if (!all_match(type.results, results(frames_.front().type))) {
    return mismatch(fmt::format("a function whose results are those of this one, {}",
                                name_of(module_.type_of(function_))),
                    name_of(type));
  }
  TRY(pop(type.params));
  set_unreachable();
  return ok_status();
}

Status FunctionValidator::check_tail_call_value(const Instruction& in) {
  if (in.op == Opcode::return_call_indirect) {
    TRY(pop_table_index(in));
  } else {
    TRY(pop(function_ref(in.index)));
  }
  return check_tail_call(module_.types[in.index]);
}

Status FunctionValidator::pop_table_index(const Instruction& in) {
  const ValueType element = module_.tables[in.index2].type.element;
  if (!matches(element, kFuncRef)) return mismatch("a table of funcref", name_of(element));
  return pop(address_type(in));
}

Status FunctionValidator::check_call_indirect(const Instruction& in) {
  TRY(pop_table_index(in));
  return check_call(module_.types[in.index]);
}

Status FunctionValidator::check_select() {
  TRY(pop(kI32));
  const ValueType second = TRY(pop());
  const ValueType first = TRY(pop());
  for (ValueType type : {first, second}) {
    if (type.is_ref()) return mismatch("numbers or vectors without a type", name_of(type));
  }
  if (first != second && first != kBottom && second != kBottom) {
    return mismatch(name_of(first), name_of(second));
  }
  push(first == kBottom ? second : first);
  return ok_status();
}

Status FunctionValidator::check_select_types(const Instruction& in) {
  if (in.types.size() != 1) {
    return invalid("invalid result arity",
                   fmt::format("select has {} types, expected 1", in.types.size()));
  }
  const ValueType type = in.types[0];
  TRY(pop(kI32));
  TRY(pop(type));
  TRY(pop(type));
  push(type);
  return ok_status();
}

Status FunctionValidator::check_global_set(const Instruction& in) {
  const GlobalType& global = module_.globals[in.index].type;
  if (global.is_mutable) return pop(global.type);
  return invalid("immutable global", fmt::format("global.set {}", in.index));
}

void FunctionValidator::push(Types types) {
  operands_.insert(operands_.end(), types.begin(), types.end());
}

Result<ValueType> FunctionValidator::pop() {
  const Frame& frame = frames_.back();
  if (operands_.size() > frame.height) {
    const ValueType type = operands_.back();
    operands_.pop_back();
    return type;
  }
  if (frame.unreachable) return kBottom;
  return mismatch("an operand", "an empty stack");
}

Status FunctionValidator::pop(ValueType expected) {
  const Frame& frame = frames_.back();
  if (operands_.size() > frame.height && operand_matches(operands_.back(), expected)) [[likely]] {
    operands_.pop_back();
    return ok_status();
  }
  return check_top({&expected, 1});
}

Status FunctionValidator::pop(Types expected) {
  for (size_t i = expected.size(); i > 0; i--) TRY(pop(expected[i - 1]));
  return ok_status();
}

// Like pop(), but leaves the operands where they are.
Status FunctionValidator::check_top(Types expected) const {
  const Frame& frame = frames_.back();
  const size_t available = operands_.size() - frame.height;
  for (size_t i = 0; i < expected.size(); i++) {
    const ValueType type = expected[expected.size() - 1 - i];
    if (i >= available) {
      if (frame.unreachable) return ok_status();
      return mismatch(operand_name(type), "an empty stack");
    }
    const ValueType found = operands_[operands_.size() - 1 - i];
    if (!operand_matches(found, type)) return mismatch(operand_name(type), operand_name(found));
  }
  return ok_status();
}

Status FunctionValidator::push_frame(Opcode op, const BlockType& type) {
  TRY(limits::check_count("nested blocks", frames_.size(), limits::kBlockDepth, offset_));
  frames_.push_back({.op = op,
                     .type = type,
                     .height = operands_.size(),
                     .initializations = initializations_.size()});
  push(params(type));
  return ok_status();
}

Result<FunctionValidator::Frame> FunctionValidator::pop_frame() {
  const Frame frame = frames_.back();
  TRY(pop(results(frame.type)));
  if (operands_.size() != frame.height) {
    return mismatch("no more operands at the end of the block",
                    fmt::format("{} left, the last {}", operands_.size() - frame.height,
                                operand_name(operands_.back())));
  }
  forget_initializations(frame.initializations);
  frames_.pop_back();
  return frame;
}

void FunctionValidator::set_unreachable() {
  Frame& frame = frames_.back();
  operands_.resize(frame.height);
  frame.unreachable = true;
}

FunctionValidator::Types FunctionValidator::params(const BlockType& type) const {
  if (type.kind == BlockType::Kind::kTypeIndex) return module_.types[type.type_index].params;
  return {};
}

FunctionValidator::Types FunctionValidator::results(const BlockType& type) const {
  switch (type.kind) {
    case BlockType::Kind::kEmpty: return {};
    case BlockType::Kind::kValue: return {&type.value, 1};
    case BlockType::Kind::kTypeIndex: return module_.types[type.type_index].results;
  }
  return {};
}

FunctionValidator::Types FunctionValidator::label_types(const Frame& frame) const {
  return frame.op == Opcode::loop ? params(frame.type) : results(frame.type);
}

bool FunctionValidator::all_match(Types found, Types expected) {
  return std::ranges::equal(found, expected, operand_matches);
}

Status FunctionValidator::check_label(uint32_t label) const {
  if (label < frames_.size()) [[likely]]
    return ok_status();
  return invalid(fmt::format("unknown label {}", label),
                 fmt::format("{} blocks are open", frames_.size()));
}

Status FunctionValidator::check_index(uint32_t index, size_t size, std::string_view what) const {
  if (index < size) [[likely]]
    return ok_status();
  return invalid(fmt::format("unknown {} {}", what, index), fmt::format("the module has {}", size));
}

Result<ValueType> FunctionValidator::local_type(uint32_t index) const {
  const auto run = std::ranges::upper_bound(locals_, index, {}, &LocalEnd::end);
  if (run != locals_.end()) [[likely]]
    return run->type;
  return invalid(fmt::format("unknown local {}", index),
                 fmt::format("{} are declared", locals_.empty() ? 0 : locals_.back().end));
}

Error FunctionValidator::invalid(std::string_view words, std::string_view detail) const {
  return make_error(ErrorKind::kInvalid, "{} at offset {:#x}: {} in function {}", words, offset_,
                    detail, function_);
}

Error FunctionValidator::mismatch(std::string_view expected, std::string_view found) const {
  return invalid("type mismatch",
                 fmt::format("{} expects {}, found {}", text_of(op_), expected, found));
}

}  // namespace wherry::wasm
