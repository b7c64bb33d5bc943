// Which parts of WebAssembly this engine decodes and validates: all of 2.0, and of 3.0 the relaxed
// SIMD instructions. What it can compile is the compile room's to say.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "wasm/opcodes.h"

namespace wherry::wasm {

constexpr bool is_enabled(Feature feature) {
  switch (feature) {
    case Feature::kMvp:
    case Feature::kSignExtension:
    case Feature::kSaturatingFloatToInt:
    case Feature::kBulkMemory:
    case Feature::kReferenceTypes:
    case Feature::kMultiValue:
    case Feature::kSimd:
    case Feature::kRelaxedSimd: return true;
    default: return false;
  }
}

// The error for a well-known thing we do not do: `what` says what and where, starting with the
// specification's words where its tests have some.
inline Error unsupported_feature(std::string_view what, Feature feature) {
  return make_error(ErrorKind::kUnsupported,
                    "{} needs the {} feature, which this version of wherry does not support", what,
                    name_of(feature));
}

}  // namespace wherry::wasm
