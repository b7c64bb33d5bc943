#include "base/clock.h"

#include <gtest/gtest.h>

namespace wherry {

TEST(Clock, OfTheSystemGoesForward) {
  SystemClock clock;
  uint64_t before = clock.monotonic_ns();
  EXPECT_GE(clock.monotonic_ns(), before);
  EXPECT_GT(clock.realtime_ns(), uint64_t{1'700'000'000} * 1'000'000'000);
  EXPECT_GT(clock.thread_cpu_ns(), 0u);
}

TEST(Clock, MovedByHandStandsStillOtherwise) {
  ManualClock clock;
  clock.set_realtime_ns(100);
  clock.advance_ns(5);
  EXPECT_EQ(clock.realtime_ns(), 105u);
  EXPECT_EQ(clock.monotonic_ns(), 5u);
}

}  // namespace wherry
