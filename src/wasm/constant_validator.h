// Types constant expressions (Core 3.0, chapter 3.4.1). Internal to the wasm room; callers use
// validate.h.
#pragma once

#include <string_view>

#include "base/result.h"
#include "wasm/module.h"

namespace wherry::wasm {

// Checks that `expr` has exactly one value, which matches `expected`, and that it names no global
// from `globals` on: without the extended-const feature only imported ones may be named. `what` is
// the expression's role, for messages.
Status check_constant(const Module& module, const ConstExpr& expr, ValueType expected,
                      std::string_view what, uint32_t globals);

}  // namespace wherry::wasm
