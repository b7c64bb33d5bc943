// validate(): the typing rules of Core 3.0, chapter 3 and appendix 7.3 (the algorithm).
#pragma once

#include "base/result.h"
#include "wasm/module.h"

namespace wherry::wasm {

// Checks everything decode() leaves open, function bodies included. After success the compiler may
// trust every index, type and label. Errors carry the offset and the specification's own words
// first ("type mismatch", "unknown local", …), so that they compare with the test suite's.
Status validate(const Module& module);

// One function body, for callers that validate in parallel. validate() does this for each. The
// declarations must have been accepted and the function must not be imported.
Status validate_function(const Module& module, FuncIndex index);

// Everything of validate() but the function bodies.
Status validate_declarations(const Module& module);

}  // namespace wherry::wasm
