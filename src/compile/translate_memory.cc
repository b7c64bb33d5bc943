// Linear memory: loads, stores, sizes and bulk operations.
#include "compile/function_translator.h"

namespace wherry::compile {

using contract::Builtin;
using contract::TrapCode;
using wasm::Opcode;

llvm::Value* FunctionTranslator::memory_base(wasm::MemoryIndex index) {
  if (index == 0 && m_.plan.memory0_is_own) return anchor_;
  return load_context(m_.ptr, vm_memory(index), true);
}

llvm::Value* FunctionTranslator::memory_size(wasm::MemoryIndex index) {
  llvm::Value* at = ir_.CreateConstInBoundsGEP1_32(m_.i64, vm_memory(index), 1);
  return load_context(m_.i64, at, false);
}

// base + zext(address) + offset, in this form and no other: it confines every access to the
// reservation and its guards. No inbounds, no nuw, always the 64-bit index (a GEP sign-extends
// narrower ones). Offsets that could step over the guard are checked.
llvm::Value* FunctionTranslator::effective_address(const wasm::MemArg& memory, llvm::Value* address,
                                                   unsigned bytes) {
  llvm::Value* base = memory_base(memory.memory);
  llvm::Value* index = ir_.CreateZExt(address, m_.i64);
  if (memory.offset + bytes > contract::kMaxUncheckedOffset) {
    llvm::Value* start = ir_.CreateAdd(index, ir_.getInt64(memory.offset));
    llvm::Value* end = ir_.CreateAdd(start, ir_.getInt64(bytes));
    trap_if(ir_.CreateICmpUGT(end, memory_size(memory.memory)), TrapCode::kMemoryOutOfBounds);
    return ir_.CreateGEP(m_.i8, base, start);
  }
  llvm::Value* at = ir_.CreateGEP(m_.i8, base, index);
  if (memory.offset == 0) return at;
  return ir_.CreateGEP(m_.i8, at, ir_.getInt64(memory.offset));
}

// The start of [address, address + length), after a check that all of it lies in the memory.
llvm::Value* FunctionTranslator::range_address(wasm::MemoryIndex memory, llvm::Value* address,
                                               llvm::Value* length) {
  llvm::Value* start = ir_.CreateZExt(address, m_.i64);
  llvm::Value* end = ir_.CreateAdd(start, ir_.CreateZExt(length, m_.i64));
  trap_if(ir_.CreateICmpUGT(end, memory_size(memory)), TrapCode::kMemoryOutOfBounds);
  return ir_.CreateGEP(m_.i8, memory_base(memory), start);
}

void FunctionTranslator::load(const wasm::Instruction& in, llvm::Type* stored, llvm::Type* pushed,
                              bool is_signed) {
  unsigned bytes = stored->getPrimitiveSizeInBits() / 8;
  llvm::Value* at = effective_address(in.memory, pop(), bytes);
  // The alignment hint is a promise of the guest's, so it is not believed.
  auto* load = ir_.CreateAlignedLoad(stored, at, llvm::Align(1));
  load->setMetadata(llvm::LLVMContext::MD_tbaa, m_.memory_tbaa);
  llvm::Value* value = load;
  if (stored != pushed) {
    value = is_signed ? ir_.CreateSExt(value, pushed) : ir_.CreateZExt(value, pushed);
  }
  push(value);
}

void FunctionTranslator::store(const wasm::Instruction& in, llvm::Type* stored) {
  llvm::Value* value = pop();
  unsigned bytes = stored->getPrimitiveSizeInBits() / 8;
  llvm::Value* at = effective_address(in.memory, pop(), bytes);
  if (value->getType() != stored) value = ir_.CreateTrunc(value, stored);
  auto* store = ir_.CreateAlignedStore(value, at, llvm::Align(1));
  store->setMetadata(llvm::LLVMContext::MD_tbaa, m_.memory_tbaa);
}

bool FunctionTranslator::translate_memory(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::i32_load: load(in, m_.i32, m_.i32, false); return true;
    case Opcode::i64_load: load(in, m_.i64, m_.i64, false); return true;
    case Opcode::f32_load: load(in, m_.f32, m_.f32, false); return true;
    case Opcode::f64_load: load(in, m_.f64, m_.f64, false); return true;
    case Opcode::i32_load8_s: load(in, m_.i8, m_.i32, true); return true;
    case Opcode::i32_load8_u: load(in, m_.i8, m_.i32, false); return true;
    case Opcode::i32_load16_s: load(in, m_.i16, m_.i32, true); return true;
    case Opcode::i32_load16_u: load(in, m_.i16, m_.i32, false); return true;
    case Opcode::i64_load8_s: load(in, m_.i8, m_.i64, true); return true;
    case Opcode::i64_load8_u: load(in, m_.i8, m_.i64, false); return true;
    case Opcode::i64_load16_s: load(in, m_.i16, m_.i64, true); return true;
    case Opcode::i64_load16_u: load(in, m_.i16, m_.i64, false); return true;
    case Opcode::i64_load32_s: load(in, m_.i32, m_.i64, true); return true;
    case Opcode::i64_load32_u: load(in, m_.i32, m_.i64, false); return true;
    case Opcode::i32_store: store(in, m_.i32); return true;
    case Opcode::i64_store: store(in, m_.i64); return true;
    case Opcode::f32_store: store(in, m_.f32); return true;
    case Opcode::f64_store: store(in, m_.f64); return true;
    case Opcode::i32_store8: store(in, m_.i8); return true;
    case Opcode::i32_store16: store(in, m_.i16); return true;
    case Opcode::i64_store8: store(in, m_.i8); return true;
    case Opcode::i64_store16: store(in, m_.i16); return true;
    case Opcode::i64_store32: store(in, m_.i32); return true;
    case Opcode::memory_size: {
      llvm::Value* pages = ir_.CreateLShr(memory_size(in.index), 16);
      push(ir_.CreateTrunc(pages, m_.i32));
      return true;
    }
    case Opcode::memory_grow: {
      llvm::Value* delta = pop();
      push(call_builtin(Builtin::kMemoryGrow, {ir_.getInt32(in.index), delta}));
      return true;
    }
    case Opcode::memory_fill: {
      llvm::Value* length = pop();
      llvm::Value* value = ir_.CreateTrunc(pop(), m_.i8);
      llvm::Value* at = range_address(in.index, pop(), length);
      ir_.CreateMemSet(at, value, ir_.CreateZExt(length, m_.i64), llvm::Align(1));
      return true;
    }
    case Opcode::memory_copy: {
      llvm::Value* length = pop();
      llvm::Value* source = range_address(in.index2, pop(), length);
      llvm::Value* destination = range_address(in.index, pop(), length);
      ir_.CreateMemMove(destination, llvm::Align(1), source, llvm::Align(1),
                        ir_.CreateZExt(length, m_.i64));
      return true;
    }
    case Opcode::memory_init: {
      std::vector<llvm::Value*> operands = pop_many(3);
      call_builtin(Builtin::kMemoryInit, {ir_.getInt32(in.index), ir_.getInt32(in.index2),
                                          operands[0], operands[1], operands[2]});
      return true;
    }
    case Opcode::data_drop: call_builtin(Builtin::kDataDrop, {ir_.getInt32(in.index)}); return true;
    default: return false;
  }
}

}  // namespace wherry::compile
