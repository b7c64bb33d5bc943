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
  llvm::LoadInst* size = load_context(m_.i64, at, false);
  size->setVolatile(m_.wasm.memories[index].type.is_shared);  // other threads may grow it
  return size;
}

// Whether every address of the memory stays within its reservation and guard by itself.
bool FunctionTranslator::is_confined(wasm::MemoryIndex index) const {
  const wasm::MemoryType& type = m_.wasm.memories[index].type;
  return !type.is_64 && type.page_log2 == wasm::kStandardPageLog2;
}

llvm::Value* FunctionTranslator::to_address_type(llvm::Value* value, bool is_64) {
  return is_64 ? value : ir_.CreateTrunc(value, m_.i32);
}

// base + zext(address) + offset, in this form and no other: it confines every access to the
// reservation and its guards. No inbounds, no nuw, always the 64-bit index (a GEP sign-extends
// narrower ones). Offsets that could step over the guard are checked, as is every access to a
// memory whose addresses the guard does not confine.
llvm::Value* FunctionTranslator::effective_address(const wasm::MemArg& memory, llvm::Value* address,
                                                   unsigned bytes) {
  llvm::Value* index = widen(address);
  if (!is_confined(memory.memory) || memory.offset + bytes > contract::kMaxUncheckedOffset) {
    return checked_address(memory, index, bytes);
  }
  llvm::Value* at = ir_.CreateGEP(m_.i8, memory_base(memory.memory), index);
  if (memory.offset == 0) return at;
  return ir_.CreateGEP(m_.i8, at, ir_.getInt64(memory.offset));
}

// The same after a comparison with the memory's size: the number of places where the access fits is
// the size less all but the first byte it needs, or none.
llvm::Value* FunctionTranslator::checked_address(const wasm::MemArg& memory, llvm::Value* index,
                                                 unsigned bytes) {
  const uint64_t behind_first = memory.offset + (bytes - 1);
  if (behind_first < memory.offset) {
    trap_if(ir_.getTrue(), TrapCode::kMemoryOutOfBounds);
    return memory_base(memory.memory);
  }
  llvm::Value* places = intrinsic(llvm::Intrinsic::usub_sat,
                                  {memory_size(memory.memory), ir_.getInt64(behind_first)});
  trap_if(ir_.CreateICmpUGE(index, places), TrapCode::kMemoryOutOfBounds);
  llvm::Value* at = ir_.CreateGEP(m_.i8, memory_base(memory.memory), index);
  if (memory.offset == 0) return at;
  return ir_.CreateGEP(m_.i8, at, ir_.getInt64(memory.offset));
}

// The start of [address, address + length), after a check that all of it lies in the memory.
llvm::Value* FunctionTranslator::range_address(wasm::MemoryIndex memory, llvm::Value* address,
                                               llvm::Value* length) {
  llvm::Value* start = widen(address);
  llvm::Value* count = widen(length);
  llvm::Value* size = memory_size(memory);
  llvm::Value* is_outside = ir_.CreateOr(ir_.CreateICmpUGT(count, size),
                                         ir_.CreateICmpUGT(start, ir_.CreateSub(size, count)));
  trap_if(is_outside, TrapCode::kMemoryOutOfBounds);
  return ir_.CreateGEP(m_.i8, memory_base(memory), start);
}

void FunctionTranslator::load(const wasm::Instruction& in, llvm::Type* stored, llvm::Type* pushed,
                              bool is_signed) {
  unsigned bytes = stored->getPrimitiveSizeInBits() / 8;
  llvm::Value* at = effective_address(in.memory, pop(), bytes);
  // The alignment hint is a promise of the guest's, so it is not believed.
  llvm::Value* value = load_memory(in.memory.memory, stored, at);
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
  store_memory(in.memory.memory, value, at);
}

// The access itself. What other threads may change at any time is read and written as it is said
// and once only: LLVM may not make two loads of one, or assume that they agree.
llvm::LoadInst* FunctionTranslator::load_memory(wasm::MemoryIndex memory, llvm::Type* type,
                                                llvm::Value* at) {
  auto* load = ir_.CreateAlignedLoad(type, at, llvm::Align(1));
  load->setMetadata(llvm::LLVMContext::MD_tbaa, m_.memory_tbaa);
  load->setVolatile(m_.wasm.memories[memory].type.is_shared);
  return load;
}

void FunctionTranslator::store_memory(wasm::MemoryIndex memory, llvm::Value* value,
                                      llvm::Value* at) {
  auto* store = ir_.CreateAlignedStore(value, at, llvm::Align(1));
  store->setMetadata(llvm::LLVMContext::MD_tbaa, m_.memory_tbaa);
  store->setVolatile(m_.wasm.memories[memory].type.is_shared);
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
      const wasm::MemoryType& type = m_.wasm.memories[in.index].type;
      push(to_address_type(ir_.CreateLShr(memory_size(in.index), type.page_log2), type.is_64));
      return true;
    }
    case Opcode::memory_grow: {
      llvm::Value* delta = pop();
      llvm::Value* old_pages = call_builtin(Builtin::kMemoryGrow, {ir_.getInt32(in.index), delta});
      push(to_address_type(old_pages, m_.wasm.memories[in.index].type.is_64));
      return true;
    }
    case Opcode::memory_fill: {
      llvm::Value* length = pop();
      llvm::Value* value = ir_.CreateTrunc(pop(), m_.i8);
      llvm::Value* at = range_address(in.index, pop(), length);
      ir_.CreateMemSet(at, value, widen(length), llvm::Align(1));
      return true;
    }
    case Opcode::memory_copy: {
      llvm::Value* length = pop();
      llvm::Value* source = range_address(in.index2, pop(), length);
      llvm::Value* destination = range_address(in.index, pop(), length);
      ir_.CreateMemMove(destination, llvm::Align(1), source, llvm::Align(1), widen(length));
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
