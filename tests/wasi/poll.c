// poll_oneoff. The runner gives a pipe as standard input: open and empty with the argument `empty`,
// holding "abc" with `full`, closed with `closed`.
#include "raw.h"

static const uint64_t kMs = 1000000, kHour = 3600000 * 1000000ull;

static __wasi_subscription_t clock_in(uint64_t userdata, uint32_t id, uint64_t timeout_ns,
                                      int absolute) {
  __wasi_subscription_t subscription = {.userdata = userdata};
  subscription.u.tag = __WASI_EVENTTYPE_CLOCK;
  subscription.u.u.clock.id = id;
  subscription.u.u.clock.timeout = timeout_ns;
  subscription.u.u.clock.flags = absolute ? __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME : 0;
  return subscription;
}

static __wasi_subscription_t fd_for(uint64_t userdata, uint8_t type, __wasi_fd_t fd) {
  __wasi_subscription_t subscription = {.userdata = userdata};
  subscription.u.tag = type;
  subscription.u.u.fd_read.file_descriptor = fd;
  return subscription;
}
#define READABLE(userdata, fd) fd_for(userdata, __WASI_EVENTTYPE_FD_READ, fd)
#define WRITABLE(userdata, fd) fd_for(userdata, __WASI_EVENTTYPE_FD_WRITE, fd)
#define IN(userdata, ns) clock_in(userdata, __WASI_CLOCKID_MONOTONIC, ns, 0)

static uint64_t now(__wasi_clockid_t id) {
  __wasi_timestamp_t time;
  OK(__wasi_clock_time_get(id, 0, &time));
  return time;
}

static __wasi_event_t events[8];
static __wasi_size_t count;

// Waits for up to eight subscriptions.
#define POLL(...)                                                             \
  do {                                                                        \
    __wasi_subscription_t list[] = {__VA_ARGS__};                             \
    memset(events, 0xff, sizeof events);                                      \
    OK(__wasi_poll_oneoff(list, events, sizeof list / sizeof *list, &count)); \
  } while (0)

static int event_is(int i, uint64_t userdata, uint8_t type, __wasi_errno_t error) {
  return events[i].userdata == userdata && events[i].type == type && events[i].error == error;
}

static void clocks(void) {
  uint64_t start = now(__WASI_CLOCKID_MONOTONIC);
  POLL(IN(1, 20 * kMs));
  CHECK(now(__WASI_CLOCKID_MONOTONIC) - start >= 20 * kMs);
  CHECK(count == 1 && event_is(0, 1, __WASI_EVENTTYPE_CLOCK, 0));
  // The earliest of several ends the wait, whatever its place in the list.
  POLL(IN(1, kHour), IN(~0ull, kMs), IN(3, 2 * kHour));
  CHECK(count == 1 && event_is(0, ~0ull, __WASI_EVENTTYPE_CLOCK, 0));
  POLL(IN(1, 0), IN(2, kHour), IN(3, 0));
  CHECK(count == 2 && events[0].userdata == 1 && events[1].userdata == 3);
  // Points in time, past and to come, on both clocks.
  POLL(clock_in(4, __WASI_CLOCKID_REALTIME, 1000, 1));
  CHECK(count == 1 && event_is(0, 4, __WASI_EVENTTYPE_CLOCK, 0));
  uint64_t then = now(__WASI_CLOCKID_REALTIME) + 10 * kMs;
  POLL(clock_in(5, __WASI_CLOCKID_REALTIME, then, 1),
       clock_in(6, __WASI_CLOCKID_REALTIME, then + kHour, 1));
  CHECK(count == 1 && events[0].userdata == 5 && now(__WASI_CLOCKID_REALTIME) >= then);
  then = now(__WASI_CLOCKID_MONOTONIC) + 10 * kMs;
  POLL(clock_in(7, __WASI_CLOCKID_MONOTONIC, then, 1));
  CHECK(events[0].userdata == 7 && now(__WASI_CLOCKID_MONOTONIC) >= then);
  // Clocks that cannot be waited for, and one that does not exist.
  POLL(clock_in(8, __WASI_CLOCKID_PROCESS_CPUTIME_ID, 0, 0),
       clock_in(9, __WASI_CLOCKID_THREAD_CPUTIME_ID, 0, 0), clock_in(10, 4, 0, 0), IN(11, kHour));
  CHECK(count == 3 && event_is(0, 8, __WASI_EVENTTYPE_CLOCK, __WASI_ERRNO_NOTSUP));
  CHECK(event_is(1, 9, __WASI_EVENTTYPE_CLOCK, __WASI_ERRNO_NOTSUP));
  CHECK(event_is(2, 10, __WASI_EVENTTYPE_CLOCK, __WASI_ERRNO_INVAL));
}

static void descriptors(void) {
  POLL(WRITABLE(1, 1), WRITABLE(2, 2), IN(3, kHour));
  CHECK(count == 2 && event_is(0, 1, __WASI_EVENTTYPE_FD_WRITE, 0));
  CHECK(event_is(1, 2, __WASI_EVENTTYPE_FD_WRITE, 0));
  // A clock that is due is not starved by a descriptor that is always ready.
  POLL(WRITABLE(1, 1), IN(2, 0));
  CHECK(count == 2 && events[1].userdata == 2);
  // Regular files are always ready; what there is to read is counted.
  make_file("f", "12345");
  __wasi_fd_t fd = open_in(kData, "f", 0, READ | WRITE);
  POLL(READABLE(1, fd), WRITABLE(2, fd));
  CHECK(count == 2 && event_is(0, 1, __WASI_EVENTTYPE_FD_READ, 0));
  CHECK(events[0].fd_readwrite.nbytes == 5 && event_is(1, 2, __WASI_EVENTTYPE_FD_WRITE, 0));
  // What cannot be waited for is an event with the error, beside those that are ready.
  POLL(READABLE(1, kAbsent), WRITABLE(2, kAbsent), READABLE(3, 1), WRITABLE(4, 0),
       READABLE(5, kData), IN(6, kHour), fd_for(7, 3, fd));
  CHECK(count == 6 && event_is(0, 1, __WASI_EVENTTYPE_FD_READ, __WASI_ERRNO_BADF));
  CHECK(event_is(1, 2, __WASI_EVENTTYPE_FD_WRITE, __WASI_ERRNO_BADF));
  CHECK(event_is(2, 3, __WASI_EVENTTYPE_FD_READ, __WASI_ERRNO_BADF));
  CHECK(event_is(3, 4, __WASI_EVENTTYPE_FD_WRITE, __WASI_ERRNO_BADF));
  CHECK(event_is(4, 5, __WASI_EVENTTYPE_FD_READ, __WASI_ERRNO_NOTCAPABLE));
  CHECK(event_is(5, 7, 3, __WASI_ERRNO_INVAL));
  OK(__wasi_fd_fdstat_set_rights(fd, READ, 0));
  POLL(READABLE(1, fd));
  CHECK(count == 1 && event_is(0, 1, __WASI_EVENTTYPE_FD_READ, __WASI_ERRNO_NOTCAPABLE));
}

static void refusals(void) {
  static __wasi_subscription_t many[1025];
  static __wasi_event_t results[1025];
  FAILS(__wasi_poll_oneoff(many, results, 0, &count), INVAL);
  FAILS(__wasi_poll_oneoff(many, results, 1025, &count), INVAL);
  FAILS(__wasi_poll_oneoff(many, results, 0x40000000, &count), INVAL);
  OK(__wasi_poll_oneoff(many, results, 1024, &count));
  CHECK(count == 1024);  // realtime in 0 ns, all of them
  // Events may be written over the subscriptions.
  union {
    __wasi_subscription_t subscriptions[2];
    __wasi_event_t events[2];
  } both = {{IN(1, kHour), IN(2, kMs)}};
  OK(__wasi_poll_oneoff(both.subscriptions, both.events, 2, &count));
  CHECK(count == 1 && both.events[0].userdata == 2);
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  if (strcmp(argv[1], "empty") == 0) {
    POLL(READABLE(1, 0), IN(2, kMs));
    CHECK(count == 1 && event_is(0, 2, __WASI_EVENTTYPE_CLOCK, 0));
    clocks();
    descriptors();
    refusals();
  } else if (strcmp(argv[1], "full") == 0) {
    POLL(READABLE(1, 0), IN(2, kHour));
    CHECK(count == 1 && event_is(0, 1, __WASI_EVENTTYPE_FD_READ, 0));
    CHECK(events[0].fd_readwrite.nbytes == 3 && events[0].fd_readwrite.flags == 0);
  } else {
    POLL(READABLE(1, 0), IN(2, kHour));
    CHECK(count == 1 && event_is(0, 1, __WASI_EVENTTYPE_FD_READ, 0));
    CHECK(events[0].fd_readwrite.nbytes == 0);
    CHECK(events[0].fd_readwrite.flags == __WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP);
  }
  return 0;
}
