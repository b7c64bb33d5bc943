// What is measured on.
#pragma once

#include "bench/results.h"

namespace wherry::bench {

// Of now; what cannot be found out stays empty.
Machine machine_now();

// How much of all cores' time passed, and was taken by others, since the machine started. Seconds
// of one core, in ticks.
struct ProcessorTime {
  uint64_t all = 0, stolen = 0;
};
ProcessorTime processor_time();
// The share that was stolen between the two.
double stolen_between(const ProcessorTime& before, const ProcessorTime& after);

}  // namespace wherry::bench
