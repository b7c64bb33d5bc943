#include "compile/function_translator.h"

namespace wherry::compile {

using wasm::Opcode;

FunctionTranslator::FunctionTranslator(ModuleBuilder& module, wasm::FuncIndex index)
    : m_(module),
      index_(index),
      wasm_function_(module.wasm.functions[index]),
      type_(module.wasm.type_of(index)),
      function_(module.function(index)),
      anchor_(function_->getArg(0)),
      convention_(module.convention_of(index)),
      ir_(module.context) {}

Status FunctionTranslator::translate() {
  ir_.SetInsertPoint(llvm::BasicBlock::Create(m_.context, "entry", function_));
  if (m_.locations) {
    m_.locations->begin_function(ir_, *function_, index_, wasm_function_.body_offset);
  }
  local_types_ = type_.params;
  for (const wasm::LocalRun& run : wasm_function_.locals) {
    local_types_.insert(local_types_.end(), run.count, run.type);
  }
  const std::vector<llvm::Value*> parameters = this->parameters();
  for (size_t i = 0; i < local_types_.size(); i++) {
    locals_.push_back(ir_.CreateAlloca(m_.type_of(local_types_[i])));
    ir_.CreateStore(i < parameters.size() ? parameters[i] : m_.zero_of(local_types_[i]),
                    locals_.back());
  }
  local_is_read_.assign(locals_.size(), false);
  wasm::InstructionReader scan = m_.wasm.body_reader(wasm_function_);
  while (!scan.at_end()) {
    wasm::Instruction in = TRY(scan.next());
    if (in.op == Opcode::local_get) local_is_read_[in.index] = true;
  }

  Frame frame;
  frame.kind = Frame::Kind::kFunction;
  frame.end = frame.target = new_block("return");
  frame.end_phis = frame.target_phis = new_phis(frame.end, type_.results);
  frames_.push_back(std::move(frame));

  wasm::InstructionReader reader = m_.wasm.body_reader(wasm_function_);
  while (!reader.at_end()) {
    wasm::Instruction in = TRY(reader.next());
    if (m_.locations) m_.locations->move_to(ir_, in.offset);
    if (!reachable_ && translate_unreachable(in)) continue;
    if (!TRY(translate_instruction(in))) {
      return make_error(ErrorKind::kUnsupported,
                        "{} at offset {:#x} needs the {} feature, which this version of wherry "
                        "does not compile",
                        wasm::info_of(in.op).text, in.offset,
                        wasm::name_of(wasm::info_of(in.op).feature));
    }
  }
  return_values();
  return ok_status();
}

std::vector<llvm::Value*> FunctionTranslator::parameters() {
  const auto slots = m_.tail_slots(type_, convention_);
  std::vector<llvm::Value*> values;
  unsigned next = 1;  // behind the anchor
  for (size_t i = 0; i < slots.size(); i++) {
    values.push_back(
        slots[i] ? load_slots(m_, ir_, m_.tail_arguments(ir_, anchor_), *slots[i], type_.params[i])
                 : function_->getArg(next++));
  }
  return values;
}

Result<bool> FunctionTranslator::translate_instruction(const wasm::Instruction& in) {
  if (wasm::info_of(in.op).prefix == 0xfd) return translate_simd(in);
  return translate_control(in) || translate_variable(in) || translate_memory(in) ||
         translate_integer(in) || translate_float(in) || translate_conversion(in) ||
         translate_call(in) || translate_table(in) || translate_reference(in) ||
         translate_exception(in) || translate_atomic(in) || translate_wide(in);
}

bool FunctionTranslator::translate_variable(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::local_get:
      push(ir_.CreateLoad(m_.type_of(local_types_[in.index]), locals_[in.index]));
      return true;
    case Opcode::local_set:
    case Opcode::local_tee: {
      llvm::Value* value = pop();
      if (!local_is_read_[in.index] && in.op == Opcode::local_set) keep_trap(value);
      ir_.CreateStore(value, locals_[in.index]);
      if (in.op == Opcode::local_tee) push(value);
      return true;
    }
    case Opcode::global_get: {
      const wasm::Global& global = m_.wasm.globals[in.index];
      llvm::Type* type = m_.type_of(global.type.type);
      if (llvm::Constant* value = constant_global(global)) {
        push(value);
        return true;
      }
      auto* load = ir_.CreateAlignedLoad(type, vm_global(in.index), llvm::Align(8));
      load->setMetadata(llvm::LLVMContext::MD_tbaa, m_.context_tbaa);
      if (!global.type.is_mutable) {
        load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(m_.context, {}));
      }
      push(load);
      return true;
    }
    case Opcode::global_set: {
      auto* store = ir_.CreateAlignedStore(pop(), vm_global(in.index), llvm::Align(8));
      store->setMetadata(llvm::LLVMContext::MD_tbaa, m_.context_tbaa);
      return true;
    }
    case Opcode::drop: keep_trap(pop()); return true;
    case Opcode::select:
    case Opcode::select_t: {
      llvm::Value* condition = pop_condition();
      llvm::Value* otherwise = pop();
      llvm::Value* value = pop();
      push(ir_.CreateSelect(condition, value, otherwise));
      return true;
    }
    default: return false;
  }
}

// The value of a global that is known here and never changes, or null.
llvm::Constant* FunctionTranslator::constant_global(const wasm::Global& global) {
  if (global.imported || global.type.is_mutable || global.init.code.size() != 1) return nullptr;
  const wasm::Instruction& in = global.init.code[0];
  switch (in.op) {
    case Opcode::i32_const: return ir_.getInt32(static_cast<uint32_t>(in.bits));
    case Opcode::i64_const: return ir_.getInt64(in.bits);
    default: return nullptr;
  }
}

// A load whose value nobody reads must still trap, so it may not be removed.
void FunctionTranslator::keep_trap(llvm::Value* unread) {
  for (;;) {
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(unread)) return load->setVolatile(true);
    if (auto* extension = llvm::dyn_cast<llvm::CastInst>(unread)) {
      unread = extension->getOperand(0);
    } else if (auto* lane = llvm::dyn_cast<llvm::InsertElementInst>(unread)) {
      unread = lane->getOperand(1);
    } else if (auto* splat = llvm::dyn_cast<llvm::ShuffleVectorInst>(unread)) {
      unread = splat->getOperand(0);
    } else {
      return;
    }
  }
}

llvm::Value* FunctionTranslator::pop() {
  llvm::Value* value = stack_.back();
  stack_.pop_back();
  return value;
}

// A comparison's i1 itself, not whether its extension is 0: without optimization nobody else would
// see that.
llvm::Value* FunctionTranslator::pop_condition() {
  llvm::Value* value = pop();
  auto* extension = llvm::dyn_cast<llvm::ZExtInst>(value);
  if (extension && extension->getSrcTy() == m_.i1) return extension->getOperand(0);
  return ir_.CreateICmpNE(value, ir_.getInt32(0));
}

std::vector<llvm::Value*> FunctionTranslator::pop_many(size_t count) {
  std::vector<llvm::Value*> values(stack_.end() - static_cast<ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return values;
}

llvm::Value* FunctionTranslator::context_at(int64_t offset) {
  return ir_.CreateGEP(m_.i8, anchor_, ir_.getInt64(static_cast<uint64_t>(offset)));
}

llvm::LoadInst* FunctionTranslator::load_context(llvm::Type* type, llvm::Value* at,
                                                 bool is_constant) {
  auto* load = ir_.CreateAlignedLoad(type, at, llvm::Align(8));
  load->setMetadata(llvm::LLVMContext::MD_tbaa, m_.context_tbaa);
  if (is_constant) {
    load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(m_.context, {}));
  }
  return load;
}

llvm::Value* FunctionTranslator::vm_global(wasm::GlobalIndex index) {
  const contract::Layout& layout = m_.plan.layout;
  if (m_.wasm.globals[index].imported) {
    return load_context(m_.ptr, context_at(layout.imported_globals + int64_t{8} * index), true);
  }
  return context_at(layout.globals + int64_t{16} * (index - m_.wasm.imported_globals));
}

llvm::Value* FunctionTranslator::vm_memory(wasm::MemoryIndex index) {
  if (index == 0 && m_.plan.memory0_is_own) {
    return context_at(contract::kContextOffset +
                      static_cast<int64_t>(offsetof(contract::VmContext, memory0)));
  }
  uint32_t other = index - (m_.plan.memory0_is_own ? 1 : 0);
  return load_context(m_.ptr, context_at(m_.plan.layout.memories + int64_t{8} * other), true);
}

llvm::Value* FunctionTranslator::vm_table(wasm::TableIndex index) {
  const contract::Layout& layout = m_.plan.layout;
  if (m_.wasm.tables[index].imported) {
    return load_context(m_.ptr, context_at(layout.imported_tables + int64_t{8} * index), true);
  }
  return context_at(layout.tables + int64_t{16} * (index - m_.wasm.imported_tables));
}

llvm::Value* FunctionTranslator::func_ref(wasm::FuncIndex index) {
  return context_at(m_.plan.func_ref_offset(index));
}

llvm::AllocaInst* FunctionTranslator::entry_alloca(llvm::Type* type, unsigned count) {
  llvm::IRBuilder<> entry(&function_->getEntryBlock(), function_->getEntryBlock().begin());
  return entry.CreateAlloca(type, entry.getInt32(count));
}

llvm::Value* FunctionTranslator::builtin_binding(contract::Builtin builtin) {
  return context_at(contract::kContextOffset +
                    static_cast<int64_t>(offsetof(contract::VmContext, builtins)) +
                    int64_t{sizeof(contract::HostBinding)} * static_cast<int64_t>(builtin));
}

// The stub switches to the host's stack and back; a service that fails does not return here.
llvm::Value* FunctionTranslator::call_builtin(contract::Builtin builtin,
                                              std::initializer_list<llvm::Value*> arguments) {
  if (!builtin_slots_) builtin_slots_ = entry_alloca(m_.i64, contract::kMaxBuiltinSlots);
  unsigned index = 0;
  for (llvm::Value* argument : arguments) {
    if (argument->getType() == m_.ptr) argument = ir_.CreatePtrToInt(argument, m_.i64);
    store_slots(m_, ir_, builtin_slots_, index++, argument);
  }
  llvm::Value* binding = builtin_binding(builtin);
  llvm::Value* stub = load_context(m_.ptr, binding, true);
  auto* type = llvm::FunctionType::get(m_.void_type, {m_.ptr, m_.ptr}, false);
  ir_.CreateCall(type, stub, {binding, builtin_slots_})->setDoesNotThrow();
  return load_slots(m_, ir_, builtin_slots_, 0, wasm::kI64);
}

void FunctionTranslator::trap(contract::TrapCode code) {
  // The memory and globals of an instance that trapped may be looked at: for LLVM no one reads them
  // after a trap, and it would leave out what is stored before one and overwritten behind.
  auto* nothing = llvm::FunctionType::get(m_.void_type, false);
  ir_.CreateCall(nothing, llvm::InlineAsm::get(nothing, "", "~{memory}", true))->setDoesNotThrow();
  auto* call = ir_.CreateIntrinsic(llvm::Intrinsic::ubsantrap, {},
                                   {ir_.getInt8(static_cast<uint8_t>(code))});
  // Merged traps would share a program counter and spoil the backtrace.
  call->addFnAttr(llvm::Attribute::NoMerge);
  ir_.CreateUnreachable();
}

void FunctionTranslator::trap_if(llvm::Value* condition, contract::TrapCode code) {
  if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(condition)) {
    if (constant->isZero()) return;
  }
  llvm::BasicBlock* trapping = new_block("trap");
  llvm::BasicBlock* next = new_block("next");
  ir_.CreateCondBr(condition, trapping, next, m_.unlikely);
  ir_.SetInsertPoint(trapping);
  trap(code);
  ir_.SetInsertPoint(next);
}

Status translate_function(ModuleBuilder& module, wasm::FuncIndex index) {
  return FunctionTranslator(module, index).translate();
}

}  // namespace wherry::compile
