// What the runtime asks the kernel about the calling thread.
#pragma once

#include <cstdint>

namespace wherry::runtime {

// The kernel's number of this thread; asked for once a thread.
int thread_id();

// How many page faults this thread has had so far, by its own accesses and by the kernel's for it.
uint64_t count_page_faults();

// The last count_page_faults() of this thread: no more than the count is now, and costs no system
// call.
uint64_t last_page_faults();

// Processor time of this thread.
uint64_t count_cpu_ns();

}  // namespace wherry::runtime
