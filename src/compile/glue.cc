// The code around functions (entering from C, calling out to the host) and the artifact's tables as
// sections of an object file.
#include <algorithm>
#include <set>

#include "compile/module_builder.h"
#include "contract/slots.h"

namespace wherry::compile {
namespace {

using contract::slots_of;

// void enter<N>(anchor, code, slots): C calling convention outside, internal inside.
void build_enter(ModuleBuilder& m, uint32_t type_index) {
  const wasm::FuncType& type = m.wasm.types[type_index];
  auto* signature = llvm::FunctionType::get(m.void_type, {m.ptr, m.ptr, m.ptr}, false);
  llvm::Function* function =
      m.create_function(signature, artifact::kEnterPrefix + std::to_string(type_index));
  llvm::IRBuilder<> ir(llvm::BasicBlock::Create(m.context, "entry", function));
  llvm::Value* slots = function->getArg(2);
  std::vector<llvm::Value*> arguments{function->getArg(0)};
  unsigned slot = 0;
  for (wasm::ValueType param : type.params) {
    arguments.push_back(load_slots(m, ir, slots, slot, param));
    slot += slots_of(param);
  }
  llvm::CallInst* call =
      ir.CreateCall(m.function_type(type, Convention::kCommon), function->getArg(1), arguments);
  m.mark_internal_call(call, Convention::kCommon);
  slot = 0;
  for (unsigned i = 0; i < type.results.size(); i++) {
    llvm::Value* result = type.results.size() == 1 ? call : ir.CreateExtractValue(call, i);
    store_slots(m, ir, slots, slot, result);
    slot += slots_of(type.results[i]);
  }
  ir.CreateRetVoid();
}

// thunk<N>: a function of internal signature whose anchor is a HostBinding.
void build_thunk(ModuleBuilder& m, uint32_t type_index) {
  const wasm::FuncType& type = m.wasm.types[type_index];
  llvm::Function* function = m.create_function(m.function_type(type, Convention::kCommon),
                                               artifact::kThunkPrefix + std::to_string(type_index));
  function->setCallingConv(llvm::CallingConv::Fast);
  function->addParamAttr(0, llvm::Attribute::SwiftSelf);
  llvm::IRBuilder<> ir(llvm::BasicBlock::Create(m.context, "entry", function));
  unsigned slot_count = std::max({slots_of(type.params), slots_of(type.results), 1u});
  llvm::Value* slots = ir.CreateAlloca(m.i64, ir.getInt32(slot_count));
  unsigned slot = 0;
  for (unsigned i = 0; i < type.params.size(); i++) {
    store_slots(m, ir, slots, slot, function->getArg(i + 1));
    slot += slots_of(type.params[i]);
  }
  llvm::Value* binding = function->getArg(0);
  llvm::Value* stub = ir.CreateAlignedLoad(m.ptr, binding, llvm::Align(8));
  auto* stub_type = llvm::FunctionType::get(m.void_type, {m.ptr, m.ptr}, false);
  ir.CreateCall(stub_type, stub, {binding, slots});
  if (type.results.empty()) {
    ir.CreateRetVoid();
    return;
  }
  slot = 0;
  llvm::Value* all = llvm::PoisonValue::get(function->getReturnType());
  for (unsigned i = 0; i < type.results.size(); i++) {
    llvm::Value* result = load_slots(m, ir, slots, slot, type.results[i]);
    slot += slots_of(type.results[i]);
    all = type.results.size() == 1 ? result : ir.CreateInsertValue(all, result, i);
  }
  ir.CreateRet(all);
}

// entry<N>: function N, which makes tail calls, for callers of the common convention.
void build_entry(ModuleBuilder& m, wasm::FuncIndex index) {
  const wasm::FuncType& type = m.wasm.type_of(index);
  llvm::Function* function = m.element_code(index);
  llvm::IRBuilder<> ir(llvm::BasicBlock::Create(m.context, "entry", function));
  std::vector<llvm::Value*> arguments;
  for (llvm::Argument& argument : function->args()) arguments.push_back(&argument);
  const bool through_memory = returns_through_memory(type, Convention::kTail);
  llvm::Value* results = nullptr;
  if (through_memory) {
    results = ir.CreateAlloca(m.result_type(type));
    arguments.push_back(results);
  }
  arguments = m.place_arguments(ir, function->getArg(0), type, Convention::kTail, arguments);
  llvm::CallInst* call = ir.CreateCall(m.function(index), arguments);
  m.mark_internal_call(call, Convention::kTail);
  if (through_memory) {
    ir.CreateRet(ir.CreateLoad(m.result_type(type), results));
  } else if (type.results.empty()) {
    ir.CreateRetVoid();
  } else {
    ir.CreateRet(call);
  }
}

// import<N>: calls the imported function N, whose FuncRef the anchor's context holds.
void build_import(ModuleBuilder& m, wasm::FuncIndex index) {
  llvm::Function* function = m.element_code(index);
  llvm::IRBuilder<> ir(llvm::BasicBlock::Create(m.context, "entry", function));
  std::vector<llvm::Value*> arguments;
  for (llvm::Argument& argument : function->args()) arguments.push_back(&argument);
  const auto field = [&](size_t offset) {
    const int64_t at = m.plan.func_ref_offset(index) + static_cast<int64_t>(offset);
    llvm::Value* place = ir.CreateGEP(m.i8, arguments[0], ir.getInt64(static_cast<uint64_t>(at)));
    return ir.CreateAlignedLoad(m.ptr, place, llvm::Align(8));
  };
  llvm::Value* code = field(offsetof(contract::FuncRef, code));
  arguments[0] = field(offsetof(contract::FuncRef, context));
  llvm::CallInst* call = ir.CreateCall(function->getFunctionType(), code, arguments);
  m.mark_internal_call(call, Convention::kCommon);
  if (call->getType()->isVoidTy()) {
    ir.CreateRetVoid();
  } else {
    ir.CreateRet(call);
  }
}

// The contents of a static table.
void build_static_table(ModuleBuilder& m, wasm::TableIndex index) {
  llvm::GlobalVariable* table = m.static_table(index);
  llvm::Constant* start = llvm::ConstantExpr::getPtrToInt(table, m.i64);
  std::vector<llvm::Constant*> words;
  for (wasm::FuncIndex function : m.plan.static_tables[index].elements) {
    llvm::Constant* code = llvm::ConstantInt::get(m.i32, 0);
    uint32_t type = 0;
    if (function != artifact::kNone) {
      code = llvm::ConstantExpr::getPtrToInt(m.element_code(function), m.i64);
      code = llvm::ConstantExpr::getTrunc(llvm::ConstantExpr::getSub(code, start), m.i32);
      type = m.type_number(m.wasm.functions[function].type);
    }
    words.push_back(code);
    words.push_back(llvm::ConstantInt::get(m.i32, type));
  }
  table->setInitializer(
      llvm::ConstantArray::get(llvm::cast<llvm::ArrayType>(table->getValueType()), words));
}

void add_section(ModuleBuilder& m, std::string_view section, Bytes bytes, uint64_t alignment) {
  if (bytes.empty()) return;
  auto* data =
      llvm::ConstantDataArray::get(m.context, llvm::ArrayRef<uint8_t>(bytes.data(), bytes.size()));
  auto* global =
      new llvm::GlobalVariable(*m.module, data->getType(), true, llvm::GlobalValue::ExternalLinkage,
                               data, llvm::StringRef(section.data() + 1, section.size() - 1));
  global->setVisibility(llvm::GlobalValue::HiddenVisibility);
  global->setSection(llvm::StringRef(section.data(), section.size()));
  global->setAlignment(llvm::Align(alignment));
}

}  // namespace

void build_glue(ModuleBuilder& m, const artifact::Contents& contents, Bytes meta) {
  std::set<uint32_t> entered, imported, in_tables;
  for (wasm::TableIndex i = 0; i < m.plan.static_tables.size(); i++) {
    const StaticTable& table = m.plan.static_tables[i];
    if (!table.is_static || table.elements.empty()) continue;
    build_static_table(m, i);
    in_tables.insert(table.elements.begin(), table.elements.end());
  }
  in_tables.erase(artifact::kNone);
  for (uint32_t i = 0; i < m.wasm.functions.size(); i++) {
    const bool is_in_table = in_tables.contains(i);
    if (m.wasm.functions[i].imported && is_in_table) build_import(m, i);
    if (m.plan.makes_tail_calls[i] && (is_in_table || m.plan.func_refs[i] != artifact::kNone)) {
      build_entry(m, i);
    }
    if (m.plan.func_refs[i] == artifact::kNone) continue;
    entered.insert(m.wasm.functions[i].type);
    if (m.wasm.functions[i].imported) imported.insert(m.wasm.functions[i].type);
  }
  for (uint32_t type : entered) build_enter(m, type);
  for (uint32_t type : imported) build_thunk(m, type);
  ByteVector header(sizeof(artifact::Header), 0);
  add_section(m, artifact::kHeaderSection, header, 16);
  add_section(m, artifact::kMetaSection, meta, 16);
  add_section(m, artifact::kImageSection, contents.image, 4096);
}

}  // namespace wherry::compile
