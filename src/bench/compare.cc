#include "bench/compare.h"

#include <algorithm>

namespace wherry::bench {

namespace {

using nlohmann::ordered_json;

const WorkloadResult* workload_of(const Results& results, std::string_view name) {
  for (const WorkloadResult& result : results.workloads) {
    if (result.workload.name == name) return &result;
  }
  return nullptr;
}

const char* verdict_of(const Change& change) {
  const Ratio& ratio = change.ratio;
  if (!change.is_enough) return "too few rounds to tell";
  if (ratio.is_within_noise_of_one()) return "within noise";
  return ratio.value < 1 ? "faster" : "slower";
}

void note_difference(Comparison& comparison, const char* what, const std::string& first,
                     const std::string& second) {
  if (first == second) return;
  comparison.notes.push_back(fmt::format("{}: {} and {}", what, first, second));
}

void compare_runs(const WorkloadResult& first, const WorkloadResult& second,
                  Comparison& comparison) {
  const std::string& name = first.workload.name;
  if (first.module_sha256 != second.module_sha256) {
    comparison.notes.push_back(name + ": the modules differ");
  }
  if (first.output_sha256 != second.output_sha256) {
    comparison.notes.push_back(name + ": the outputs differ");
  }
  for (const Run& run : first.runs) {
    const Run* other = second.run_of(run.engine);
    if (other == nullptr) continue;
    if (run.is_good() && other->is_good()) {
      if (auto ratio = ratio_of_medians(other->cpu_s(), run.cpu_s(), false)) {
        const bool is_enough =
            std::min(run.samples.size(), other->samples.size()) >= kFewestSamples;
        comparison.changes.push_back({name, run.engine, is_enough, *ratio});
      }
    } else if (run.state != other->state) {
      comparison.notes.push_back(fmt::format("{}, {}: {} and {}", name, run.engine,
                                             name_of(run.state), name_of(other->state)));
    }
  }
}

}  // namespace

Comparison compare(const Results& first, const Results& second) {
  Comparison comparison;
  note_difference(comparison, "machine", first.machine.cpu, second.machine.cpu);
  note_difference(comparison, "cores", std::to_string(first.machine.cores),
                  std::to_string(second.machine.cores));
  note_difference(comparison, "kernel", first.machine.kernel, second.machine.kernel);
  for (const FoundEngine& found : first.engines) {
    const FoundEngine* other = second.engine_of(found.engine.name);
    if (other == nullptr || !found.is_installed() || !other->is_installed()) continue;
    note_difference(comparison, found.engine.name.c_str(), found.version, other->version);
  }
  for (const WorkloadResult& result : first.workloads) {
    const WorkloadResult* other = workload_of(second, result.workload.name);
    if (other == nullptr) {
      comparison.notes.push_back(result.workload.name + " is in the first only");
    } else {
      compare_runs(result, *other, comparison);
    }
  }
  for (const WorkloadResult& result : second.workloads) {
    if (workload_of(first, result.workload.name) == nullptr) {
      comparison.notes.push_back(result.workload.name + " is in the second only");
    }
  }
  return comparison;
}

std::string text_of(const Comparison& comparison) {
  std::string text;
  for (const std::string& note : comparison.notes) text += note + "\n";
  if (!comparison.notes.empty()) text += "\n";
  text += fmt::format("{:<24}{:<12}{:>8}   {:<16}\n", "workload", "engine", "ratio", "95 %");
  for (const Change& change : comparison.changes) {
    text += fmt::format(
        "{:<24}{:<12}{:>8.3f}   {:<16} {}\n", change.workload, change.engine, change.ratio.value,
        fmt::format("{:.3f} to {:.3f}", change.ratio.low, change.ratio.high), verdict_of(change));
  }
  return text;
}

ordered_json to_json(const Comparison& comparison) {
  ordered_json changes = ordered_json::array();
  for (const Change& change : comparison.changes) {
    changes.push_back({{"workload", change.workload},
                       {"engine", change.engine},
                       {"ratio", change.ratio.value},
                       {"low", change.ratio.low},
                       {"high", change.ratio.high},
                       {"verdict", verdict_of(change)}});
  }
  return {{"notes", comparison.notes}, {"changes", std::move(changes)}};
}

}  // namespace wherry::bench
