// Functions as the command line describes them.
#pragma once

#include "cli/flags.h"
#include "cli/modules.h"
#include "function/function.h"

namespace wherry::cli {

using FunctionPointer = std::shared_ptr<const function::Function>;

// `watchdog` outlives the function.
Result<FunctionPointer> make_function(ModulePointer module, runtime::Watchdog& watchdog,
                                      const FunctionFlags& flags, const std::string& name);

// `dir/hello.wasm` to `hello`.
std::string function_name(const std::string& path);

}  // namespace wherry::cli
