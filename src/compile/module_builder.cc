#include "compile/module_builder.h"

#include "contract/slots.h"

namespace wherry::compile {

ModuleBuilder::ModuleBuilder(const Plan& plan_in, CpuLevel cpu_in, llvm::LLVMContext& context_in,
                             llvm::StringRef name)
    : plan(plan_in),
      wasm(*plan_in.module),
      cpu(cpu_in),
      context(context_in),
      module(std::make_unique<llvm::Module>(name, context_in)),
      void_type(llvm::Type::getVoidTy(context_in)),
      i1(llvm::Type::getInt1Ty(context_in)),
      i8(llvm::Type::getInt8Ty(context_in)),
      i16(llvm::Type::getInt16Ty(context_in)),
      i32(llvm::Type::getInt32Ty(context_in)),
      i64(llvm::Type::getInt64Ty(context_in)),
      f32(llvm::Type::getFloatTy(context_in)),
      f64(llvm::Type::getDoubleTy(context_in)),
      ptr(llvm::PointerType::get(context_in, 0)),
      i8x16(llvm::FixedVectorType::get(i8, 16)),
      i16x8(llvm::FixedVectorType::get(i16, 8)),
      i32x4(llvm::FixedVectorType::get(i32, 4)),
      i64x2(llvm::FixedVectorType::get(i64, 2)),
      f32x4(llvm::FixedVectorType::get(f32, 4)),
      f64x2(llvm::FixedVectorType::get(f64, 2)) {
  module->setPICLevel(llvm::PICLevel::BigPIC);
  module->setUwtable(llvm::UWTableKind::Sync);
  llvm::MDBuilder metadata(context);
  llvm::MDNode* root = metadata.createTBAARoot("wherry");
  llvm::MDNode* memory = metadata.createTBAAScalarTypeNode("linear memory", root);
  llvm::MDNode* vm = metadata.createTBAAScalarTypeNode("context", root);
  memory_tbaa = metadata.createTBAAStructTagNode(memory, memory, 0);
  context_tbaa = metadata.createTBAAStructTagNode(vm, vm, 0);
  unlikely = metadata.createBranchWeights(1, 1 << 20);
  if (!plan.lines.empty()) locations = std::make_unique<SourceLocations>(*module, plan.lines);
}

llvm::Type* ModuleBuilder::type_of(wasm::ValueType type) const {
  switch (type.kind) {
    case wasm::ValueType::Kind::kI32: return i32;
    case wasm::ValueType::Kind::kI64: return i64;
    case wasm::ValueType::Kind::kF32: return f32;
    case wasm::ValueType::Kind::kF64: return f64;
    case wasm::ValueType::Kind::kV128: return i64x2;
    case wasm::ValueType::Kind::kRef: return ptr;
  }
  return i32;
}

llvm::Constant* ModuleBuilder::zero_of(wasm::ValueType type) const {
  return llvm::Constant::getNullValue(type_of(type));
}

llvm::Type* ModuleBuilder::result_type(const wasm::FuncType& type) const {
  if (type.results.empty()) return void_type;
  if (type.results.size() == 1) return type_of(type.results[0]);
  std::vector<llvm::Type*> results;
  for (wasm::ValueType value : type.results) results.push_back(type_of(value));
  return llvm::StructType::get(context, results);
}

llvm::FunctionType* ModuleBuilder::function_type(const wasm::FuncType& type,
                                                 Convention convention) const {
  const bool through_memory = returns_through_memory(type, convention);
  std::vector<llvm::Type*> params{ptr};
  const auto slots = tail_slots(type, convention);
  for (size_t i = 0; i < type.params.size(); i++) {
    if (!slots[i]) params.push_back(type_of(type.params[i]));
  }
  if (through_memory) params.push_back(ptr);
  return llvm::FunctionType::get(through_memory ? void_type : result_type(type), params, false);
}

// Six general registers (rdi, rsi, rdx, rcx, r8, r9) and eight for vectors and floats.
std::vector<std::optional<unsigned>> ModuleBuilder::tail_slots(const wasm::FuncType& type,
                                                               Convention convention) const {
  std::vector<std::optional<unsigned>> slots(type.params.size());
  if (convention == Convention::kCommon) return slots;
  unsigned general = returns_through_memory(type, convention) ? 5 : 6;
  unsigned vector = 8;
  unsigned next = 0;
  for (size_t i = 0; i < type.params.size(); i++) {
    llvm::Type* param = type_of(type.params[i]);
    unsigned& registers = param->isIntegerTy() || param->isPointerTy() ? general : vector;
    if (registers > 0) {
      registers--;
    } else {
      slots[i] = next;
      next += contract::slots_of(type.params[i]);
    }
  }
  return slots;
}

llvm::Value* ModuleBuilder::tail_arguments(llvm::IRBuilder<>& ir, llvm::Value* anchor) {
  const int64_t offset = contract::kContextOffset +
                         static_cast<int64_t>(offsetof(contract::VmContext, tail_arguments));
  auto* load = ir.CreateAlignedLoad(
      ptr, ir.CreateGEP(i8, anchor, ir.getInt64(static_cast<uint64_t>(offset))), llvm::Align(8));
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(context, {}));
  return load;
}

std::vector<llvm::Value*> ModuleBuilder::place_arguments(
    llvm::IRBuilder<>& ir, llvm::Value* own_anchor, const wasm::FuncType& type,
    Convention convention, const std::vector<llvm::Value*>& arguments) {
  const auto slots = tail_slots(type, convention);
  std::vector<llvm::Value*> in_registers{arguments[0]};
  llvm::Value* buffer = nullptr;
  for (size_t i = 0; i < type.params.size(); i++) {
    if (!slots[i]) {
      in_registers.push_back(arguments[i + 1]);
      continue;
    }
    if (!buffer) buffer = tail_arguments(ir, own_anchor);
    store_slots(*this, ir, buffer, *slots[i], arguments[i + 1]);
  }
  in_registers.insert(in_registers.end(),
                      arguments.begin() + static_cast<ptrdiff_t>(type.params.size() + 1),
                      arguments.end());
  return in_registers;
}

llvm::Function* ModuleBuilder::create_function(llvm::FunctionType* type, const llvm::Twine& name) {
  auto* function =
      llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, name, module.get());
  function->setVisibility(llvm::GlobalValue::HiddenVisibility);
  function->setDSOLocal(true);
  // Where no function catches, an exception passes through like a trap; LLVM need not know.
  if (!plan.has_handlers) function->setDoesNotThrow();
  function->setUWTableKind(llvm::UWTableKind::Sync);
  // Runaway recursion must exhaust the stack, not become a loop.
  function->addFnAttr("disable-tail-calls", "true");
  // Every page of a large frame is touched in order, so that the guard page is never skipped.
  function->addFnAttr("probe-stack", "inline-asm");
  function->addFnAttr("target-cpu", name_of(cpu));
  // The host's features but generic tuning: CPU-specific unrolling costs bubble sort a factor of 3.
  function->addFnAttr("tune-cpu", "generic");
  // AVX-512's instructions on vectors of 256 bits: with 512, loops of a few dozen elements spend
  // their time in what does not fill a vector (gemm: 2.4 times as long).
  if (cpu >= CpuLevel::kV4) function->addFnAttr("prefer-vector-width", "256");
  // Guest address 0 is an address like any other.
  function->addFnAttr(llvm::Attribute::NullPointerIsValid);
  return function;
}

llvm::Function* ModuleBuilder::function(wasm::FuncIndex index) {
  std::string name = artifact::kFunctionPrefix + std::to_string(index);
  if (llvm::Function* existing = module->getFunction(name)) return existing;
  const Convention convention = convention_of(index);
  llvm::Function* function = create_function(function_type(wasm.type_of(index), convention), name);
  function->setCallingConv(convention == Convention::kTail ? llvm::CallingConv::SwiftTail
                                                           : llvm::CallingConv::Fast);
  function->addParamAttr(0, llvm::Attribute::SwiftSelf);
  function->addParamAttr(0, llvm::Attribute::NonNull);
  function->addParamAttr(0, llvm::Attribute::NoUndef);
  // Small recursive functions lose a quarter of their speed when they straddle cache lines.
  function->setAlignment(llvm::Align(64));
  return function;
}

llvm::GlobalVariable* ModuleBuilder::static_table(wasm::TableIndex index) {
  const std::string name = "table" + std::to_string(index);
  if (llvm::GlobalVariable* existing = module->getNamedGlobal(name)) return existing;
  auto* type = llvm::ArrayType::get(i32, 2 * plan.static_tables[index].elements.size());
  auto* table = new llvm::GlobalVariable(*module, type, true, llvm::GlobalValue::ExternalLinkage,
                                         nullptr, name);
  table->setVisibility(llvm::GlobalValue::HiddenVisibility);
  table->setDSOLocal(true);
  table->setAlignment(llvm::Align(8));
  return table;
}

llvm::Function* ModuleBuilder::element_code(wasm::FuncIndex index) {
  const bool is_import = wasm.functions[index].imported;
  if (!is_import && convention_of(index) == Convention::kCommon) return function(index);
  const std::string name =
      (is_import ? kImportPrefix : artifact::kEntryPrefix) + std::to_string(index);
  if (llvm::Function* existing = module->getFunction(name)) return existing;
  llvm::Function* code =
      create_function(function_type(wasm.type_of(index), Convention::kCommon), name);
  code->setCallingConv(llvm::CallingConv::Fast);
  code->addParamAttr(0, llvm::Attribute::SwiftSelf);
  return code;
}

void ModuleBuilder::mark_internal_call(llvm::CallBase* call, Convention convention) const {
  call->setCallingConv(convention == Convention::kTail ? llvm::CallingConv::SwiftTail
                                                       : llvm::CallingConv::Fast);
  call->addParamAttr(0, llvm::Attribute::SwiftSelf);
}

llvm::Value* load_slots(ModuleBuilder& module, llvm::IRBuilder<>& ir, llvm::Value* slots,
                        unsigned index, wasm::ValueType type) {
  llvm::Value* at = ir.CreateConstInBoundsGEP1_32(module.i64, slots, index);
  return ir.CreateAlignedLoad(module.type_of(type), at, llvm::Align(8));
}

void store_slots(ModuleBuilder& module, llvm::IRBuilder<>& ir, llvm::Value* slots, unsigned index,
                 llvm::Value* value) {
  llvm::Value* at = ir.CreateConstInBoundsGEP1_32(module.i64, slots, index);
  if (value->getType() == module.f32) value = ir.CreateBitCast(value, module.i32);
  if (value->getType() == module.i32) value = ir.CreateZExt(value, module.i64);
  ir.CreateAlignedStore(value, at, llvm::Align(8));
}

}  // namespace wherry::compile
