#include "bench/recommendation.h"

#include <algorithm>
#include <cmath>

namespace wherry::bench {

namespace {

// Native wall time below which starting is most of what an engine does.
constexpr double kShort_s = 0.05;

struct Standing {
  std::string engine;
  Ratio to_baseline;  // geometric means
  double wall_s = 0;  // geometric mean of medians
};

using Workloads = std::vector<const WorkloadResult*>;
using Measure = std::vector<double> (Run::*)() const;

// The geometric mean of one engine's ratios to another's, and its interval: the logarithms' half
// widths add up as those of independent figures do.
std::optional<Ratio> ratio_between(const Workloads& workloads, std::string_view engine,
                                   std::string_view other, Measure measure) {
  double sum = 0, squares = 0;
  for (const WorkloadResult* result : workloads) {
    const Run* a = result->run_of(engine);
    const Run* b = other.empty() ? result->run_of(result->baseline) : result->run_of(other);
    if (a == nullptr || b == nullptr || !a->is_good() || !b->is_good()) return {};
    auto ratio =
        ratio_of_medians((a->*measure)(), (b->*measure)(), a->samples.size() == b->samples.size());
    if (!ratio || !(ratio->low > 0)) return {};
    sum += std::log(ratio->value);
    const double half = (std::log(ratio->high) - std::log(ratio->low)) / 2;
    squares += half * half;
  }
  if (workloads.empty()) return {};
  const double count = static_cast<double>(workloads.size());
  const double mean = sum / count, half = std::sqrt(squares) / count;
  return Ratio{std::exp(mean), std::exp(mean - half), std::exp(mean + half)};
}

// Engines that run modules and ran all of these, the fastest first.
std::vector<Standing> standings(const Results& results, const Workloads& workloads,
                                Measure measure) {
  std::vector<Standing> all;
  for (const FoundEngine& found : results.engines) {
    if (found.engine.is_native()) continue;
    auto ratio = ratio_between(workloads, found.engine.name, "", measure);
    if (!ratio) continue;
    double logs = 0;
    for (const WorkloadResult* result : workloads) {
      logs += std::log(std::max(1e-9, median(result->run_of(found.engine.name)->wall_s())));
    }
    all.push_back(
        {found.engine.name, *ratio, std::exp(logs / static_cast<double>(workloads.size()))});
  }
  std::ranges::sort(all, {}, [](const Standing& standing) { return standing.to_baseline.value; });
  return all;
}

std::string workloads_text(size_t count) {
  return count == 1 ? "one workload" : fmt::format("{} workloads", count);
}

bool is_native_based(const Results& results, const WorkloadResult& result) {
  const FoundEngine* found = results.engine_of(result.baseline);
  return found != nullptr && found->engine.is_native();
}

// All of them are compared with native code, or none.
std::string baseline_text(const Results& results, const Workloads& workloads) {
  const WorkloadResult& first = *workloads.front();
  return is_native_based(results, first) ? "native code" : first.baseline;
}

std::string times_text(const Ratio& ratio) {
  return fmt::format("{:.2f} times ({:.2f} to {:.2f})", ratio.value, ratio.low, ratio.high);
}

bool are_enough(const Workloads& workloads, std::string_view engine) {
  return std::ranges::all_of(workloads, [engine](const WorkloadResult* result) {
    return result->run_of(engine)->samples.size() >= kFewestSamples;
  });
}

std::string next_text(const Workloads& workloads, const std::vector<Standing>& order,
                      Measure measure) {
  if (order.size() < 2) return " No other engine ran all of them.";
  const auto gap = ratio_between(workloads, order[1].engine, order[0].engine, measure);
  if (!gap) return "";
  if (!are_enough(workloads, order[0].engine) || !are_enough(workloads, order[1].engine)) {
    return fmt::format(" Next is {}; fewer than {} rounds cannot tell whether that is noise.",
                       order[1].engine, kFewestSamples);
  }
  if (gap->is_within_noise_of_one()) {
    return fmt::format(" {} is within noise of it ({}).", order[1].engine, times_text(*gap));
  }
  return fmt::format(" Next is {}, which takes {} as long.", order[1].engine, times_text(*gap));
}

std::optional<std::string> about(const Results& results, const Workloads& workloads,
                                 const char* what, bool by_wall_time) {
  if (workloads.empty()) return {};
  const Measure measure = by_wall_time ? &Run::wall_s : &Run::cpu_s;
  const std::vector<Standing> order = standings(results, workloads, measure);
  if (order.empty()) return {};
  const Standing& best = order.front();
  const std::string head =
      fmt::format("{} ({}): {}", what, workloads_text(workloads.size()), best.engine);
  const std::string beside = baseline_text(results, workloads);
  std::string figure;
  if (by_wall_time) {
    figure = fmt::format(", {} from start to end, {} {}.", seconds_text(best.wall_s),
                         times_text(best.to_baseline), beside);
  } else {
    figure = fmt::format(", {} the CPU time of {}.", times_text(best.to_baseline), beside);
  }
  return head +
         (beside == best.engine ? std::string(", to which the others are compared.") : figure) +
         next_text(workloads, order, measure);
}

// The quickest package to its first answer, and the slowest.
std::optional<std::string> about_cold_starts(const Platforms& platforms) {
  const PlatformResult* quickest = nullptr;
  const PlatformResult* slowest = nullptr;
  const auto cold = [](const PlatformResult& row) { return median(row.cold_s); };
  for (const PlatformResult& row : platforms.rows) {
    if (!row.is_run() || row.package_bytes == 0) continue;
    if (quickest == nullptr || cold(row) < cold(*quickest)) quickest = &row;
    if (slowest == nullptr || cold(row) > cold(*slowest)) slowest = &row;
  }
  if (quickest == nullptr || quickest == slowest) return {};
  std::string text = fmt::format(
      "Cold start: the first answer comes after {} in {}, and after {} in {}, {:.0f} times as "
      "much.",
      seconds_text(cold(*quickest)), quickest->target, seconds_text(cold(*slowest)),
      slowest->target, cold(*slowest) / cold(*quickest));
  if (quickest->is_warm && !quickest->warm_s.empty()) {
    text += fmt::format(" Once it runs, {} answers in {}.", quickest->target,
                        seconds_text(median(quickest->warm_s)));
  }
  return text;
}

// What one waits for before the first run.
std::optional<std::string> about_compiling(const Results& results, const Workloads& workloads) {
  std::string list;
  for (const FoundEngine& found : results.engines) {
    if (found.engine.is_native() || found.engine.kind != "ahead of time") continue;
    std::vector<double> seconds;
    for (const WorkloadResult* result : workloads) {
      const Run* run = result->run_of(found.engine.name);
      if (run != nullptr && run->is_good()) seconds.push_back(run->prepare_wall_s);
    }
    if (seconds.empty()) continue;
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", found.engine.name,
                        seconds_text(median(seconds)));
  }
  if (list.empty()) return {};
  return "Compiling ahead of time takes, at the median: " + list + ".";
}

}  // namespace

std::vector<std::string> recommend(const Results& results) {
  Workloads short_ones, long_ones, memory_bound, all;
  const bool has_native = std::ranges::any_of(results.workloads, [&](const WorkloadResult& result) {
    return is_native_based(results, result);
  });
  for (const WorkloadResult& result : results.workloads) {
    const Run* base = result.run_of(result.baseline);
    if (base == nullptr || !base->is_good()) continue;
    // Those that only some native compiler takes, which is not here, would be compared with another
    // thing.
    if (has_native && !is_native_based(results, result)) continue;
    all.push_back(&result);
    const bool is_short = median(base->wall_s()) < kShort_s;
    (is_short                          ? short_ones
     : result.workload.is_memory_bound ? memory_bound
                                       : long_ones)
        .push_back(&result);
  }
  std::vector<std::string> advice;
  const auto add = [&advice](std::optional<std::string> text) {
    if (text) advice.push_back(std::move(*text));
  };
  add(about(results, long_ones, "Long work", false));
  add(about(results, memory_bound, "Memory-bound work", false));
  add(about(results, short_ones, "Short work, where starting counts", true));
  add(about_compiling(results, all));
  if (results.platforms) add(about_cold_starts(*results.platforms));
  return advice;
}

}  // namespace wherry::bench
