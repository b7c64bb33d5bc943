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

std::string utc_text(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace wherry
