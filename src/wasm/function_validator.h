// Types one function body at a time: the algorithm of Core 2.0, appendix 7.3, with a stack of
// operand types and a stack of control frames. Internal to the wasm room; callers use validate.h.
//
// One validator serves many functions so that its stacks are allocated once; it belongs to one
// thread. It may only be used after validate_declarations() accepted the module.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "wasm/module.h"

namespace wherry::wasm {

// What an operand is in code that no one reaches: it matches every type; and the heap type of a
// reference that came from there.
inline constexpr ValueType kBottom{static_cast<ValueType::Kind>(0xff)};
inline constexpr HeapType kHeapBottom = INT32_MIN;

std::string operand_name(ValueType type);
bool operand_matches(ValueType found, ValueType expected);

class FunctionValidator {
 public:
  explicit FunctionValidator(const Module& module) : module_(module) {}

  Status validate(FuncIndex index);

 private:
  using Types = std::span<const ValueType>;

  struct Frame {
    // block, loop, if, else, try_table, try, catch or catch_all; the body itself is a block
    Opcode op = Opcode::block;
    BlockType type;
    size_t height = 0;  // of the operand stack below the frame's parameters
    bool unreachable = false;
    uint32_t checked_by = 0;     // the br_table that last checked this label
    size_t initializations = 0;  // of locals, before the frame
  };

  // Locals as the runs the format gives, for a module may promise far more locals than it has
  // bytes.
  struct LocalEnd {
    uint32_t end = 0;  // index of the first local behind the run
    ValueType type;
  };

  void start(const Function& function);
  Status check(const Instruction& in);
  Status check_special(const Instruction& in);
  Status check_immediates(const Instruction& in);
  Status check_memory_access(const Instruction& in);
  Status check_lane(uint32_t lane, uint32_t lanes) const;
  Status check_data_index(const Instruction& in) const;
  Status check_block_type(const BlockType& type) const;
  Status apply_signature(const Instruction& in, std::string_view signature);
  ValueType address_type(const Instruction& in) const;

  Status check_block(const Instruction& in);
  Status check_else();
  Status check_end();
  Status check_br(const Instruction& in);
  Status check_br_if(const Instruction& in);
  Status check_br_table(const Instruction& in);
  Status check_br_table_label(uint32_t target, size_t arity);
  Status check_return();
  Status check_call(const FuncType& type);
  Status check_call_indirect(const Instruction& in);
  Status check_select();
  Status check_select_types(const Instruction& in);
  Status check_global_set(const Instruction& in);
  Status check_tail_call(const FuncType& type);
  Status check_tail_call_value(const Instruction& in);
  Status pop_table_index(const Instruction& in);

  // function_validator_references.cc
  Status check_table_op(const Instruction& in);
  Status check_table_copy(const Instruction& in) const;
  Status check_table_init(const Instruction& in) const;
  Status check_copy(ValueType to, ValueType from);
  Result<ValueType> pop_reference();
  Status check_ref_is_null();
  Status check_ref_as_non_null();
  Status check_ref_func(const Instruction& in);
  Status check_br_on_null(const Instruction& in);
  Status check_br_on_non_null(const Instruction& in);
  Status check_call_ref(const Instruction& in);
  ValueType function_ref(TypeIndex type) const;  // nullable
  void start_initialization(uint32_t params);
  Status check_initialized(uint32_t local) const;
  void set_initialized(uint32_t local);
  void forget_initializations(size_t height);

  // function_validator_exceptions.cc
  Status check_throw(const Instruction& in);
  Status check_throw_ref();
  Status check_try_table(const Instruction& in);
  Status check_clause(const CatchClause& clause);
  Status check_catch(const Instruction& in);
  Status check_delegate(const Instruction& in);
  Status check_rethrow(const Instruction& in);
  Types tag_params(TagIndex tag) const { return module_.types[module_.tags[tag].type].params; }

  void push(ValueType type) { operands_.push_back(type); }
  void push(Types types);
  Result<ValueType> pop();
  Status pop(ValueType expected);
  Status pop(Types expected);
  Status check_top(Types expected) const;
  Status push_frame(Opcode op, const BlockType& type);
  Result<Frame> pop_frame();
  void set_unreachable();

  Types params(const BlockType& type) const;
  Types results(const BlockType& type) const;
  // What a branch to the frame takes. A span may point into the block type or frame it is of.
  Types label_types(const Frame& frame) const;
  static bool all_match(Types found, Types expected);

  Status check_label(uint32_t label) const;
  Status check_index(uint32_t index, size_t size, std::string_view what) const;
  Result<ValueType> local_type(uint32_t index) const;
  Frame& label(uint32_t depth) { return frames_[frames_.size() - 1 - depth]; }

  // `words at offset 0x2f: detail in function 3`, words being the specification's.
  Error invalid(std::string_view words, std::string_view detail) const;
  Error mismatch(std::string_view expected, std::string_view found) const;

  const Module& module_;
  FuncIndex function_ = 0;
  Opcode op_ = Opcode::unreachable;  // the instruction being checked, for messages
  uint32_t offset_ = 0;
  uint32_t br_tables_ = 0;  // seen so far in this function
  std::vector<ValueType> operands_;
  std::vector<Frame> frames_;
  std::vector<LocalEnd> locals_;
  std::vector<bool> initialized_;            // per local; empty if all have default values
  std::vector<LocalIndex> initializations_;  // of locals without, in order
};

}  // namespace wherry::wasm
