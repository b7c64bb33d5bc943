// A function's manifest as data: for packages, whose manifests are written by a program.
#pragma once

#include <string>

#include "base/json.h"
#include "function/manifest.h"

namespace wherry::function {

// The keys of `[function]` (docs/manifest.md) with all values, those that are the defaults too;
// sizes as numbers, times as texts.
nlohmann::ordered_json manifest_json(const FunctionManifest& function);

// A whole manifest: parse_manifest() makes the function of it again.
std::string manifest_toml(const FunctionManifest& function);

}  // namespace wherry::function
