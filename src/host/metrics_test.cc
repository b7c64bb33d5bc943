#include "host/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "host/metrics_text.h"

namespace wherry::host {
namespace {

using function::Outcome;
using function::OutcomeKind;
using std::chrono::microseconds;

TEST(DurationBuckets, FollowEachOtherWithoutGaps) {
  uint64_t before = 0;
  for (size_t i = 0; i < kDurationBuckets; i++) {
    const uint64_t longest = longest_of_bucket(i);
    ASSERT_GT(longest, before) << i;
    EXPECT_EQ(duration_bucket_of(longest), i);
    EXPECT_EQ(duration_bucket_of(before + 1), i) << before;
    before = longest;
  }
  EXPECT_EQ(before, UINT64_MAX);
  EXPECT_EQ(duration_bucket_of(0), 0u);
}

TEST(DurationBuckets, AreNoWiderThanATwentiethOfWhatLiesInThem) {
  for (size_t i = 1; i + 1 < kDurationBuckets; i++) {
    const uint64_t low = longest_of_bucket(i - 1), high = longest_of_bucket(i);
    EXPECT_LE((high - low) * 20, low) << i;
  }
}

TEST(DurationBuckets, HaveTheBoundsOfPrometheus) {
  for (uint64_t one = 1000; one <= 10'000'000'000'000; one *= 10) {
    for (uint64_t bound : {one, one / 2 * 5, one * 5}) {
      EXPECT_EQ(longest_of_bucket(duration_bucket_of(bound)), bound);
    }
  }
}

TEST(DurationBuckets, GiveQuantilesWithinFivePercent) {
  std::vector<uint64_t> counts(kDurationBuckets);
  std::vector<uint64_t> all;
  uint64_t random = 88172645463325252;
  for (int i = 0; i < 10'000; i++) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    // Evenly over the powers of ten from 10 µs to 10 s.
    const auto ns =
        static_cast<uint64_t>(std::pow(10.0, 4 + static_cast<double>(random % 60'000) / 1e4));
    all.push_back(ns);
    counts[duration_bucket_of(ns)]++;
  }
  std::sort(all.begin(), all.end());
  for (double quantile : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact = static_cast<double>(all[static_cast<size_t>(quantile * 10'000) - 1]);
    EXPECT_NEAR(quantile_ns(counts, quantile), exact, exact * 0.05) << quantile;
  }
}

TEST(DurationBuckets, GiveQuantilesOfFewAndOfNone) {
  std::vector<uint64_t> counts(kDurationBuckets);
  EXPECT_EQ(quantile_ns(counts, 0.5), 0);
  counts[duration_bucket_of(5'000'000)] = 1;
  EXPECT_NEAR(quantile_ns(counts, 0.5), 5e6, 0.25e6);
  EXPECT_EQ(quantile_ns(counts, 1), 5e6);
  counts[kDurationBuckets - 1] = 100;
  EXPECT_EQ(quantile_ns(counts, 0.99), 1e14);
}

TEST(DurationBuckets, CountUpToABound) {
  std::vector<uint64_t> counts(kDurationBuckets);
  for (uint64_t ns : {999'999, 1'000'000, 1'000'001}) counts[duration_bucket_of(ns)]++;
  EXPECT_EQ(count_up_to(counts, 1'000'000), 2u);
  EXPECT_EQ(count_up_to(counts, UINT64_MAX), 3u);
  EXPECT_EQ(count_up_to(counts, 500'000), 0u);
}

Outcome outcome_of(OutcomeKind kind, int us = 100, int cpu_us = 50, uint64_t memory = 65536) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.duration = microseconds(us);
  outcome.cpu = microseconds(cpu_us);
  outcome.memory_bytes = memory;
  return outcome;
}

uint64_t count_of(const FunctionFigures& figures, OutcomeKind kind) {
  return figures.outcomes[static_cast<size_t>(kind)];
}

TEST(FunctionMetrics, AddsUpWhatHappened) {
  FunctionMetrics metrics;
  metrics.count_queued();
  metrics.count_queued();
  metrics.count_unqueued();
  metrics.count_rejected();
  for (int i = 0; i < 4; i++) metrics.count_begun();
  metrics.count_ended(outcome_of(OutcomeKind::kSuccess, 100, 50, 2 << 20));
  metrics.count_ended(outcome_of(OutcomeKind::kSuccess, 300, 70, 1 << 20));
  Outcome trapped = outcome_of(OutcomeKind::kTrap, 600, 80);
  trapped.is_cold = true;
  metrics.count_ended(trapped);
  const FunctionFigures figures = metrics.figures("hello");
  EXPECT_EQ(figures.name, "hello");
  EXPECT_EQ(count_of(figures, OutcomeKind::kSuccess), 2u);
  EXPECT_EQ(count_of(figures, OutcomeKind::kTrap), 1u);
  EXPECT_EQ(figures.invocations(), 3u);
  EXPECT_EQ(figures.errors(), 1u);
  EXPECT_EQ(figures.running, 1u);
  EXPECT_EQ(figures.queued, 1u);
  EXPECT_EQ(figures.rejected, 1u);
  EXPECT_EQ(figures.cold_starts, 1u);
  EXPECT_EQ(figures.duration_ns, 1'000'000u);
  EXPECT_EQ(figures.cpu_ns, 200'000u);
  EXPECT_EQ(figures.memory_peak_bytes, 2u << 20);
  EXPECT_EQ(count_up_to(figures.durations, UINT64_MAX), 3u);
  EXPECT_EQ(count_up_to(figures.durations, 500'000), 2u);
}

TEST(FunctionMetrics, LosesNothingOfManyThreads) {
  FunctionMetrics metrics;
  std::vector<std::thread> threads;
  constexpr int kThreads = 8, kCalls = 5000;
  for (int t = 0; t < kThreads; t++) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; i++) {
        metrics.count_begun();
        metrics.count_ended(outcome_of(OutcomeKind::kSuccess, t + 1, 1, static_cast<uint64_t>(i)));
      }
    });
  }
  // What is read meanwhile is never less than nothing.
  for (int i = 0; i < 100; i++)
    EXPECT_LE(metrics.figures("f").running, uint64_t{kThreads * kCalls});
  for (std::thread& thread : threads) thread.join();
  const FunctionFigures figures = metrics.figures("f");
  EXPECT_EQ(figures.invocations(), uint64_t{kThreads * kCalls});
  EXPECT_EQ(figures.running, 0u);
  EXPECT_EQ(figures.cpu_ns, uint64_t{kThreads * kCalls} * 1000);
  EXPECT_EQ(figures.memory_peak_bytes, uint64_t{kCalls - 1});
  EXPECT_EQ(count_up_to(figures.durations, UINT64_MAX), uint64_t{kThreads * kCalls});
}

TEST(Metrics, KeepsFunctionsByName) {
  Metrics metrics;
  auto b = metrics.of_function("b");
  EXPECT_EQ(metrics.of_function("b"), b);
  metrics.of_function("a")->count_rejected();
  MetricsFigures figures = metrics.figures(5);
  EXPECT_EQ(figures.time_ns, 5u);
  ASSERT_EQ(figures.functions.size(), 2u);
  EXPECT_EQ(figures.functions[0].name, "a");
  EXPECT_EQ(figures.functions[0].rejected, 1u);
  metrics.remove("b");
  b->count_rejected();
  EXPECT_EQ(metrics.figures(6).functions.size(), 1u);
  EXPECT_NE(metrics.of_function("b"), b);
}

TEST(Metrics, SubtractsWhatWasBefore) {
  Metrics metrics;
  auto a = metrics.of_function("a");
  a->count_begun();
  a->count_ended(outcome_of(OutcomeKind::kSuccess, 100));
  const MetricsFigures earlier = metrics.figures(1'000'000'000);
  a->count_begun();
  a->count_begun();
  a->count_ended(outcome_of(OutcomeKind::kExit, 900, 400));
  metrics.of_function("b")->count_rejected();
  const MetricsFigures added = difference(metrics.figures(3'000'000'000), earlier);
  EXPECT_EQ(added.time_ns, 2'000'000'000u);
  ASSERT_EQ(added.functions.size(), 2u);
  EXPECT_EQ(added.functions[0].invocations(), 1u);
  EXPECT_EQ(count_of(added.functions[0], OutcomeKind::kExit), 1u);
  EXPECT_EQ(added.functions[0].cpu_ns, 400'000u);
  EXPECT_EQ(added.functions[0].duration_ns, 900'000u);
  EXPECT_EQ(added.functions[0].running, 1u);
  EXPECT_EQ(count_up_to(added.functions[0].durations, 500'000), 0u);
  EXPECT_EQ(added.functions[1].rejected, 1u);
}

TEST(Metrics, TakesCountsThatShrankAsNewOnes) {
  FunctionFigures earlier, later;
  earlier.outcomes[0] = 10;
  later.outcomes[0] = 3;
  EXPECT_EQ(difference(later, earlier).invocations(), 3u);
}

TEST(PrometheusText, EscapesLabels) {
  PrometheusText text;
  text.family("a_total", "counter", "What it is.");
  text.sample({}, uint64_t{18'446'744'073'709'551'615u});
  text.sample({{"x", "1\\2\"3\n4"}, {"y", ""}}, 0.25);
  EXPECT_EQ(text.take(),
            "# HELP a_total What it is.\n# TYPE a_total counter\n"
            "a_total 18446744073709551615\n"
            "a_total{x=\"1\\\\2\\\"3\\n4\",y=\"\"} 0.25\n");
}

MetricsFigures some_figures() {
  Metrics metrics;
  auto a = metrics.of_function("a");
  for (int us : {100, 250, 251, 3000}) {
    a->count_begun();
    a->count_ended(outcome_of(us == 251 ? OutcomeKind::kNoResult : OutcomeKind::kSuccess, us, 10));
  }
  a->count_begun();
  a->count_queued();
  a->count_rejected();
  return metrics.figures(7);
}

TEST(PrometheusText, HasEachFamilyWithItsHeadOnce) {
  PrometheusText writer;
  write_figures(writer, some_figures());
  const std::string text = writer.take();
  auto has = [&](const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
  };
  for (const char* line :
       {"# TYPE wherry_invocations_total counter",
        "wherry_invocations_total{function=\"a\",outcome=\"success\"} 3",
        "wherry_invocations_total{function=\"a\",outcome=\"no_result\"} 1",
        "wherry_invocations_total{function=\"a\",outcome=\"trap\"} 0",
        "# TYPE wherry_invocation_duration_seconds histogram",
        "wherry_invocation_duration_seconds_bucket{function=\"a\",le=\"5e-05\"} 0",
        "wherry_invocation_duration_seconds_bucket{function=\"a\",le=\"0.0001\"} 1",
        "wherry_invocation_duration_seconds_bucket{function=\"a\",le=\"0.00025\"} 2",
        "wherry_invocation_duration_seconds_bucket{function=\"a\",le=\"0.0005\"} 3",
        "wherry_invocation_duration_seconds_bucket{function=\"a\",le=\"0.0025\"} 3",
        "wherry_invocation_duration_seconds_bucket{function=\"a\",le=\"100\"} 4",
        "wherry_invocation_duration_seconds_bucket{function=\"a\",le=\"+Inf\"} 4",
        "wherry_invocation_duration_seconds_sum{function=\"a\"} 0.003601",
        "wherry_invocation_duration_seconds_count{function=\"a\"} 4",
        "wherry_invocation_cpu_seconds_total{function=\"a\"} 4e-05",
        "wherry_invocations_running{function=\"a\"} 1",
        "wherry_queue_length{function=\"a\"} 1",
        "wherry_rejected_total{function=\"a\"} 1",
        "wherry_cold_starts_total{function=\"a\"} 0",
        "wherry_invocation_memory_peak_bytes{function=\"a\"} 65536"}) {
    EXPECT_TRUE(has(line)) << line << "\n" << text;
  }
  size_t heads = 0;
  for (size_t at = 0; (at = text.find("# HELP ", at)) != text.npos; at++) heads++;
  EXPECT_EQ(heads, 8u);
}

TEST(MetricsJson, ReadsBackAsTheSame) {
  const MetricsFigures figures = some_figures();
  const nlohmann::json json = *parse_json(write_json(to_json(figures)));
  EXPECT_EQ(json["functions"][0]["outcomes"], nlohmann::json({{"success", 3}, {"no_result", 1}}));
  EXPECT_NEAR(json["functions"][0]["p99_ms"].get<double>(), 3, 0.15);
  auto back = figures_of_json(json);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->time_ns, 7u);
  ASSERT_EQ(back->functions.size(), 1u);
  const FunctionFigures &a = figures.functions[0], &b = back->functions[0];
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.outcomes, b.outcomes);
  EXPECT_EQ(a.durations, b.durations);
  EXPECT_EQ(a.duration_ns, b.duration_ns);
  EXPECT_EQ(a.cpu_ns, b.cpu_ns);
  EXPECT_EQ(a.rejected, b.rejected);
  EXPECT_EQ(a.cold_starts, b.cold_starts);
  EXPECT_EQ(a.running, b.running);
  EXPECT_EQ(a.queued, b.queued);
  EXPECT_EQ(a.memory_peak_bytes, b.memory_peak_bytes);
}

TEST(MetricsJson, BearsWhatOtherVersionsAndStrangersSay) {
  auto read = [](std::string_view text) { return figures_of_json(*parse_json(text)); };
  EXPECT_FALSE(read("[]").ok());
  EXPECT_FALSE(read("{}").ok());
  EXPECT_FALSE(read(R"({"functions": 3})").ok());
  EXPECT_FALSE(read(R"({"functions": [{"rejected": 1}]})").ok());
  EXPECT_FALSE(read(R"({"functions": [3]})").ok());
  auto figures =
      read(R"({"functions": [{"name": "a", "rejected": -1, "outcomes": {"new": 1, "trap": 2},
      "durations": [[1], 2, ["a", 1], [18446744073709551615, 5]]}]})");
  ASSERT_TRUE(figures.ok()) << figures.error().message;
  EXPECT_EQ(figures->functions[0].invocations(), 2u);
  EXPECT_EQ(figures->functions[0].rejected, 0u);
  EXPECT_EQ(figures->functions[0].durations.back(), 5u);
}

}  // namespace
}  // namespace wherry::host
