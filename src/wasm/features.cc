#include "wasm/features.h"

namespace wherry::wasm {

std::string_view name_of(Feature feature) {
  switch (feature) {
    case Feature::kMvp: return "mvp";
    case Feature::kSignExtension: return "sign-extension";
    case Feature::kSaturatingFloatToInt: return "saturating-float-to-int";
    case Feature::kBulkMemory: return "bulk-memory";
    case Feature::kReferenceTypes: return "reference-types";
    case Feature::kMultiValue: return "multi-value";
    case Feature::kSimd: return "simd";
    case Feature::kRelaxedSimd: return "relaxed-simd";
    case Feature::kTailCall: return "tail-call";
    case Feature::kThreads: return "threads";
    case Feature::kExceptions: return "exceptions";
    case Feature::kLegacyExceptions: return "legacy-exceptions";
    case Feature::kFunctionReferences: return "function-references";
    case Feature::kGc: return "gc";
    case Feature::kWideArithmetic: return "wide-arithmetic";
    case Feature::kExtendedConst: return "extended-const";
    case Feature::kMultiMemory: return "multi-memory";
    case Feature::kMemory64: return "memory64";
    case Feature::kCustomPageSizes: return "custom-page-sizes";
    case Feature::kCompactImports: return "compact-imports";
  }
  return "unknown";
}

std::vector<Feature> switchable_features() {
  std::vector<Feature> out;
  for (size_t i = 0; i < kFeatureCount; i++) {
    const Feature feature{static_cast<uint8_t>(i)};
    if (feature != Feature::kMvp && is_supported(feature)) out.push_back(feature);
  }
  return out;
}

Features Features::from_bits(uint32_t bits) {
  Features out;
  for (const Feature feature : switchable_features()) {
    if (bits & bit(feature)) out = out.with(feature);
  }
  return out;
}

Result<Feature> parse_feature(std::string_view name) {
  std::string known;
  for (const Feature feature : switchable_features()) {
    if (name_of(feature) == name) return feature;
    if (!known.empty()) known += ", ";
    known += name_of(feature);
  }
  return make_error(ErrorKind::kInvalid, "unknown feature '{}'", name)
      .with_hint("the features are " + known);
}

Error missing_feature(std::string_view what, Feature feature) {
  if (!is_supported(feature)) {
    return make_error(ErrorKind::kUnsupported,
                      "{} needs the {} feature, which this version of wherry does not support",
                      what, name_of(feature));
  }
  return make_error(ErrorKind::kUnsupported, "{} needs the {} feature, which is off", what,
                    name_of(feature))
      .with_hint(fmt::format("turn it on with --enable {}", name_of(feature)));
}

}  // namespace wherry::wasm
