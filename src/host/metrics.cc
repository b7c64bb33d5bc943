#include "host/metrics.h"

#include <sched.h>

#include <algorithm>
#include <numeric>

namespace wherry::host {

namespace {

using Counter = std::atomic<uint64_t>;

void add(Counter& counter, uint64_t number = 1) {
  counter.fetch_add(number, std::memory_order_relaxed);
}
uint64_t read(const Counter& counter) { return counter.load(std::memory_order_relaxed); }

uint64_t ns_of(std::chrono::microseconds duration) {
  return static_cast<uint64_t>(std::max<int64_t>(0, duration.count())) * 1000;
}

// Of two counts that are read one after the other while they grow.
uint64_t at_least_zero(uint64_t more, uint64_t less) { return more > less ? more - less : 0; }

}  // namespace

struct alignas(64) FunctionMetrics::Shard {
  Counter outcomes[kOutcomeKinds] = {};
  Counter begun = 0;
  Counter queued = 0;
  Counter unqueued = 0;
  Counter rejected = 0;
  Counter cold_starts = 0;
  Counter duration_ns = 0;
  Counter cpu_ns = 0;
  Counter memory_peak_bytes = 0;
  Counter durations[kDurationBuckets] = {};
};

FunctionMetrics::~FunctionMetrics() {
  for (auto& shard : shards_) delete shard.load(std::memory_order_relaxed);
}

FunctionMetrics::Shard& FunctionMetrics::shard() {
  const int cpu = ::sched_getcpu();
  std::atomic<Shard*>& place = shards_[cpu < 0 ? 0 : static_cast<size_t>(cpu) % kMostShards];
  Shard* shard = place.load(std::memory_order_acquire);
  if (shard != nullptr) [[likely]]
    return *shard;
  auto made = std::make_unique<Shard>();
  if (place.compare_exchange_strong(shard, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *shard;
}

void FunctionMetrics::count_queued() { add(shard().queued); }
void FunctionMetrics::count_unqueued() { add(shard().unqueued); }
void FunctionMetrics::count_rejected() { add(shard().rejected); }
void FunctionMetrics::count_begun() { add(shard().begun); }

void FunctionMetrics::count_ended(const function::Outcome& outcome) {
  Shard& shard = this->shard();
  const uint64_t duration_ns = ns_of(outcome.duration);
  add(shard.durations[duration_bucket_of(duration_ns)]);
  add(shard.duration_ns, duration_ns);
  add(shard.cpu_ns, ns_of(outcome.cpu));
  if (outcome.is_cold) add(shard.cold_starts);
  uint64_t peak = read(shard.memory_peak_bytes);
  while (outcome.memory_bytes > peak &&
         !shard.memory_peak_bytes.compare_exchange_weak(peak, outcome.memory_bytes,
                                                        std::memory_order_relaxed)) {
  }
  // Last and released: who reads it has the invocation's beginning, too.
  shard.outcomes[static_cast<size_t>(outcome.kind)].fetch_add(1, std::memory_order_release);
}

FunctionFigures FunctionMetrics::figures(std::string name) const {
  FunctionFigures figures;
  figures.name = std::move(name);
  uint64_t begun = 0, queued = 0, unqueued = 0;
  // What ends before what begins, over all shards, so that none ends that has not begun.
  for (const auto& place : shards_) {
    const Shard* shard = place.load(std::memory_order_acquire);
    if (shard == nullptr) continue;
    for (size_t i = 0; i < kOutcomeKinds; i++) {
      figures.outcomes[i] += shard->outcomes[i].load(std::memory_order_acquire);
    }
    unqueued += shard->unqueued.load(std::memory_order_acquire);
  }
  for (const auto& place : shards_) {
    const Shard* shard = place.load(std::memory_order_acquire);
    if (shard == nullptr) continue;
    begun += read(shard->begun);
    queued += read(shard->queued);
    figures.rejected += read(shard->rejected);
    figures.cold_starts += read(shard->cold_starts);
    figures.duration_ns += read(shard->duration_ns);
    figures.cpu_ns += read(shard->cpu_ns);
    figures.memory_peak_bytes = std::max(figures.memory_peak_bytes, read(shard->memory_peak_bytes));
    for (size_t i = 0; i < kDurationBuckets; i++) {
      figures.durations[i] += read(shard->durations[i]);
    }
  }
  figures.running = at_least_zero(begun, figures.invocations());
  figures.queued = at_least_zero(queued, unqueued);
  return figures;
}

uint64_t FunctionFigures::invocations() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), uint64_t{0});
}

uint64_t FunctionFigures::errors() const {
  return invocations() - outcomes[static_cast<size_t>(function::OutcomeKind::kSuccess)];
}

FunctionFigures difference(const FunctionFigures& later, const FunctionFigures& earlier) {
  if (later.invocations() < earlier.invocations() || later.rejected < earlier.rejected) {
    return later;
  }
  FunctionFigures added = later;
  auto subtract = [](uint64_t& from, uint64_t number) { from = at_least_zero(from, number); };
  for (size_t i = 0; i < kOutcomeKinds; i++) subtract(added.outcomes[i], earlier.outcomes[i]);
  for (size_t i = 0; i < kDurationBuckets; i++) subtract(added.durations[i], earlier.durations[i]);
  subtract(added.rejected, earlier.rejected);
  subtract(added.cold_starts, earlier.cold_starts);
  subtract(added.duration_ns, earlier.duration_ns);
  subtract(added.cpu_ns, earlier.cpu_ns);
  return added;
}

MetricsFigures difference(const MetricsFigures& later, const MetricsFigures& earlier) {
  MetricsFigures added;
  added.time_ns = at_least_zero(later.time_ns, earlier.time_ns);
  for (const FunctionFigures& function : later.functions) {
    auto before = std::find_if(earlier.functions.begin(), earlier.functions.end(),
                               [&](const FunctionFigures& f) { return f.name == function.name; });
    added.functions.push_back(before == earlier.functions.end() ? function
                                                                : difference(function, *before));
  }
  return added;
}

std::shared_ptr<FunctionMetrics> Metrics::of_function(const std::string& name) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<FunctionMetrics>& metrics = functions_[name];
  if (!metrics) metrics = std::make_shared<FunctionMetrics>();
  return metrics;
}

void Metrics::remove(const std::string& name) {
  std::lock_guard lock(mutex_);
  functions_.erase(name);
}

MetricsFigures Metrics::figures(uint64_t time_ns) const {
  MetricsFigures figures;
  figures.time_ns = time_ns;
  std::lock_guard lock(mutex_);
  for (const auto& [name, metrics] : functions_)
    figures.functions.push_back(metrics->figures(name));
  return figures;
}

}  // namespace wherry::host
