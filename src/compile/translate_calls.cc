// Calls and tables.
#include "compile/function_translator.h"

namespace wherry::compile {

using contract::Builtin;
using contract::FuncRef;
using contract::TrapCode;
using wasm::Opcode;

bool FunctionTranslator::translate_call(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::call: call_direct(in.index); return true;
    case Opcode::call_indirect: call_indirect(in); return true;
    default: return false;
  }
}

void FunctionTranslator::push_results(llvm::Value* result, const wasm::FuncType& type) {
  if (type.results.size() == 1) {
    push(result);
  } else {
    for (unsigned i = 0; i < type.results.size(); i++) push(ir_.CreateExtractValue(result, i));
  }
}

void FunctionTranslator::call_direct(wasm::FuncIndex index) {
  const wasm::FuncType& type = m_.wasm.type_of(index);
  if (m_.wasm.functions[index].imported) {
    call_reference(func_ref(index), type, true);
    return;
  }
  std::vector<llvm::Value*> arguments = pop_many(type.params.size());
  arguments.insert(arguments.begin(), anchor_);
  llvm::CallInst* call = ir_.CreateCall(m_.function(index), arguments);
  m_.mark_internal_call(call);
  push_results(call, type);
}

// Calls through a FuncRef of the right type; `is_constant` if the FuncRef never changes.
void FunctionTranslator::call_reference(llvm::Value* reference, const wasm::FuncType& type,
                                        bool is_constant) {
  auto field = [&](size_t offset) {
    return load_context(m_.ptr, ir_.CreateConstInBoundsGEP1_64(m_.i8, reference, offset),
                        is_constant);
  };
  llvm::Value* code = field(offsetof(FuncRef, code));
  llvm::Value* callee_anchor = field(offsetof(FuncRef, context));
  std::vector<llvm::Value*> arguments = pop_many(type.params.size());
  arguments.insert(arguments.begin(), callee_anchor);
  llvm::CallInst* call = ir_.CreateCall(m_.function_type(type), code, arguments);
  m_.mark_internal_call(call);
  push_results(call, type);
}

llvm::Value* FunctionTranslator::table_element(wasm::TableIndex index, llvm::Value* element,
                                               TrapCode out_of_bounds) {
  llvm::Value* table = vm_table(index);
  llvm::Value* elements = load_context(m_.ptr, table, true);
  llvm::Value* size = load_context(m_.i64, ir_.CreateConstInBoundsGEP1_32(m_.i64, table, 1), false);
  llvm::Value* index64 = ir_.CreateZExt(element, m_.i64);
  trap_if(ir_.CreateICmpUGE(index64, size), out_of_bounds);
  return ir_.CreateGEP(m_.ptr, elements, index64);
}

// Bounds, null and type are checked inline: three compares, no call into the runtime.
void FunctionTranslator::call_indirect(const wasm::Instruction& in) {
  const wasm::FuncType& type = m_.wasm.types[in.index];
  llvm::Value* at = table_element(in.index2, pop(), TrapCode::kUndefinedElement);
  llvm::Value* reference = load_context(m_.ptr, at, false);
  trap_if(ir_.CreateIsNull(reference), TrapCode::kUninitializedElement);
  llvm::Value* type_id = load_context(
      m_.i64, ir_.CreateConstInBoundsGEP1_64(m_.i8, reference, offsetof(FuncRef, type_id)), true);
  trap_if(ir_.CreateICmpNE(type_id, ir_.getInt64(m_.plan.type_ids[in.index])),
          TrapCode::kIndirectCallTypeMismatch);
  call_reference(reference, type, true);
}

bool FunctionTranslator::translate_table(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::table_get:
      push(
          load_context(m_.ptr, table_element(in.index, pop(), TrapCode::kTableOutOfBounds), false));
      return true;
    case Opcode::table_set: {
      llvm::Value* reference = pop();
      llvm::Value* at = table_element(in.index, pop(), TrapCode::kTableOutOfBounds);
      ir_.CreateAlignedStore(reference, at, llvm::Align(8))
          ->setMetadata(llvm::LLVMContext::MD_tbaa, m_.context_tbaa);
      return true;
    }
    case Opcode::table_size: {
      llvm::Value* at = ir_.CreateConstInBoundsGEP1_32(m_.i64, vm_table(in.index), 1);
      push(ir_.CreateTrunc(load_context(m_.i64, at, false), m_.i32));
      return true;
    }
    case Opcode::table_grow: {
      std::vector<llvm::Value*> operands = pop_many(2);
      push(call_builtin(Builtin::kTableGrow, {ir_.getInt32(in.index), operands[0], operands[1]}));
      return true;
    }
    case Opcode::table_fill: {
      std::vector<llvm::Value*> operands = pop_many(3);
      call_builtin(Builtin::kTableFill,
                   {ir_.getInt32(in.index), operands[0], operands[1], operands[2]});
      return true;
    }
    case Opcode::table_copy: {
      std::vector<llvm::Value*> operands = pop_many(3);
      call_builtin(Builtin::kTableCopy, {ir_.getInt32(in.index), ir_.getInt32(in.index2),
                                         operands[0], operands[1], operands[2]});
      return true;
    }
    case Opcode::table_init: {
      std::vector<llvm::Value*> operands = pop_many(3);
      call_builtin(Builtin::kTableInit, {ir_.getInt32(in.index), ir_.getInt32(in.index2),
                                         operands[0], operands[1], operands[2]});
      return true;
    }
    case Opcode::elem_drop: call_builtin(Builtin::kElemDrop, {ir_.getInt32(in.index)}); return true;
    default: return false;
  }
}

}  // namespace wherry::compile
