// A module's initialization, run ahead of time on dev code, which the cache keeps.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "cli/cached_compiler.h"
#include "snapshot/initialization_world.h"
#include "wasm/features.h"

namespace wherry::cli {

// The initialized module. What it prints goes to standard error; so does what it was allowed to
// keep of the world and did. Errors begin with `name`.
Result<ByteVector> initialize_module(Bytes module, const std::string& name,
                                     const std::vector<snapshot::Kept>& allowed,
                                     const wasm::Features& features, CachedCompiler& compiler);

}  // namespace wherry::cli
