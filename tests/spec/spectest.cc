#include "spectest.h"

namespace wherry::spec {

using runtime::Value;

Result<std::unique_ptr<Linker>> Linker::create(runtime::Store& store) {
  auto linker = std::make_unique<Linker>();
  auto& externs = linker->spectest_;
  externs.emplace("memory", TRY(store.create_memory({{1, 2}})));
  externs.emplace("table", TRY(store.create_table({wasm::kFuncRef, {10, 20}})));
  externs.emplace("table64", TRY(store.create_table({wasm::kFuncRef, {10, 20}, true})));
  externs.emplace("shared_memory", TRY(store.create_memory({.limits = {1, 2}, .is_shared = true})));
  externs.emplace("global_i32", store.create_global({wasm::kI32, false}, Value::i32(666)));
  externs.emplace("global_i64", store.create_global({wasm::kI64, false}, Value::i64(666)));
  externs.emplace("global_f32", store.create_global({wasm::kF32, false}, Value::f32(666.6f)));
  externs.emplace("global_f64", store.create_global({wasm::kF64, false}, Value::f64(666.6)));
  auto print = [](const runtime::HostCall&) { return runtime::HostOutcome::kContinue; };
  const std::pair<const char*, std::vector<wasm::ValueType>> prints[] = {
      {"print", {}},
      {"print_i32", {wasm::kI32}},
      {"print_i64", {wasm::kI64}},
      {"print_f32", {wasm::kF32}},
      {"print_f64", {wasm::kF64}},
      {"print_i32_f32", {wasm::kI32, wasm::kF32}},
      {"print_f64_f64", {wasm::kF64, wasm::kF64}},
  };
  for (const auto& [name, params] : prints) {
    externs.emplace(name, runtime::HostFunction{{params, {}}, print, nullptr});
  }
  return linker;
}

std::optional<runtime::Extern> Linker::resolve(std::string_view module, std::string_view name,
                                               wasm::ExternKind, const wasm::FuncType*) {
  if (module == "spectest") {
    auto found = spectest_.find(name);
    if (found == spectest_.end()) return std::nullopt;
    return found->second;
  }
  auto instance = registered_.find(module);
  if (instance == registered_.end()) return std::nullopt;
  return instance->second->find_export(name);
}

}  // namespace wherry::spec
