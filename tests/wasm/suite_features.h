// Which features each part of the specification's test suites is about.
#pragma once

#include <string_view>

#include "wasm/features.h"

namespace wherry::wasm {

// `path` is of a file in an unpacked corpus: …/spec-2.0/… or …/spec-3.0/…
inline Features features_of_suite(std::string_view path) {
  const auto has = [&](std::string_view part) { return path.find(part) != path.npos; };
  if (has("spec-2.0")) return Features::v2();
  // The threads proposal's tests are older than 2.0: a module has one table and one memory.
  if (has("proposals/threads")) {
    return Features::v2().without(Feature::kReferenceTypes).with(Feature::kThreads);
  }
  if (has("proposals/custom-page-sizes")) return Features::v3().with(Feature::kCustomPageSizes);
  if (has("proposals/wide-arithmetic")) return Features::v3().with(Feature::kWideArithmetic);
  if (has("legacy-exceptions")) return Features::standard();
  return Features::v3();
}

}  // namespace wherry::wasm
