#include "bench/stats.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/result.h"

namespace wherry::bench {

namespace {

// Anything will do, as long as it stays the same.
constexpr uint64_t kSeed = 20191209;

double sorted_quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - static_cast<double>(below));
}

// A median of `drawn.size()` samples; reorders them.
double median_in_place(std::vector<double>& drawn) {
  const size_t middle = drawn.size() / 2;
  const auto at = drawn.begin() + static_cast<std::ptrdiff_t>(middle);
  std::nth_element(drawn.begin(), at, drawn.end());
  if (drawn.size() % 2 == 1) return *at;
  return (*at + *std::max_element(drawn.begin(), at)) / 2;
}

// Not std::uniform_int_distribution: standard libraries differ in what they make of the same
// numbers.
size_t below(std::mt19937_64& random, size_t limit) {
  return static_cast<size_t>((static_cast<unsigned __int128>(random()) * limit) >> 64);
}

}  // namespace

double quantile(std::span<const double> samples, double q) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted_quantile(sorted, q);
}

Summary summarize(std::span<const double> samples) {
  if (samples.empty()) return {};
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  Summary summary{sorted.size(), sorted.front(), sorted_quantile(sorted, 0.5), sorted.back()};
  if (summary.median != 0) {
    summary.spread =
        (sorted_quantile(sorted, 0.75) - sorted_quantile(sorted, 0.25)) / summary.median;
  }
  return summary;
}

std::optional<double> ratio_value(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return {};
  const double divisor = median(b);
  if (divisor == 0) return {};
  return median(a) / divisor;
}

std::optional<Ratio> ratio_of_medians(std::span<const double> a, std::span<const double> b,
                                      bool paired) {
  const auto value = ratio_value(a, b);
  if (!value || (paired && a.size() != b.size())) return {};
  Ratio ratio{*value, *value, *value};
  std::mt19937_64 random(kSeed);
  std::vector<double> ratios, drawn_a(a.size()), drawn_b(b.size());
  for (size_t i = 0; i < kResamples; i++) {
    for (size_t j = 0; j < a.size(); j++) {
      const size_t index = below(random, a.size());
      drawn_a[j] = a[index];
      if (paired) drawn_b[j] = b[index];
    }
    for (size_t j = 0; !paired && j < b.size(); j++) drawn_b[j] = b[below(random, b.size())];
    if (const double lower = median_in_place(drawn_b); lower != 0) {
      ratios.push_back(median_in_place(drawn_a) / lower);
    }
  }
  if (ratios.empty()) return ratio;
  std::sort(ratios.begin(), ratios.end());
  ratio.low = std::min(ratio.value, sorted_quantile(ratios, 0.025));
  ratio.high = std::max(ratio.value, sorted_quantile(ratios, 0.975));
  return ratio;
}

std::optional<double> geometric_mean(std::span<const double> values) {
  double sum = 0;
  for (double value : values) {
    if (!(value > 0)) return {};
    sum += std::log(value);
  }
  if (values.empty()) return {};
  return std::exp(sum / static_cast<double>(values.size()));
}

namespace {

// Three digits, as far as the number has them before the point.
std::string three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

std::string seconds_text(double seconds) {
  if (seconds <= 0) return "0 s";
  if (seconds < 0.9995e-3) return three_digits(seconds * 1e6) + " µs";
  if (seconds < 0.9995) return three_digits(seconds * 1e3) + " ms";
  if (seconds < 119.5) return three_digits(seconds) + " s";
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace wherry::bench
