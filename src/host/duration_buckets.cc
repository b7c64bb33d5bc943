#include "host/duration_buckets.h"

#include <algorithm>
#include <bit>

namespace wherry::host {

namespace {

constexpr uint64_t kPowersOfTen[] = {1,
                                     10,
                                     100,
                                     1'000,
                                     10'000,
                                     100'000,
                                     1'000'000,
                                     10'000'000,
                                     100'000'000,
                                     1'000'000'000,
                                     10'000'000'000,
                                     100'000'000'000,
                                     1'000'000'000'000,
                                     10'000'000'000'000,
                                     100'000'000'000'000};

// Where within a power of ten buckets become wider, and how many there are before.
constexpr size_t kBeforeTwoAndAHalf = 30, kBeforeFive = 50;

// The largest d with 10^d <= value, of at most 10^14.
unsigned decade_of(uint64_t value) {
  const auto guess = static_cast<unsigned>(std::bit_width(value)) * 1233 / 4096;
  return guess - (value < kPowersOfTen[guess]);
}

}  // namespace

size_t duration_bucket_of(uint64_t ns) {
  if (ns <= kPowersOfTen[kFirstDecade]) return 0;
  if (ns > kPowersOfTen[kLastDecade + 1]) return kDurationBuckets - 1;
  const uint64_t value = ns - 1;  // the upper bound belongs to a bucket, the lower does not
  const unsigned decade = decade_of(value);
  const uint64_t one = kPowersOfTen[decade];
  const size_t first = 1 + (decade - kFirstDecade) * kBucketsPerDecade;
  if (value < one * 5 / 2) return first + (value - one) / (one / 20);
  if (value < one * 5) return first + kBeforeTwoAndAHalf + (value - one * 5 / 2) / (one / 8);
  return first + kBeforeFive + (value - one * 5) / (one / 4);
}

uint64_t longest_of_bucket(size_t bucket) {
  if (bucket == 0) return kPowersOfTen[kFirstDecade];
  if (bucket >= kDurationBuckets - 1) return UINT64_MAX;
  const uint64_t one = kPowersOfTen[kFirstDecade + (bucket - 1) / kBucketsPerDecade];
  const size_t steps = (bucket - 1) % kBucketsPerDecade + 1;
  if (steps <= kBeforeTwoAndAHalf) return one + steps * (one / 20);
  if (steps <= kBeforeFive) return one * 5 / 2 + (steps - kBeforeTwoAndAHalf) * (one / 8);
  return one * 5 + (steps - kBeforeFive) * (one / 4);
}

double quantile_ns(std::span<const uint64_t> counts, double quantile) {
  uint64_t total = 0;
  for (uint64_t count : counts) total += count;
  const double rank = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(total);
  uint64_t before = 0;
  for (size_t i = 0; i < counts.size(); i++) {
    if (counts[i] == 0) continue;
    if (static_cast<double>(before + counts[i]) < rank) {
      before += counts[i];
      continue;
    }
    const auto low = i == 0 ? 0.0 : static_cast<double>(longest_of_bucket(i - 1));
    if (i + 1 >= kDurationBuckets) return low;
    const double share =
        std::max(0.0, rank - static_cast<double>(before)) / static_cast<double>(counts[i]);
    return low + share * (static_cast<double>(longest_of_bucket(i)) - low);
  }
  return 0;
}

uint64_t count_up_to(std::span<const uint64_t> counts, uint64_t ns) {
  uint64_t count = 0;
  for (size_t i = 0; i < counts.size() && longest_of_bucket(i) <= ns; i++) count += counts[i];
  return count;
}

}  // namespace wherry::host
