// Which functions lie in files and directories, as an operator names them.
#pragma once

#include <string>
#include <vector>

#include "function/manifest.h"
#include "host/reloader.h"

namespace wherry::host {

// Each of `paths` is a module (`.wasm`, `.wherry`, or what else a loader takes), a manifest
// (`.toml`), or a directory. A directory with a `wherry.toml` is that manifest; any other stands
// for the modules in it and its subdirectories that have a manifest. Of `x.wasm` and `x.wherry`
// side by side the later one counts. `defaults` is what functions without a manifest are given, but
// for name and module. Manifests are read, modules are not.
Found discover(const std::vector<std::string>& paths, const function::FunctionManifest& defaults);

// Whether it is a directory that is no manifest's: what lies in it may come and go.
bool is_plain_directory(const std::string& path);

}  // namespace wherry::host
