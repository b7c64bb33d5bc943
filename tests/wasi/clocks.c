#include <poll.h>
#include <sched.h>
#include <time.h>
#include <wasi/api.h>

#include "check.h"

static uint64_t now(__wasi_clockid_t clock) {
  __wasi_timestamp_t time = 0;
  CHECK_WASI(__wasi_clock_time_get(clock, 1, &time), 0);
  return time;
}

static __wasi_subscription_t timer(uint64_t userdata, uint64_t timeout_ns, int absolute) {
  __wasi_subscription_t subscription = {.userdata = userdata};
  subscription.u.tag = __WASI_EVENTTYPE_CLOCK;
  subscription.u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  subscription.u.u.clock.timeout = timeout_ns;
  subscription.u.u.clock.flags = absolute ? __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME : 0;
  return subscription;
}

int main(void) {
  CHECK(time(NULL) > 1700000000);
  CHECK(now(__WASI_CLOCKID_REALTIME) / 1000000000 >= 1700000000);
  uint64_t cpu = now(__WASI_CLOCKID_PROCESS_CPUTIME_ID);
  CHECK(cpu < 60000000000ull);
  CHECK(now(__WASI_CLOCKID_THREAD_CPUTIME_ID) >= cpu);
  __wasi_timestamp_t time;
  CHECK_WASI(__wasi_clock_time_get(4, 1, &time), __WASI_ERRNO_INVAL);
  CHECK_WASI(__wasi_clock_res_get(__WASI_CLOCKID_MONOTONIC, &time), 0);
  CHECK(time > 0);

  uint64_t before = now(__WASI_CLOCKID_MONOTONIC);
  struct timespec pause = {.tv_nsec = 20000000};
  CHECK(nanosleep(&pause, NULL) == 0);
  CHECK(now(__WASI_CLOCKID_MONOTONIC) - before >= 20000000);

  // Of two timers the earlier one ends the wait.
  __wasi_subscription_t two[2] = {timer(1, 3600000000000ull, 0), timer(2, 1000000, 0)};
  __wasi_event_t events[2];
  __wasi_size_t count = 0;
  CHECK_WASI(__wasi_poll_oneoff(two, events, 2, &count), 0);
  CHECK(count == 1 && events[0].userdata == 2 && events[0].type == __WASI_EVENTTYPE_CLOCK);
  // A point in time that is over is there at once.
  two[0] = timer(3, before, 1);
  CHECK_WASI(__wasi_poll_oneoff(two, events, 1, &count), 0);
  CHECK(count == 1 && events[0].userdata == 3 && events[0].error == 0);

  // Standard output is ready; descriptors that are not open give an event with the error.
  two[0] = timer(4, 3600000000000ull, 0);
  two[1] = (__wasi_subscription_t){.userdata = 5};
  two[1].u.tag = __WASI_EVENTTYPE_FD_WRITE;
  two[1].u.u.fd_write.file_descriptor = 1;
  CHECK_WASI(__wasi_poll_oneoff(two, events, 2, &count), 0);
  CHECK(count == 1 && events[0].userdata == 5 && events[0].error == 0);
  two[1].u.u.fd_write.file_descriptor = 77;
  CHECK_WASI(__wasi_poll_oneoff(two, events, 2, &count), 0);
  CHECK(count == 1 && events[0].error == __WASI_ERRNO_BADF);
  CHECK_WASI(__wasi_poll_oneoff(two, events, 0, &count), __WASI_ERRNO_INVAL);
  CHECK_WASI(__wasi_poll_oneoff(two, events, 0x1000000, &count), __WASI_ERRNO_INVAL);

  CHECK(sched_yield() == 0);
  return 0;
}
