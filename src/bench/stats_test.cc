#include "bench/stats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace wherry::bench {
namespace {

TEST(Stats, QuantilesAreTypeSeven) {
  // R: quantile(c(7, 15, 36, 39, 40, 41)).
  const std::vector<double> samples = {40, 7, 41, 15, 39, 36};
  EXPECT_DOUBLE_EQ(quantile(samples, 0), 7);
  EXPECT_DOUBLE_EQ(quantile(samples, 0.25), 20.25);
  EXPECT_DOUBLE_EQ(quantile(samples, 0.5), 37.5);
  EXPECT_DOUBLE_EQ(quantile(samples, 0.75), 39.75);
  EXPECT_DOUBLE_EQ(quantile(samples, 1), 41);
}

TEST(Stats, ASummaryHasTheMiddleHalfRelativeToTheMedian) {
  // NIST's Michelson data, the first ten: median 920, quartiles 867.5 and 972.5 by type 7.
  const std::vector<double> light = {850, 740, 900, 1070, 930, 850, 950, 980, 980, 880};
  const Summary summary = summarize(light);
  EXPECT_EQ(summary.count, 10u);
  EXPECT_DOUBLE_EQ(summary.min, 740);
  EXPECT_DOUBLE_EQ(summary.max, 1070);
  EXPECT_DOUBLE_EQ(summary.median, 915);
  EXPECT_DOUBLE_EQ(summary.spread, (972.5 - 857.5) / 915);
  EXPECT_EQ(summarize({}).count, 0u);
  const std::vector<double> zeros = {0, 0};
  EXPECT_DOUBLE_EQ(summarize(zeros).spread, 0);
}

TEST(Stats, OneSampleHasAnIntervalOfNothing) {
  const std::vector<double> a = {3}, b = {2};
  const auto ratio = ratio_of_medians(a, b, true);
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->value, 1.5);
  EXPECT_DOUBLE_EQ(ratio->low, 1.5);
  EXPECT_DOUBLE_EQ(ratio->high, 1.5);
}

TEST(Stats, NoRatioOfNothingOrToZero) {
  const std::vector<double> none, one = {1}, zero = {0}, two = {1, 2};
  EXPECT_FALSE(ratio_of_medians(none, one, false));
  EXPECT_FALSE(ratio_of_medians(one, none, false));
  EXPECT_FALSE(ratio_of_medians(one, zero, false));
  EXPECT_FALSE(ratio_of_medians(one, two, true)) << "pairs need partners";
  EXPECT_TRUE(ratio_of_medians(one, two, false));
}

TEST(Stats, TheIntervalIsTheSameEveryTime) {
  const std::vector<double> a = {1.0, 1.1, 1.3, 0.9, 1.05}, b = {1.0, 1.0, 1.2, 0.95, 1.1};
  const auto first = ratio_of_medians(a, b, false), second = ratio_of_medians(a, b, false);
  EXPECT_EQ(first->low, second->low);
  EXPECT_EQ(first->high, second->high);
}

TEST(Stats, NoiseThatBothShareCancelsInPairs) {
  // A machine that slows down and recovers: both take 1.1 times as much in the same rounds.
  std::vector<double> a, b;
  for (int i = 0; i < 12; i++) {
    const double slow = i % 3 == 0 ? 1.5 : 1.0;
    a.push_back(1.1 * slow);
    b.push_back(1.0 * slow);
  }
  const auto paired = ratio_of_medians(a, b, true);
  EXPECT_NEAR(paired->low, 1.1, 1e-9);
  EXPECT_NEAR(paired->high, 1.1, 1e-9);
  EXPECT_FALSE(paired->is_within_noise_of_one());
}

TEST(Stats, AboutNineteenOfTwentyIntervalsHoldTheTruth) {
  // Normal samples around 1.25 and 1, so that the true ratio is 1.25.
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise(0, 0.05);
  int held = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; trial++) {
    std::vector<double> a, b;
    for (int i = 0; i < 15; i++) {
      a.push_back(1.25 * (1 + noise(random)));
      b.push_back(1 + noise(random));
    }
    const auto ratio = ratio_of_medians(a, b, false);
    held += ratio->low <= 1.25 && ratio->high >= 1.25;
  }
  EXPECT_GE(held, kTrials * 88 / 100);
  EXPECT_LE(held, kTrials * 995 / 1000);
}

TEST(Stats, EqualSamplesAreWithinNoise) {
  const std::vector<double> a = {1.0, 1.02, 0.98, 1.01, 0.99}, b = {1.01, 0.99, 1.0, 0.98, 1.02};
  EXPECT_TRUE(ratio_of_medians(a, b, false)->is_within_noise_of_one());
}

TEST(Stats, GeometricMeans) {
  const std::vector<double> values = {1, 10, 100};
  EXPECT_NEAR(*geometric_mean(values), 10, 1e-12);
  const std::vector<double> zero = {1, 0};
  EXPECT_FALSE(geometric_mean(zero));
  EXPECT_FALSE(geometric_mean({}));
}

TEST(Stats, SecondsHaveThreeDigitsAndAUnit) {
  EXPECT_EQ(seconds_text(0), "0 s");
  EXPECT_EQ(seconds_text(412e-6), "412 µs");
  EXPECT_EQ(seconds_text(0.00361), "3.61 ms");
  EXPECT_EQ(seconds_text(0.0999), "99.9 ms");
  EXPECT_EQ(seconds_text(0.99999), "1.00 s");
  EXPECT_EQ(seconds_text(12.34), "12.3 s");
  EXPECT_EQ(seconds_text(170), "2 min 50 s");
  EXPECT_EQ(seconds_text(7260), "2 h 1 min");
}

}  // namespace
}  // namespace wherry::bench
