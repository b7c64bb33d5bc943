// Atomic accesses, wait and notify. All are sequentially consistent, as the specification has it.
#include "compile/function_translator.h"

namespace wherry::compile {

using contract::Builtin;
using contract::TrapCode;
using llvm::AtomicOrdering;
using llvm::AtomicRMWInst;
using wasm::Opcode;

namespace {

// What an atomic instruction's name says: i64.atomic.rmw16.add_u is an add of 16 bits to an i64.
struct AtomicAccess {
  unsigned bytes = 0;
  bool is_64 = false;     // the operand stack's type
  std::string_view verb;  // load, store, add, sub, and, or, xor, xchg, cmpxchg
};

AtomicAccess access_of(Opcode op) {
  AtomicAccess out;
  std::string_view text = wasm::text_of(op);
  out.bytes = 1u << wasm::natural_alignment_log2(op);
  out.is_64 = text.starts_with("i64");
  text.remove_prefix(std::string_view("i64.atomic.").size());
  if (text.starts_with("rmw")) text.remove_prefix(text.find('.') + 1);
  out.verb = text.substr(0, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"));
  return out;
}

AtomicRMWInst::BinOp operation_of(std::string_view verb) {
  if (verb == "add") return AtomicRMWInst::Add;
  if (verb == "sub") return AtomicRMWInst::Sub;
  if (verb == "and") return AtomicRMWInst::And;
  if (verb == "or") return AtomicRMWInst::Or;
  if (verb == "xor") return AtomicRMWInst::Xor;
  return AtomicRMWInst::Xchg;
}

}  // namespace

bool FunctionTranslator::translate_atomic(const wasm::Instruction& in) {
  if (wasm::info_of(in.op).feature != wasm::Feature::kThreads) return false;
  switch (in.op) {
    case Opcode::atomic_fence: ir_.CreateFence(AtomicOrdering::SequentiallyConsistent); return true;
    case Opcode::memory_atomic_notify: {
      llvm::Value* count = pop();
      llvm::Value* address = aligned_position(in, pop());
      push(ir_.CreateTrunc(
          call_builtin(Builtin::kAtomicNotify, {ir_.getInt32(in.memory.memory), address, count}),
          m_.i32));
      return true;
    }
    case Opcode::memory_atomic_wait32:
    case Opcode::memory_atomic_wait64: {
      std::vector<llvm::Value*> operands = pop_many(3);
      llvm::Value* address = aligned_position(in, operands[0]);
      const bool is_64 = in.op == Opcode::memory_atomic_wait64;
      push(ir_.CreateTrunc(
          call_builtin(is_64 ? Builtin::kAtomicWait64 : Builtin::kAtomicWait32,
                       {ir_.getInt32(in.memory.memory), address, operands[1], operands[2]}),
          m_.i32));
      return true;
    }
    default: atomic_access(in); return true;
  }
}

// The byte of the memory that the instruction names, checked to be aligned and inside: for the
// services of the runtime, which count from the memory's start.
llvm::Value* FunctionTranslator::aligned_position(const wasm::Instruction& in,
                                                  llvm::Value* address) {
  const uint64_t bytes = uint64_t{1} << wasm::natural_alignment_log2(in.op);
  llvm::Value* index = widen(address);
  trap_if_unaligned(in.memory, index, bytes);
  checked_address(in.memory, index, static_cast<unsigned>(bytes));
  return ir_.CreateAdd(index, ir_.getInt64(in.memory.offset));
}

// An address that wraps around 64 bits is out of bounds, and either trap will do.
void FunctionTranslator::trap_if_unaligned(const wasm::MemArg& memory, llvm::Value* index,
                                           uint64_t bytes) {
  if (bytes == 1) return;
  llvm::Value* position = ir_.CreateAdd(index, ir_.getInt64(memory.offset));
  llvm::Value* low = ir_.CreateAnd(position, ir_.getInt64(bytes - 1));
  trap_if(ir_.CreateIsNotNull(low), TrapCode::kUnalignedAtomic);
}

void FunctionTranslator::atomic_access(const wasm::Instruction& in) {
  const AtomicAccess access = access_of(in.op);
  const auto order = AtomicOrdering::SequentiallyConsistent;
  llvm::Type* stored = llvm::Type::getIntNTy(m_.context, access.bytes * 8);
  llvm::Type* pushed = access.is_64 ? m_.i64 : m_.i32;
  const size_t value_count = access.verb == "load" ? 0 : access.verb == "cmpxchg" ? 2 : 1;
  std::vector<llvm::Value*> values = pop_many(value_count);
  for (llvm::Value*& value : values) value = ir_.CreateTrunc(value, stored);
  llvm::Value* address = pop();
  trap_if_unaligned(in.memory, widen(address), access.bytes);
  llvm::Value* at = effective_address(in.memory, address, access.bytes);
  const llvm::Align alignment(access.bytes);
  if (access.verb == "store") {
    ir_.CreateAlignedStore(values[0], at, alignment)->setAtomic(order);
    return;
  }
  llvm::Value* old = nullptr;
  if (access.verb == "load") {
    auto* load = ir_.CreateAlignedLoad(stored, at, alignment);
    load->setAtomic(order);
    old = load;
  } else if (access.verb == "cmpxchg") {
    old = ir_.CreateExtractValue(
        ir_.CreateAtomicCmpXchg(at, values[0], values[1], alignment, order, order), 0);
  } else {
    old = ir_.CreateAtomicRMW(operation_of(access.verb), at, values[0], alignment, order);
  }
  push(ir_.CreateZExt(old, pushed));
}

}  // namespace wherry::compile
