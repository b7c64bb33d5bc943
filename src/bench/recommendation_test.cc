#include "bench/recommendation.h"

#include <gtest/gtest.h>

#include "bench/test_results.h"

namespace wherry::bench {
namespace {

bool has(const std::vector<std::string>& advice, const std::string& begin,
         const std::string& part) {
  for (const std::string& line : advice) {
    if (line.starts_with(begin) && line.find(part) != line.npos) return true;
  }
  return false;
}

TEST(Recommendation, NamesTheFastestAndHowFarTheNextIs) {
  Results results = test_results();
  add_workload(results, "long",
               {{"native", {1.0, 1.01, 0.99}}, {"a", {1.1, 1.11, 1.09}}, {"b", {2, 2.02, 1.98}}});
  const auto advice = recommend(results);
  EXPECT_TRUE(
      has(advice, "Long work (one workload): a, 1.10 times", "the CPU time of native code."));
  EXPECT_TRUE(has(advice, "Long work", "Next is b, which takes 1.82 times"));
}

TEST(Recommendation, SaysWhenTheDifferenceIsWithinNoise) {
  Results results = test_results();
  add_workload(results, "long",
               {{"native", {1.0, 1.2, 0.9}}, {"a", {1.1, 1.3, 1.0}}, {"b", {1.12, 1.0, 1.31}}});
  EXPECT_TRUE(has(recommend(results), "Long work", "b is within noise of it"));
}

TEST(Recommendation, WhatHasNoNativeCodeIsNotComparedWithIt) {
  Results results = test_results();
  add_workload(results, "c", {{"native", {1, 1, 1}}, {"a", {2, 2, 2}}, {"b", {3, 3, 3}}});
  add_workload(results, "rust", {{"a", {1, 1, 1}}, {"b", {9, 9, 9}}});
  const auto advice = recommend(results);
  EXPECT_TRUE(
      has(advice, "Long work (one workload): a, 2.00 times", "the CPU time of native code."));
}

TEST(Recommendation, TwoRoundsSayNothingOfNoise) {
  Results results = test_results();
  add_workload(results, "long", {{"native", {1.0, 1.0}}, {"a", {1.1, 1.1}}, {"b", {1.2, 1.2}}});
  EXPECT_TRUE(has(recommend(results), "Long work",
                  "fewer than 3 rounds cannot tell whether that is noise"));
}

TEST(Recommendation, WhoDidNotRunAllHasNoPart) {
  Results results = test_results();
  add_workload(results, "one", {{"native", {1, 1, 1}}, {"a", {2, 2, 2}}, {"b", {1, 1, 1}}});
  add_workload(results, "two", {{"native", {1, 1, 1}}, {"a", {2, 2, 2}}, {"b", {1, 1, 1}}});
  results.workloads[1].runs[2].state = Run::State::kCrashed;
  const auto advice = recommend(results);
  EXPECT_TRUE(
      has(advice, "Long work (2 workloads): a, 2.00 times", "No other engine ran all of them."));
}

TEST(Recommendation, ShortAndMemoryBoundWorkAreApart) {
  Results results = test_results();
  add_workload(results, "short",
               {{"native", {0.001, 0.001}}, {"a", {0.05, 0.05}}, {"b", {0.002, 0.002}}});
  add_workload(results, "memory", {{"native", {1, 1}}, {"a", {1, 1}}, {"b", {3, 3}}});
  results.workloads[1].workload.is_memory_bound = true;
  const auto advice = recommend(results);
  EXPECT_TRUE(has(advice,
                  "Short work, where starting counts (one workload): b, 2.00 ms from start to end",
                  ""));
  EXPECT_TRUE(has(advice, "Memory-bound work (one workload): a", ""));
  EXPECT_FALSE(has(advice, "Long work", ""));
}

TEST(Recommendation, TellsWhatColdStartsCost) {
  Results results = test_results();
  results.platforms.emplace();
  PlatformResult quick{"lambda"}, slow{"openwhisk"}, local{"native"}, absent{"oci"};
  quick.cold_s = {0.004, 0.003, 0.005};
  quick.warm_s = {0.0001};
  quick.is_warm = true;
  slow.cold_s = {0.12};
  quick.package_bytes = slow.package_bytes = 1;
  local.cold_s = {0.001};
  results.platforms->rows = {local, quick, slow, absent};
  EXPECT_TRUE(has(recommend(results),
                  "Cold start: the first answer comes after 4.00 ms in lambda, and after 120 ms in "
                  "openwhisk, 30 times as much.",
                  "lambda answers in 100"));
}

TEST(Recommendation, NothingIsSaidOfNothing) { EXPECT_TRUE(recommend(test_results()).empty()); }

}  // namespace
}  // namespace wherry::bench
