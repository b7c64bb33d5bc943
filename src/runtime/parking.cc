#include "runtime/parking.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>

namespace wherry::runtime {
namespace {

// One who waits, on its own stack. `woken` is what the kernel lets it sleep on, so that a signal
// (a deadline) can end the sleep: a condition variable would not notice.
struct Waiter {
  const void* place;
  std::atomic<uint32_t> woken{0};
};
static_assert(sizeof(std::atomic<uint32_t>) == 4);

// All who wait, in order. Waiting is rare and short lists are quick, so one lot does for all
// memories.
struct ParkingLot {
  std::mutex mutex;
  std::list<Waiter*> waiters;
};

ParkingLot& parking_lot() {
  static ParkingLot lot;
  return lot;
}

timespec now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time;
}

timespec later(timespec time, int64_t nanoseconds) {
  constexpr int64_t kSecond = 1'000'000'000;
  time.tv_sec += nanoseconds / kSecond;
  time.tv_nsec += nanoseconds % kSecond;
  if (time.tv_nsec >= kSecond) {
    time.tv_nsec -= kSecond;
    time.tv_sec++;
  }
  return time;
}

// Until woken, the point in time, or a signal.
int sleep_until(std::atomic<uint32_t>& word, const timespec* deadline) {
  long result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, deadline, nullptr,
                          FUTEX_BITSET_MATCH_ANY);
  return result == 0 ? 0 : errno;
}

template <typename T>
WaitResult wait_for(T* place, T expected, int64_t timeout_ns,
                    const std::function<bool()>& interrupted) {
  ParkingLot& lot = parking_lot();
  Waiter waiter{place};
  std::list<Waiter*>::iterator mine;
  {
    std::lock_guard lock(lot.mutex);
    if (std::atomic_ref(*place).load() != expected) return WaitResult::kNotEqual;
    mine = lot.waiters.insert(lot.waiters.end(), &waiter);
  }
  const timespec deadline = later(now(), timeout_ns < 0 ? 0 : timeout_ns);
  WaitResult result = WaitResult::kWoken;
  while (waiter.woken.load() == 0 && result == WaitResult::kWoken) {
    const int error = sleep_until(waiter.woken, timeout_ns < 0 ? nullptr : &deadline);
    if (error == ETIMEDOUT) result = WaitResult::kTimedOut;
    if (interrupted()) result = WaitResult::kInterrupted;
  }
  std::lock_guard lock(lot.mutex);
  // Whoever woke it took it off the list; a wake that came with the timeout counts.
  if (waiter.woken.load() != 0) {
    return result == WaitResult::kInterrupted ? result : WaitResult::kWoken;
  }
  lot.waiters.erase(mine);
  return result;
}

}  // namespace

WaitResult wait(uint32_t* place, uint32_t expected, int64_t timeout_ns,
                const std::function<bool()>& interrupted) {
  return wait_for(place, expected, timeout_ns, interrupted);
}

WaitResult wait(uint64_t* place, uint64_t expected, int64_t timeout_ns,
                const std::function<bool()>& interrupted) {
  return wait_for(place, expected, timeout_ns, interrupted);
}

uint32_t notify(const void* place, uint32_t count) {
  ParkingLot& lot = parking_lot();
  std::lock_guard lock(lot.mutex);
  uint32_t woken = 0;
  for (auto it = lot.waiters.begin(); it != lot.waiters.end() && woken < count;) {
    Waiter* waiter = *it;
    if (waiter->place != place) {
      ++it;
      continue;
    }
    it = lot.waiters.erase(it);
    // The waiter is gone as soon as it sees the word, unless it needs the lock first: it does.
    waiter->woken.store(1);
    ::syscall(SYS_futex, &waiter->woken, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    woken++;
  }
  return woken;
}

}  // namespace wherry::runtime
