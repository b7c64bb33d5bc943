// What is counted of each function while it serves: invocations by outcome, how long they took, and
// what they used. Counting takes some tens of nanoseconds from any thread; reading adds it all up.
//
// FunctionMetrics has a set of counters (a shard) for each core, made when it is first used, so
// that threads of different cores do not write to the same cache lines. All of this is safe from
// many threads.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "function/function.h"
#include "host/duration_buckets.h"

namespace wherry::host {

inline constexpr size_t kOutcomeKinds = static_cast<size_t>(function::OutcomeKind::kInternal) + 1;

// The figures of one function at one moment, or what was added to them between two.
struct FunctionFigures {
  std::string name;
  std::array<uint64_t, kOutcomeKinds> outcomes{};  // invocations that ended, by OutcomeKind
  uint64_t rejected = 0;                           // requests that were not let in
  uint64_t cold_starts = 0;
  uint64_t duration_ns = 0;          // of all invocations together
  uint64_t cpu_ns = 0;               // likewise
  std::vector<uint64_t> durations =  // how many took how long (duration_buckets.h)
      std::vector<uint64_t>(kDurationBuckets);
  // These are not added up: they are of the later moment.
  uint64_t running = 0;            // invocations under way
  uint64_t queued = 0;             // requests that wait
  uint64_t memory_peak_bytes = 0;  // the largest linear memory of any invocation so far

  uint64_t invocations() const;  // that ended
  uint64_t errors() const;       // of these, all but successes
};

struct MetricsFigures {
  uint64_t time_ns = 0;                    // monotonic (Clock), or how long it is between two
  std::vector<FunctionFigures> functions;  // by name
};

// What was added. Functions that are gone are not in it; those that are new, or were made anew
// since (their counts are smaller), count from zero.
FunctionFigures difference(const FunctionFigures& later, const FunctionFigures& earlier);
MetricsFigures difference(const MetricsFigures& later, const MetricsFigures& earlier);

class FunctionMetrics {
 public:
  FunctionMetrics() = default;
  ~FunctionMetrics();
  FunctionMetrics(const FunctionMetrics&) = delete;

  void count_queued();    // a request waits
  void count_unqueued();  // it waits no longer, whatever became of it
  void count_rejected();
  void count_begun();  // an invocation; each is followed by one count_ended()
  void count_ended(const function::Outcome& outcome);

  FunctionFigures figures(std::string name) const;

 private:
  struct Shard;
  static constexpr size_t kMostShards = 32;
  Shard& shard();

  std::array<std::atomic<Shard*>, kMostShards> shards_{};
};

class Metrics {
 public:
  // Made if it is not there; stays valid after remove().
  std::shared_ptr<FunctionMetrics> of_function(const std::string& name);
  // Forgets a function's figures.
  void remove(const std::string& name);

  MetricsFigures figures(uint64_t time_ns) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<FunctionMetrics>> functions_;
};

}  // namespace wherry::host
