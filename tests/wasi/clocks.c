// clock_time_get, clock_res_get, sched_yield. Waiting is in poll.c.
#include <sched.h>
#include <time.h>

#include "raw.h"

static uint64_t now(__wasi_clockid_t clock) {
  __wasi_timestamp_t time = 0;
  OK(__wasi_clock_time_get(clock, 1, &time));
  return time;
}

int main(void) {
  __wasi_timestamp_t time_ns;
  CHECK(time(NULL) > 1700000000);
  CHECK(now(__WASI_CLOCKID_REALTIME) / 1000000000 >= 1700000000);
  uint64_t before = now(__WASI_CLOCKID_MONOTONIC);
  for (int i = 0; i < 1000; i++) CHECK(now(__WASI_CLOCKID_MONOTONIC) >= before);
  uint64_t cpu = now(__WASI_CLOCKID_PROCESS_CPUTIME_ID);
  CHECK(cpu < 60000000000ull);
  CHECK(now(__WASI_CLOCKID_THREAD_CPUTIME_ID) >= cpu);
  // The precision asked for is a hint.
  OK(__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, ~0ull, &time_ns));
  for (__wasi_clockid_t clock = 0; clock < 4; clock++) {
    OK(__wasi_clock_res_get(clock, &time_ns));
    CHECK(time_ns > 0 && time_ns <= 1000000000);
  }
  FAILS(__wasi_clock_time_get(4, 1, &time_ns), INVAL);
  FAILS(__wasi_clock_time_get(0xffffffff, 1, &time_ns), INVAL);
  FAILS(__wasi_clock_res_get(4, &time_ns), INVAL);
  FAILS(__wasi_clock_time_get(0, 1, OUTSIDE), FAULT);
  FAILS(__wasi_clock_res_get(0, OUTSIDE), FAULT);

  // Through the C library, and no shorter than asked.
  struct timespec pause = {.tv_nsec = 20000000};
  before = now(__WASI_CLOCKID_MONOTONIC);
  CHECK(nanosleep(&pause, NULL) == 0);
  CHECK(now(__WASI_CLOCKID_MONOTONIC) - before >= 20000000);
  OK(__wasi_sched_yield());
  CHECK(sched_yield() == 0);
  return 0;
}
