// The function of `wherry bench report-2019`, packed for every platform and started where it can be
// started here, beside a native and a local process for each invocation.
#pragma once

#include <string>

#include "bench/platforms.h"
#include "bench/results.h"
#include "bench/workload.h"
#include "cli/settings.h"

namespace wherry::cli {

// What the deployments need as long as they are used.
struct BenchPlatforms {
  bench::PlatformsPlan plan;
  std::vector<bench::Deployment> deployments;
};

// `results` has the engines and compilers; `function` is the suite's. Files go below `scratch`,
// which outlives the deployments.
Result<BenchPlatforms> prepare_platforms(const bench::SuiteFunction& function,
                                         const bench::Results& results, const Settings& settings,
                                         const std::vector<std::string>& directories,
                                         const std::string& scratch, bench::Interrupts& interrupts);

}  // namespace wherry::cli
