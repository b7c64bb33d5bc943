#include "pack/function_json.h"

#include "base/sha256.h"
#include "function/manifest_writer.h"

namespace wherry::pack {

namespace {

using nlohmann::ordered_json;

// As WebAssembly.Module.exports() calls it.
const char* js_kind(wasm::ExternKind kind) {
  return kind == wasm::ExternKind::kFunc ? "function" : wasm::name_of(kind);
}

void add_type(ordered_json& to, const wasm::Module& module, wasm::ExternKind kind, uint32_t index) {
  if (kind == wasm::ExternKind::kFunc) to["type"] = wasm::name_of(module.type_of(index));
}

ordered_json exports_of(const wasm::Module& module) {
  ordered_json all = ordered_json::array();
  for (const wasm::Export& exported : module.exports) {
    ordered_json one = {{"name", exported.name}, {"kind", js_kind(exported.kind)}};
    add_type(one, module, exported.kind, exported.index);
    all.push_back(std::move(one));
  }
  return all;
}

ordered_json imports_of(const wasm::Module& module) {
  ordered_json all = ordered_json::array();
  for (const wasm::Import& import : module.imports) {
    ordered_json one = {
        {"module", import.module}, {"name", import.name}, {"kind", js_kind(import.kind)}};
    add_type(one, module, import.kind, import.index);
    all.push_back(std::move(one));
  }
  return all;
}

ordered_json files_of(const std::vector<Entry>& files) {
  ordered_json all = ordered_json::array();
  for (const Entry& file : files) {
    all.push_back({{"path", file.path},
                   {"size", file.contents.size()},
                   {"sha256", to_hex(sha256(file.contents))}});
  }
  return all;
}

}  // namespace

std::string function_json(const TargetInfo& info, const function::FunctionManifest& manifest,
                          const wasm::Module& module, Bytes module_bytes,
                          const std::string& module_file, const std::vector<Entry>& files) {
  ordered_json all = function::manifest_json(manifest);
  ordered_json memories = ordered_json::array();
  for (const wasm::Memory& memory : module.memories) memories.push_back(memory.type.limits.min);
  all["package"] = {{"target", info.name},
                    {"module_file", module_file},
                    {"module_sha256", to_hex(sha256(module_bytes))},
                    {"exports", exports_of(module)},
                    {"imports", imports_of(module)},
                    {"memories", std::move(memories)},
                    {"files", files_of(files)}};
  return all.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace wherry::pack
