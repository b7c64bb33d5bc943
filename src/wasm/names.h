// The custom `name` section: function names for backtraces. Malformed sections are ignored from the
// malformed place on, as the specification asks (appendix 7.4: names never make a module invalid).
#pragma once

#include <string_view>
#include <vector>

#include "wasm/module.h"

namespace wherry::wasm {

struct Names {
  std::string_view module;                  // empty if unnamed
  std::vector<std::string_view> functions;  // by FuncIndex; empty where there is no name
};

Names read_names(const Module& module);

}  // namespace wherry::wasm
