// Durations counted by their size: buckets that are nowhere wider than a twentieth of what lies in
// them, so that a median or a 99th percentile is at most 5 % off, and usually below 1 %. Their
// bounds include 1, 2.5 and 5 times each power of ten, which are exact in what Prometheus gets.
//
// From 1 µs to 10^14 ns (27 hours): a bucket for what is shorter, and one for what is longer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wherry::host {

// Bounds of one power of ten: 1, 1.05 … 2.5, 2.625 … 5, 5.25 … 10.
inline constexpr size_t kBucketsPerDecade = 70;
inline constexpr unsigned kFirstDecade = 3, kLastDecade = 13;
inline constexpr size_t kDurationBuckets = 2 + (kLastDecade - kFirstDecade + 1) * kBucketsPerDecade;

size_t duration_bucket_of(uint64_t ns);

// The longest duration in a bucket, UINT64_MAX for the last.
uint64_t longest_of_bucket(size_t bucket);

// The duration that the share `quantile` (0 to 1) of those counted does not exceed, in ns; 0 of
// none. `counts` has kDurationBuckets elements.
double quantile_ns(std::span<const uint64_t> counts, double quantile);

// How many are no longer than `ns`; exact if that is a bound.
uint64_t count_up_to(std::span<const uint64_t> counts, uint64_t ns);

}  // namespace wherry::host
