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
    case Opcode::call_indirect:
    case Opcode::call_ref: call_indirect(in); return true;
    case Opcode::return_call: return_call_direct(in.index); return true;
    case Opcode::return_call_indirect:
    case Opcode::return_call_ref:
      return_call_reference(checked_reference(in), m_.wasm.types[in.index]);
      return true;
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

void FunctionTranslator::call_code(llvm::Value* code, const wasm::FuncType& type,
                                   Convention convention, std::vector<llvm::Value*> arguments) {
  llvm::AllocaInst* results = nullptr;
  if (returns_through_memory(type, convention)) {
    results = entry_alloca(m_.result_type(type));
    arguments.push_back(results);
  }
  arguments = m_.place_arguments(ir_, anchor_, type, convention, arguments);
  llvm::CallBase* made = call(m_.function_type(type, convention), code, arguments, true);
  m_.mark_internal_call(made, convention);
  if (results) {
    push_results(ir_.CreateLoad(m_.result_type(type), results), type);
  } else {
    push_results(made, type);
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
  call_code(m_.function(index), type, m_.convention_of(index), std::move(arguments));
}

llvm::Value* FunctionTranslator::func_ref_field(llvm::Value* reference, size_t offset,
                                                bool is_constant) {
  return load_context(m_.ptr, ir_.CreateConstInBoundsGEP1_64(m_.i8, reference, offset),
                      is_constant);
}

// Calls through a FuncRef of the right type; `is_constant` if the FuncRef never changes.
void FunctionTranslator::call_reference(llvm::Value* reference, const wasm::FuncType& type,
                                        bool is_constant) {
  llvm::Value* code = func_ref_field(reference, offsetof(FuncRef, code), is_constant);
  llvm::Value* callee_anchor = func_ref_field(reference, offsetof(FuncRef, context), is_constant);
  std::vector<llvm::Value*> arguments = pop_many(type.params.size());
  arguments.insert(arguments.begin(), callee_anchor);
  call_code(code, type, Convention::kCommon, std::move(arguments));
}

// In a function of the tail calls' convention, to one of the same.
void FunctionTranslator::tail_call(llvm::Value* code, const wasm::FuncType& type,
                                   std::vector<llvm::Value*> arguments) {
  if (returns_through_memory(type, Convention::kTail)) {
    arguments.push_back(function_->getArg(function_->arg_size() - 1));
  }
  arguments = m_.place_arguments(ir_, anchor_, type, Convention::kTail, arguments);
  llvm::CallInst* made = ir_.CreateCall(m_.function_type(type, Convention::kTail), code, arguments);
  m_.mark_internal_call(made, Convention::kTail);
  made->setTailCallKind(llvm::CallInst::TCK_MustTail);
  if (made->getType()->isVoidTy()) {
    ir_.CreateRetVoid();
  } else {
    ir_.CreateRet(made);
  }
}

// A function that makes no tail calls itself ends a chain of them: a common call does, too.
void FunctionTranslator::return_call_direct(wasm::FuncIndex index) {
  const wasm::FuncType& type = m_.wasm.type_of(index);
  if (m_.wasm.functions[index].imported) {
    return_call_reference(func_ref(index), type);
    return;
  }
  std::vector<llvm::Value*> arguments = pop_many(type.params.size());
  arguments.insert(arguments.begin(), anchor_);
  if (m_.convention_of(index) == Convention::kTail) {
    tail_call(m_.function(index), type, std::move(arguments));
    set_unreachable();
  } else {
    return_common_call(m_.function(index), type, std::move(arguments));
  }
}

// What the callee throws is not this function's to handle: its frame is gone by then.
void FunctionTranslator::return_common_call(llvm::Value* code, const wasm::FuncType& type,
                                            std::vector<llvm::Value*> arguments) {
  llvm::CallInst* made =
      ir_.CreateCall(m_.function_type(type, Convention::kCommon), code, arguments);
  m_.mark_internal_call(made, Convention::kCommon);
  push_results(made, type);
  branch_to(frames_.front());
  set_unreachable();
}

void FunctionTranslator::return_call_reference(llvm::Value* reference, const wasm::FuncType& type) {
  llvm::Value* tail_code = func_ref_field(reference, offsetof(FuncRef, tail_code), true);
  llvm::Value* code = func_ref_field(reference, offsetof(FuncRef, code), true);
  std::vector<llvm::Value*> arguments = pop_many(type.params.size());
  arguments.insert(arguments.begin(), func_ref_field(reference, offsetof(FuncRef, context), true));
  llvm::BasicBlock* tail = new_block("tail");
  llvm::BasicBlock* common = new_block("common");
  ir_.CreateCondBr(ir_.CreateIsNull(tail_code), common, tail);
  ir_.SetInsertPoint(tail);
  tail_call(tail_code, type, arguments);
  ir_.SetInsertPoint(common);
  return_common_call(code, type, std::move(arguments));
}

llvm::Value* FunctionTranslator::table_element(wasm::TableIndex index, llvm::Value* element,
                                               TrapCode out_of_bounds) {
  llvm::Value* table = vm_table(index);
  llvm::Value* elements = load_context(m_.ptr, table, true);
  llvm::Value* size = load_context(m_.i64, ir_.CreateConstInBoundsGEP1_32(m_.i64, table, 1), false);
  llvm::Value* index64 = widen(element);
  trap_if(ir_.CreateICmpUGE(index64, size), out_of_bounds);
  return ir_.CreateGEP(m_.ptr, elements, index64);
}

// The function value that a call through a table or reference names, of the right type. Bounds,
// null and type are checked inline: three compares, no call into the runtime.
llvm::Value* FunctionTranslator::checked_reference(const wasm::Instruction& in) {
  if (in.op == Opcode::call_ref || in.op == Opcode::return_call_ref) {
    llvm::Value* reference = pop();
    trap_if(ir_.CreateIsNull(reference), TrapCode::kNullFunctionReference);
    return reference;
  }
  llvm::Value* at = table_element(in.index2, pop(), TrapCode::kUndefinedElement);
  llvm::Value* reference = load_context(m_.ptr, at, false);
  trap_if(ir_.CreateIsNull(reference), TrapCode::kUninitializedElement);
  llvm::Value* type_id = load_context(
      m_.i64, ir_.CreateConstInBoundsGEP1_64(m_.i8, reference, offsetof(FuncRef, type_id)), true);
  trap_if(ir_.CreateICmpNE(type_id, ir_.getInt64(m_.plan.type_ids[in.index])),
          TrapCode::kIndirectCallTypeMismatch);
  return reference;
}

// A call through a static table knows all functions it may come to. Where these are few, it chooses
// by the index and calls them by name, which lets them be inlined; else it reads where the code
// lies.
void FunctionTranslator::call_static(const wasm::Instruction& in) {
  constexpr size_t kFew = 2;
  const StaticTable& table = m_.plan.static_tables[in.index2];
  const wasm::FuncType& type = m_.wasm.types[in.index];
  const auto& entries = table.entries_of(m_.wasm.canonical_type(in.index));
  llvm::Value* index = widen(pop());
  std::vector<llvm::Value*> arguments = pop_many(type.params.size());
  arguments.insert(arguments.begin(), anchor_);
  llvm::BasicBlock* refuse = new_block("refuse");
  if (entries.empty()) {
    ir_.CreateBr(refuse);
    refuse_call(table, in.index2, index, refuse);
    set_unreachable();
    return;
  }
  if (entries.size() > kFew) {
    call_code(static_element(in, index, refuse), type, Convention::kCommon, std::move(arguments));
  } else {
    llvm::BasicBlock* end = new_block("called");
    std::vector<llvm::PHINode*> results = new_phis(end, type.results);
    for (const StaticTable::Entry& entry : entries) {
      const bool is_last = &entry == &entries.back();
      llvm::BasicBlock* chosen = new_block("chosen");
      llvm::BasicBlock* other = is_last ? refuse : new_block("other");
      ir_.CreateCondBr(ir_.CreateICmpEQ(index, ir_.getInt64(entry.index)), chosen, other);
      ir_.SetInsertPoint(chosen);
      call_code(m_.element_code(entry.function), type, Convention::kCommon, arguments);
      add_incoming(results, ir_.GetInsertBlock());
      pop_many(results.size());
      ir_.CreateBr(end);
      ir_.SetInsertPoint(other);
    }
    ir_.SetInsertPoint(end);
    for (llvm::PHINode* result : results) push(result);
  }
  refuse_call(table, in.index2, index, refuse);
}

// Where the code of the element lies, or a branch to `refuse` if its type is not the wanted one.
llvm::Value* FunctionTranslator::static_element(const wasm::Instruction& in, llvm::Value* index,
                                                llvm::BasicBlock* refuse) {
  const StaticTable& table = m_.plan.static_tables[in.index2];
  const auto& entries = table.entries_of(m_.wasm.canonical_type(in.index));
  llvm::Value* start = m_.static_table(in.index2);
  const auto word = [&](uint64_t number) {
    llvm::Value* at = ir_.CreateAdd(ir_.CreateShl(index, 1), ir_.getInt64(number));
    return load_context(m_.i32, ir_.CreateGEP(m_.i32, start, at), true);
  };
  const auto refuse_if = [&](llvm::Value* condition) {
    llvm::BasicBlock* next = new_block("next");
    ir_.CreateCondBr(condition, refuse, next, m_.unlikely);
    ir_.SetInsertPoint(next);
  };
  const uint64_t first = entries.front().index;
  if (entries.back().index - first + 1 == entries.size()) {
    // Elements of this type lie together, and no others between them.
    llvm::Value* place = ir_.CreateSub(index, ir_.getInt64(first));
    refuse_if(ir_.CreateICmpUGE(place, ir_.getInt64(entries.size())));
  } else {
    refuse_if(ir_.CreateICmpUGE(index, ir_.getInt64(table.elements.size())));
    refuse_if(ir_.CreateICmpNE(word(1), ir_.getInt32(m_.type_number(in.index))));
  }
  return ir_.CreateGEP(m_.i8, start, ir_.CreateSExt(word(0), m_.i64));
}

// The trap of a call through a static table that names no function of the right type.
void FunctionTranslator::refuse_call(const StaticTable& table, wasm::TableIndex table_index,
                                     llvm::Value* index, llvm::BasicBlock* refuse) {
  llvm::IRBuilderBase::InsertPointGuard guard(ir_);
  ir_.SetInsertPoint(refuse);
  trap_if(ir_.CreateICmpUGE(index, ir_.getInt64(table.elements.size())),
          TrapCode::kUndefinedElement);
  if (!table.elements.empty()) {
    llvm::Value* at = ir_.CreateAdd(ir_.CreateShl(index, 1), ir_.getInt64(1));
    llvm::Value* type =
        load_context(m_.i32, ir_.CreateGEP(m_.i32, m_.static_table(table_index), at), true);
    trap_if(ir_.CreateICmpEQ(type, ir_.getInt32(0)), TrapCode::kUninitializedElement);
  }
  trap(TrapCode::kIndirectCallTypeMismatch);
}

void FunctionTranslator::call_indirect(const wasm::Instruction& in) {
  if (in.op == Opcode::call_indirect && m_.plan.static_tables[in.index2].is_static) {
    call_static(in);
    return;
  }
  call_reference(checked_reference(in), m_.wasm.types[in.index], true);
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
      if (const StaticTable& table = m_.plan.static_tables[in.index]; table.is_static) {
        push(to_address_type(ir_.getInt64(table.elements.size()),
                             m_.wasm.tables[in.index].type.is_64));
        return true;
      }
      llvm::Value* at = ir_.CreateConstInBoundsGEP1_32(m_.i64, vm_table(in.index), 1);
      push(to_address_type(load_context(m_.i64, at, false), m_.wasm.tables[in.index].type.is_64));
      return true;
    }
    case Opcode::table_grow: {
      std::vector<llvm::Value*> operands = pop_many(2);
      llvm::Value* old_size =
          call_builtin(Builtin::kTableGrow, {ir_.getInt32(in.index), operands[0], operands[1]});
      push(to_address_type(old_size, m_.wasm.tables[in.index].type.is_64));
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

bool FunctionTranslator::translate_reference(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::ref_null: push(llvm::ConstantPointerNull::get(m_.ptr)); return true;
    case Opcode::ref_is_null: push(ir_.CreateZExt(ir_.CreateIsNull(pop()), m_.i32)); return true;
    case Opcode::ref_func: push(func_ref(in.index)); return true;
    case Opcode::ref_as_non_null:
      trap_if(ir_.CreateIsNull(stack_.back()), TrapCode::kNullReference);
      return true;
    default: return false;
  }
}

}  // namespace wherry::compile
