// The table of `wherry top`: what each function did between two moments. Pure: figures in, text
// out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/metrics.h"

namespace wherry::cli {

enum class TopOrder : uint8_t { kRequests, kName, kLatency, kErrors, kCpu, kMemory };

// requests, name, p99, errors, cpu, memory.
std::optional<TopOrder> top_order_of_name(std::string_view name);

struct TopOptions {
  TopOrder order = TopOrder::kRequests;  // the largest first; names from A on
  unsigned width = 80;                   // of the terminal; no line is longer
  unsigned height = 0;                   // of the terminal; 0: all functions
  bool color = false;
};

// Lines with newlines: one that sums up, the head, and one a function. Columns that do not fit the
// width are left out, the least important first.
std::string top_view(const host::MetricsFigures& earlier, const host::MetricsFigures& later,
                     const TopOptions& options);

}  // namespace wherry::cli
