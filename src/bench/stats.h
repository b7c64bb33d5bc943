// What samples say: medians, spread, and ratios of medians with a confidence interval. Pure
// functions of numbers; the same samples give the same answer on every machine.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace wherry::bench {

// The q-quantile, 0 ≤ q ≤ 1, linear between neighbours (Hyndman and Fan's type 7, as R and NumPy
// have it). `samples` is not empty.
double quantile(std::span<const double> samples, double q);
inline double median(std::span<const double> samples) { return quantile(samples, 0.5); }

struct Summary {
  size_t count = 0;
  double min = 0, median = 0, max = 0;
  // The middle half's width relative to the median: 0.02 is 2 %. 0 if the median is 0.
  double spread = 0;
};

Summary summarize(std::span<const double> samples);

// A ratio of two medians, and where it lies with a confidence of 95 %.
struct Ratio {
  double value = 0, low = 0, high = 0;

  bool is_within_noise_of_one() const { return low <= 1 && high >= 1; }
};

// median(a) / median(b); nothing if either is empty or b's median is 0.
std::optional<double> ratio_value(std::span<const double> a, std::span<const double> b);

// With fewer samples an interval says nothing.
inline constexpr size_t kFewestSamples = 3;

// That with its interval, by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13) with
// kResamples. `paired`: samples of the same index were taken in the same round, and are drawn
// together. Nothing, too, if they are paired and not equally many.
// Of one sample each the interval is all there can be: low and high are the value.
inline constexpr size_t kResamples = 2000;
std::optional<Ratio> ratio_of_medians(std::span<const double> a, std::span<const double> b,
                                      bool paired);

// Of positive numbers; nothing if there is none or one that is not positive.
std::optional<double> geometric_mean(std::span<const double> values);

// Seconds as people read them, three digits: `412 µs`, `3.61 ms`, `12.3 s`, `2 min 50 s`.
std::string seconds_text(double seconds);

}  // namespace wherry::bench
