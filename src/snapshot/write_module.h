// A module that begins where an instance of another one is now.
#pragma once

#include <map>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "snapshot/state.h"
#include "wasm/module.h"

namespace wherry::snapshot {

// What becomes of exports: a name of the original to its name in the new module, or to "" for none.
// All others stay.
using Renaming = std::map<std::string_view, std::string_view>;

// `module` was validated, imports functions only, and shares no memory; `state` is an instance's.
// The start function is gone; code, names and debug information are the same bytes. Indices in code
// stay valid: segments keep their numbers.
//
// kLimit if the module would have more segments, elements or bytes than wasm/limits.h allows.
Result<ByteVector> write_module(const wasm::Module& module, const State& state,
                                const Renaming& exports);

}  // namespace wherry::snapshot
