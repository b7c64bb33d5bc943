// Translates one validated function body to LLVM IR, in one pass over its instructions.
//
// WebAssembly's operand stack becomes SSA values; block results become phis; locals become allocas
// that SROA removes. Code that cannot be reached is skipped, not translated. The methods are spread
// by topic over the translate_*.cc.
#pragma once

#include <vector>

#include "compile/module_builder.h"

namespace wherry::compile {

class FunctionTranslator {
 public:
  FunctionTranslator(ModuleBuilder& module, wasm::FuncIndex index);

  Status translate();

 private:
  struct Frame {
    // kTry and kTryTable are bodies whose exceptions the frame handles, kCatch a handler's body.
    enum class Kind : uint8_t { kFunction, kBlock, kLoop, kIf, kElse, kTry, kTryTable, kCatch };
    Kind kind = Kind::kBlock;
    llvm::BasicBlock* end = nullptr;        // where execution goes on behind the construct
    llvm::BasicBlock* target = nullptr;     // where a branch to its label goes
    llvm::BasicBlock* otherwise = nullptr;  // kIf: the else side
    std::vector<llvm::PHINode*> end_phis;   // its results
    std::vector<llvm::PHINode*>
        target_phis;                       // what a branch carries: results, or a loop's parameters
    std::vector<llvm::Value*> parameters;  // kIf: for the else side
    size_t height = 0;                     // of the operand stack below its parameters
    // Exceptions from a body, once one can happen: where landing pads go, and what was caught.
    llvm::BasicBlock* landing = nullptr;       // the landing pad of the calls in the body
    llvm::BasicBlock* dispatch = nullptr;      // chooses the handler
    llvm::PHINode* exception = nullptr;        // at the start of `dispatch`
    llvm::BasicBlock* next_handler = nullptr;  // kCatch: where the tags go that did not match yet
    std::vector<wasm::CatchClause> catches;    // kTryTable
  };

  std::vector<llvm::Value*> parameters();

  // One instruction; false if no topic knows it.
  Result<bool> translate_instruction(const wasm::Instruction& in);
  bool translate_control(const wasm::Instruction& in);
  bool translate_unreachable(const wasm::Instruction& in);
  bool translate_variable(const wasm::Instruction& in);
  bool translate_memory(const wasm::Instruction& in);
  bool translate_table(const wasm::Instruction& in);
  bool translate_call(const wasm::Instruction& in);
  bool translate_integer(const wasm::Instruction& in);
  bool translate_float(const wasm::Instruction& in);
  bool translate_conversion(const wasm::Instruction& in);
  bool translate_exception(const wasm::Instruction& in);
  bool translate_atomic(const wasm::Instruction& in);
  bool translate_reference(const wasm::Instruction& in);
  bool translate_wide(const wasm::Instruction& in);
  bool translate_simd(const wasm::Instruction& in);
  bool translate_simd_memory(const wasm::Instruction& in);
  bool translate_simd_lanes(const wasm::Instruction& in);
  bool translate_simd_integer(const wasm::Instruction& in);
  bool translate_simd_widening(const wasm::Instruction& in);
  bool translate_simd_float(const wasm::Instruction& in);
  bool translate_simd_conversion(const wasm::Instruction& in);
  bool translate_simd_relaxed(const wasm::Instruction& in);

  // Operand stack.
  void push(llvm::Value* value) { stack_.push_back(value); }
  llvm::Value* pop();
  llvm::Value* pop_condition();  // an i32 that is not 0, as an i1
  std::vector<llvm::Value*> pop_many(size_t count);

  // Control.
  wasm::FuncType signature_of(const wasm::BlockType& type) const;
  void begin_block(Frame::Kind kind, const wasm::BlockType& type);
  void begin_else();
  void end_block();
  Frame leave_frame();
  void enter_end(const Frame& frame);
  void branch_to(Frame& frame);  // unconditional; the operands stay on the stack
  void add_incoming(const std::vector<llvm::PHINode*>& phis, llvm::BasicBlock* from);
  Frame& frame_at(uint32_t depth) { return frames_[frames_.size() - 1 - depth]; }
  void set_unreachable();
  void branch_if(const wasm::Instruction& in);
  void branch_on_null(const wasm::Instruction& in);
  void branch_table(const wasm::Instruction& in);
  void return_values();
  llvm::BasicBlock* new_block(const char* name);
  std::vector<llvm::PHINode*> new_phis(llvm::BasicBlock* block,
                                       const std::vector<wasm::ValueType>& types);

  // Traps.
  void trap_if(llvm::Value* condition, contract::TrapCode code);
  void trap(contract::TrapCode code);
  void keep_trap(llvm::Value* unread);

  // The context.
  llvm::Value* context_at(int64_t offset);
  llvm::LoadInst* load_context(llvm::Type* type, llvm::Value* at, bool is_constant);
  llvm::Value* vm_memory(wasm::MemoryIndex index);
  llvm::Value* vm_table(wasm::TableIndex index);
  llvm::Value* vm_global(wasm::GlobalIndex index);
  llvm::Constant* constant_global(const wasm::Global& global);
  llvm::Value* vm_tag(wasm::TagIndex index);
  llvm::Value* func_ref(wasm::FuncIndex index);
  // The service's answer as an i64 (of which an i32 is the low half).
  llvm::Value* call_builtin(contract::Builtin builtin, std::initializer_list<llvm::Value*> slots);
  llvm::Value* builtin_binding(contract::Builtin builtin);
  llvm::AllocaInst* entry_alloca(llvm::Type* type, unsigned count = 1);

  // Memory.
  llvm::Value* memory_base(wasm::MemoryIndex index);
  llvm::Value* memory_size(wasm::MemoryIndex index);
  llvm::Value* effective_address(const wasm::MemArg& memory, llvm::Value* address, unsigned bytes);
  llvm::Value* checked_address(const wasm::MemArg& memory, llvm::Value* index, unsigned bytes);
  llvm::Value* range_address(wasm::MemoryIndex memory, llvm::Value* address, llvm::Value* length);
  bool is_confined(wasm::MemoryIndex index) const;
  llvm::LoadInst* load_memory(wasm::MemoryIndex memory, llvm::Type* type, llvm::Value* at);
  void store_memory(wasm::MemoryIndex memory, llvm::Value* value, llvm::Value* at);
  llvm::Value* to_address_type(llvm::Value* value, bool is_64);
  llvm::Value* widen(llvm::Value* value) { return ir_.CreateZExtOrTrunc(value, m_.i64); }
  void load(const wasm::Instruction& in, llvm::Type* stored, llvm::Type* pushed, bool is_signed);
  void store(const wasm::Instruction& in, llvm::Type* stored);

  // Tables.
  llvm::Value* table_element(wasm::TableIndex index, llvm::Value* element,
                             contract::TrapCode out_of_bounds);

  // Calls.
  llvm::CallBase* call(llvm::FunctionType* type, llvm::Value* callee,
                       const std::vector<llvm::Value*>& arguments, bool may_throw);
  void call_direct(wasm::FuncIndex index);
  void call_indirect(const wasm::Instruction& in);
  void call_static(const wasm::Instruction& in);
  llvm::Value* static_element(const wasm::Instruction& in, llvm::Value* index,
                              llvm::BasicBlock* refuse);
  void refuse_call(const StaticTable& table, wasm::TableIndex table_index, llvm::Value* index,
                   llvm::BasicBlock* refuse);
  void call_reference(llvm::Value* reference, const wasm::FuncType& type, bool is_constant);
  // Of internal signature; pops nothing, pushes the results.
  void call_code(llvm::Value* code, const wasm::FuncType& type, Convention convention,
                 std::vector<llvm::Value*> arguments);
  llvm::Value* checked_reference(const wasm::Instruction& in);
  void push_results(llvm::Value* result, const wasm::FuncType& type);
  void return_call_direct(wasm::FuncIndex index);
  void return_call_reference(llvm::Value* reference, const wasm::FuncType& type);
  void tail_call(llvm::Value* code, const wasm::FuncType& type,
                 std::vector<llvm::Value*> arguments);
  void return_common_call(llvm::Value* code, const wasm::FuncType& type,
                          std::vector<llvm::Value*> arguments);
  llvm::Value* func_ref_field(llvm::Value* reference, size_t offset, bool is_constant);

  // Atomics.
  void atomic_access(const wasm::Instruction& in);
  llvm::Value* aligned_position(const wasm::Instruction& in, llvm::Value* address);
  void trap_if_unaligned(const wasm::MemArg& memory, llvm::Value* index, uint64_t bytes);

  // Exceptions.
  Frame* innermost_try(size_t frames);
  llvm::BasicBlock* landing_pad();
  void make_dispatch(Frame& frame);
  void raise(contract::Builtin builtin, llvm::Value* slots, llvm::BasicBlock* landing);
  llvm::Value* throw_slots();
  llvm::Value* exception_field(llvm::Value* exception, size_t offset);
  void throw_tag(wasm::TagIndex tag);
  void unwind_to_outer(llvm::Value* exception, size_t frames);
  llvm::Value* matches_tag(llvm::Value* exception, wasm::TagIndex tag);
  void push_payload(llvm::Value* exception, wasm::TagIndex tag);
  void mark_caught(llvm::Value* exception, bool keeps_reference);
  void begin_try(const wasm::Instruction& in);
  void begin_catch(const wasm::Instruction& in);
  void end_handlers(Frame& frame);
  void dispatch_clauses(Frame& frame);
  void end_delegate(const wasm::Instruction& in);

  // Numbers.
  llvm::Value* divide(wasm::Opcode op, llvm::Value* left, llvm::Value* right);
  llvm::Value* first_if_beyond(bool is_maximum, llvm::Value* a, llvm::Value* b);
  llvm::Value* minimum_maximum(bool is_maximum, llvm::Value* left, llvm::Value* right);
  llvm::Value* quieting_arithmetic(llvm::Instruction::BinaryOps op, llvm::Value* left,
                                   llvm::Value* right);
  llvm::Value* truncate_checked(llvm::Value* value, llvm::Type* to, bool is_signed);
  llvm::Value* compare(llvm::CmpInst::Predicate predicate);
  llvm::Value* intrinsic(llvm::Intrinsic::ID id, std::initializer_list<llvm::Value*> arguments);

  // Vectors. A v128 is <2 x i64> on the operand stack; instructions see it as the lanes they name.
  llvm::FixedVectorType* lanes_of(wasm::Opcode op) const;
  llvm::Value* as(llvm::Value* vector, llvm::Type* type);
  llvm::Value* pop_lanes(llvm::FixedVectorType* lanes) { return as(pop(), lanes); }
  void push_lanes(llvm::Value* vector) { push(as(vector, m_.i64x2)); }
  // The two topmost operands, as these lanes, become make(left, right). Always true: translated.
  template <typename Make>
  bool binary_lanes(llvm::FixedVectorType* lanes, Make make) {
    llvm::Value* right = pop_lanes(lanes);
    llvm::Value* left = pop_lanes(lanes);
    push_lanes(make(left, right));
    return true;
  }
  llvm::Constant* splat(llvm::FixedVectorType* lanes, uint64_t lane) const;
  llvm::Constant* splat_float(llvm::FixedVectorType* lanes, double lane) const;
  llvm::Value* x86(llvm::Intrinsic::ID id, std::initializer_list<llvm::Value*> arguments);
  llvm::Value* half(llvm::Value* vector, bool is_high);
  llvm::LoadInst* load_lanes(const wasm::Instruction& in, llvm::Type* type);
  void store_lane(const wasm::Instruction& in, llvm::FixedVectorType* lanes);
  llvm::Value* shift_count(llvm::FixedVectorType* lanes, llvm::Value* count);
  llvm::Value* shift_bytes_signed(llvm::Value* bytes, llvm::Value* count);
  llvm::Value* truncate_saturated(llvm::Value* vector, bool is_signed);

  ModuleBuilder& m_;
  const wasm::FuncIndex index_;
  const wasm::Function& wasm_function_;
  const wasm::FuncType& type_;
  llvm::Function* function_;
  llvm::Value* anchor_;
  Convention convention_;
  llvm::IRBuilder<> ir_;
  llvm::Value* builtin_slots_ = nullptr;
  llvm::Value* throw_slots_ = nullptr;

  std::vector<llvm::AllocaInst*> locals_;
  std::vector<wasm::ValueType> local_types_;
  std::vector<bool> local_is_read_;
  std::vector<llvm::Value*> stack_;
  std::vector<Frame> frames_;
  bool reachable_ = true;
  uint32_t unreachable_depth_ = 0;  // blocks opened inside unreachable code
};

}  // namespace wherry::compile
