// Functions as the command line and manifests describe them.
#pragma once

#include <string>

#include "cli/flags.h"
#include "cli/modules.h"
#include "cli/outbound_access.h"
#include "function/manifest.h"
#include "host/code.h"

namespace wherry::cli {

// What a function without a manifest is given, but for its name and module.
function::FunctionManifest manifest_of_flags(const FunctionFlags& flags);

// The function that a path names: of a manifest (`name` says which, if it has several), or a module
// with the defaults.
Result<function::FunctionManifest> find_function(const std::string& path, const std::string& name,
                                                 function::FunctionManifest defaults);

// Reads the secrets and makes the function. `watchdog` and `outbound` outlive it.
Result<host::Code> make_function(ModulePointer module, runtime::Watchdog& watchdog,
                                 OutboundAccess& outbound, function::FunctionManifest manifest);

}  // namespace wherry::cli
