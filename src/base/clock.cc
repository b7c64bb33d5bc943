#include "base/clock.h"

#include <ctime>

namespace wherry {

namespace {
uint64_t read_clock(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}
}  // namespace

uint64_t SystemClock::realtime_ns() const { return read_clock(CLOCK_REALTIME); }
uint64_t SystemClock::monotonic_ns() const { return read_clock(CLOCK_MONOTONIC); }
uint64_t SystemClock::thread_cpu_ns() const { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace wherry
