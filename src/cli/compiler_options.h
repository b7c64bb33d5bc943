// How a module is compiled, and the flags by which users say so: the same words for every verb that
// compiles and for `wherry-compile`.
#pragma once

#include <string>

#include "base/result.h"
#include "contract/profile.h"
#include "wasm/features.h"

namespace wherry::cli {

struct CompilerOptions {
  contract::Profile profile = contract::Profile::kRelease;
  wasm::Features features = wasm::Features::standard();

  bool operator==(const CompilerOptions&) const = default;
};

// For --profile. Errors name the flag and its value.
Result<contract::Profile> profile_of_flag(const std::string& value);

// For --enable and --disable, once for each that is given: what becomes of `features`.
Result<wasm::Features> enabled(wasm::Features features, const std::string& value);
Result<wasm::Features> disabled(wasm::Features features, const std::string& value);

}  // namespace wherry::cli
