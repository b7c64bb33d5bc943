#include "bench/results.h"

#include <algorithm>

namespace wherry::bench {

std::vector<double> Run::cpu_s() const {
  std::vector<double> seconds;
  for (const Sample& sample : samples) seconds.push_back(sample.cpu_s());
  return seconds;
}

std::vector<double> Run::wall_s() const {
  std::vector<double> seconds;
  for (const Sample& sample : samples) seconds.push_back(sample.wall_s);
  return seconds;
}

std::optional<std::vector<double>> Run::own_s() const {
  std::vector<double> seconds;
  for (const Sample& sample : samples) {
    if (!sample.own_s) return {};
    seconds.push_back(*sample.own_s);
  }
  return seconds;
}

uint64_t Run::peak_bytes() const {
  if (samples.empty()) return 0;
  std::vector<double> peaks;
  for (const Sample& sample : samples) peaks.push_back(static_cast<double>(sample.peak_bytes));
  return static_cast<uint64_t>(median(peaks));
}

const char* name_of(Run::State state) {
  switch (state) {
    case Run::State::kOk: return "ok";
    case Run::State::kMissing: return "not installed";
    case Run::State::kUnsupported: return "not supported";
    case Run::State::kRefused: return "refused";
    case Run::State::kCrashed: return "crashed";
    case Run::State::kFailed: return "failed";
    case Run::State::kWrongOutput: return "wrong output";
    case Run::State::kTimedOut: return "timed out";
    case Run::State::kNotRun: return "not run";
  }
  return "";
}

const Run* WorkloadResult::run_of(std::string_view engine) const {
  auto found = std::ranges::find(runs, engine, &Run::engine);
  return found == runs.end() ? nullptr : &*found;
}

const Run* WorkloadResult::base_of(const Run& run) const {
  const Run* base = run_of(baseline);
  return base != nullptr && base->is_good() && run.is_good() ? base : nullptr;
}

std::optional<Ratio> WorkloadResult::ratio_of(const Run& run) const {
  const Run* base = base_of(run);
  if (base == nullptr) return {};
  const bool paired = base->samples.size() == run.samples.size();
  return ratio_of_medians(run.cpu_s(), base->cpu_s(), paired);
}

std::optional<double> WorkloadResult::relative_time_of(const Run& run) const {
  const Run* base = base_of(run);
  if (base == nullptr) return {};
  return ratio_value(run.cpu_s(), base->cpu_s());
}

const FoundEngine* Results::engine_of(std::string_view name) const {
  for (const FoundEngine& found : engines) {
    if (found.engine.name == name) return &found;
  }
  return nullptr;
}

std::optional<Mean> geometric_mean_of(const Results& results, std::string_view engine) {
  std::vector<double> ratios;
  for (const WorkloadResult& result : results.workloads) {
    const Run* run = result.run_of(engine);
    if (run == nullptr || result.workload.is_empty) continue;
    if (auto ratio = result.relative_time_of(*run)) ratios.push_back(*ratio);
  }
  auto mean = geometric_mean(ratios);
  if (!mean) return {};
  return Mean{*mean, ratios.size()};
}

size_t workloads_in_mean(const Results& results, std::string_view engine) {
  return static_cast<size_t>(std::ranges::count_if(results.workloads, [engine](const auto& result) {
    return !result.workload.is_empty && !result.baseline.empty() &&
           result.run_of(engine) != nullptr;
  }));
}

}  // namespace wherry::bench
