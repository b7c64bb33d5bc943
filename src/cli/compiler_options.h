// What users may say about how a module is compiled, for every verb that compiles.
#pragma once

#include "contract/profile.h"
#include "wasm/features.h"

namespace wherry::cli {

struct CompilerOptions {
  contract::Profile profile = contract::Profile::kRelease;
  wasm::Features features = wasm::Features::standard();

  bool operator==(const CompilerOptions&) const = default;
};

}  // namespace wherry::cli
