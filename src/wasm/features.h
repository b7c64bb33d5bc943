// Which parts of WebAssembly are on. Decoding, validation and compilation take the set from the
// module they work on; whoever calls decode() chooses it.
//
// On by default is WebAssembly 3.0 without garbage collection, the exceptions of before 3.0, which
// today's compilers still emit, and the compact form of import sections. Threads and the proposals
// that 3.0 does not have are there but off: `--enable threads` on the command line. The error for
// what is off names the feature.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/opcodes.h"

namespace wherry::wasm {

class Features {
 public:
  // Nothing but WebAssembly 1.0.
  constexpr Features() = default;

  static constexpr Features v2() {
    return Features()
        .with(Feature::kSignExtension)
        .with(Feature::kSaturatingFloatToInt)
        .with(Feature::kBulkMemory)
        .with(Feature::kReferenceTypes)
        .with(Feature::kMultiValue)
        .with(Feature::kSimd);
  }
  static constexpr Features v3() {
    return v2()
        .with(Feature::kRelaxedSimd)
        .with(Feature::kTailCall)
        .with(Feature::kExceptions)
        .with(Feature::kFunctionReferences)
        .with(Feature::kExtendedConst)
        .with(Feature::kMultiMemory)
        .with(Feature::kMemory64);
  }
  static constexpr Features standard() {
    return v3().with(Feature::kLegacyExceptions).with(Feature::kCompactImports);
  }

  constexpr bool has(Feature feature) const { return (bits_ & bit(feature)) != 0; }
  constexpr Features with(Feature feature) const { return Features(bits_ | bit(feature)); }
  constexpr Features without(Feature feature) const { return Features(bits_ & ~bit(feature)); }

  constexpr bool operator==(const Features&) const = default;
  // For cache keys and the compiler's command line; from_bits() drops what is not supported.
  constexpr uint32_t bits() const { return bits_; }
  static Features from_bits(uint32_t bits);

 private:
  explicit constexpr Features(uint32_t bits) : bits_(bits) {}
  static constexpr uint32_t bit(Feature feature) { return 1u << static_cast<unsigned>(feature); }

  uint32_t bits_ = bit(Feature::kMvp);
};

// Whether this version of wherry can do it at all.
constexpr bool is_supported(Feature feature) { return feature != Feature::kGc; }

// The features that a user may turn on or off, in the order of the enumeration.
std::vector<Feature> switchable_features();

// "tail-call" to its feature; kInvalid names the ones there are.
Result<Feature> parse_feature(std::string_view name);

// The error for a well-known thing that is off or that we do not do: `what` says what and where,
// starting with the specification's words where its tests have some.
Error missing_feature(std::string_view what, Feature feature);

}  // namespace wherry::wasm
