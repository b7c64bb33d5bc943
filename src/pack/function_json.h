// function.json: what the JavaScript runtime is told of a function (js/README.md).
#pragma once

#include "base/json.h"
#include "pack/packer.h"
#include "wasm/module.h"

namespace wherry::pack {

// `manifest` is as it is in the package; `files` are the package's.
std::string function_json(const TargetInfo& info, const function::FunctionManifest& manifest,
                          const wasm::Module& module, Bytes module_bytes,
                          const std::string& module_file, const std::vector<Entry>& files);

}  // namespace wherry::pack
