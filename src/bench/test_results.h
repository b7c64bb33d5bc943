// For this room's tests: results with figures that are given.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/results.h"

namespace wherry::bench {

// Engines native, a and b, no workloads.
inline Results test_results() {
  Results results;
  results.suite = "test";
  results.title = "Tests <of> everything";
  results.began = results.ended = "2026-11-27T00:00:00Z";
  results.wherry = "wherry 0";
  results.command = {"wherry", "bench", "test"};
  results.machine.cpu = "a CPU";
  for (const char* name : {"native", "a", "b"}) {
    FoundEngine found;
    found.engine.name = found.engine.title = name;
    found.engine.kind = name[0] == 'n' ? "native" : "ahead of time";
    if (name[0] == 'n') found.engine.languages = {"c"};
    found.version = "1";
    results.engines.push_back(std::move(found));
  }
  return results;
}

using Times = std::vector<std::pair<std::string, std::vector<double>>>;

// CPU and wall time are the same; the baseline is the first.
inline WorkloadResult& add_workload(Results& results, const std::string& name, const Times& times) {
  WorkloadResult result;
  result.workload.name = result.workload.title = name;
  result.module_sha256 = result.output_sha256 = "00";
  result.baseline = times.front().first;
  for (const auto& [engine, seconds] : times) {
    Run run;
    run.engine = engine;
    run.state = Run::State::kOk;
    for (double one : seconds) run.samples.push_back({one, 0, one, 1 << 20, {}});
    result.runs.push_back(std::move(run));
  }
  results.workloads.push_back(std::move(result));
  return results.workloads.back();
}

}  // namespace wherry::bench
