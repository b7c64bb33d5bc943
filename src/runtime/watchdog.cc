#include "runtime/watchdog.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

namespace wherry::runtime {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// A store whose guest was in a system call may need more than one signal: the flag is seen when the
// host function returns, but a call that began just after the signal must be cut short again.
constexpr auto kRepeat = std::chrono::milliseconds(2);
constexpr auto kShortestCpuLook = std::chrono::microseconds(100);

// A member of its shard's list of watches while it is in use, and of the free ones otherwise.
struct Watchdog::Watch {
  Shard* shard = nullptr;
  Watch* previous = nullptr;
  Watch* next = nullptr;
  Store* store = nullptr;
  Clock::time_point deadline;  // the next interruption, once it has expired
  bool has_expired = false;
  bool is_cpu_limited = false;
  bool cpu_limit_reached = false;
  clockid_t cpu_clock = 0;
  nanoseconds cpu_end{0};      // on that clock
  Clock::time_point cpu_look;  // no earlier can it be reached: one thread, one processor
  std::function<void()> expired;

  Clock::time_point wake() const {
    return is_cpu_limited ? std::min(deadline, cpu_look) : deadline;
  }
};

// Aligned to what processors fetch at a time.
struct alignas(128) Watchdog::Shard {
  std::mutex mutex;
  Watch* first = nullptr;  // in use
  Watch* free = nullptr;
  std::vector<std::unique_ptr<Watch>> all;
};

namespace {

nanoseconds read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

}  // namespace

struct Watchdog::State {
  std::vector<Shard> shards{std::max(1u, std::thread::hardware_concurrency())};
  // When the thread looks again. Who adds an earlier deadline says so in `requested`; the thread
  // sets this to the end of time before it looks, so that what it may have missed is said.
  std::atomic<Clock::rep> wake_at{0};
  std::mutex mutex;
  std::condition_variable changed;
  Clock::time_point requested = Clock::time_point::max();
  bool ending = false;
  std::thread thread;

  void request(Clock::time_point when) {
    if (when.time_since_epoch().count() >= wake_at.load(std::memory_order_seq_cst)) return;
    std::lock_guard lock(mutex);
    requested = std::min(requested, when);
    if (when.time_since_epoch().count() < wake_at.load(std::memory_order_relaxed)) {
      wake_at.store(when.time_since_epoch().count(), std::memory_order_seq_cst);
    }
    changed.notify_one();
  }

  // With the shard's lock held.
  static void look_at(Watch& watch, Clock::time_point now) {
    if (watch.is_cpu_limited && watch.cpu_look <= now) {
      const nanoseconds left = watch.cpu_end - read_clock(watch.cpu_clock);
      watch.cpu_look = now + std::max<nanoseconds>(left, kShortestCpuLook);
      if (left.count() <= 0) {
        watch.is_cpu_limited = false;
        watch.cpu_limit_reached = true;
        watch.deadline = now;
      }
    }
    if (watch.deadline > now) return;
    watch.store->interrupt();
    watch.deadline = now + kRepeat;
    watch.has_expired = true;
    if (watch.expired) std::exchange(watch.expired, nullptr)();
  }

  Clock::time_point look_at_all() {
    Clock::time_point wake = Clock::time_point::max();
    for (Shard& shard : shards) {
      std::lock_guard lock(shard.mutex);
      const Clock::time_point now = Clock::now();
      for (Watch* watch = shard.first; watch; watch = watch->next) {
        look_at(*watch, now);
        wake = std::min(wake, watch->wake());
      }
    }
    return wake;
  }

  void run() {
    std::unique_lock lock(mutex);
    while (!ending) {
      requested = Clock::time_point::max();
      wake_at.store(Clock::time_point::max().time_since_epoch().count(), std::memory_order_seq_cst);
      lock.unlock();
      const Clock::time_point wake = look_at_all();
      lock.lock();
      requested = std::min(requested, wake);
      wake_at.store(requested.time_since_epoch().count(), std::memory_order_seq_cst);
      while (!ending && Clock::now() < requested) {
        if (requested == Clock::time_point::max()) {
          changed.wait(lock);
        } else {
          changed.wait_until(lock, requested);
        }
      }
    }
  }
};

Watchdog::Watchdog() : state_(std::make_unique<State>()) {}

Result<std::unique_ptr<Watchdog>> Watchdog::create() {
  std::unique_ptr<Watchdog> watchdog(new Watchdog());
  State* state = watchdog->state_.get();
  state->thread = std::thread([state] { state->run(); });
  return watchdog;
}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->changed.notify_one();
  state_->thread.join();
}

Watchdog::Guard Watchdog::watch(Store& store, Clock::time_point deadline) {
  const auto processor = static_cast<size_t>(std::max(::sched_getcpu(), 0));
  Shard& shard = state_->shards[processor % state_->shards.size()];
  Watch* watch;
  {
    std::lock_guard lock(shard.mutex);
    if (!shard.free) {
      shard.all.push_back(std::make_unique<Watch>());
      shard.free = shard.all.back().get();
      shard.free->shard = &shard;
    }
    watch = std::exchange(shard.free, shard.free->next);
    watch->store = &store;
    watch->deadline = deadline;
    watch->has_expired = watch->is_cpu_limited = watch->cpu_limit_reached = false;
    watch->previous = nullptr;
    watch->next = std::exchange(shard.first, watch);
    if (watch->next) watch->next->previous = watch;
  }
  state_->request(deadline);
  return Guard(this, watch);
}

Watchdog::Guard::~Guard() {
  if (!watch_) return;
  Shard& shard = *watch_->shard;
  std::function<void()> expired;  // to be destroyed without the lock
  std::lock_guard lock(shard.mutex);
  if (watch_->expired) expired.swap(watch_->expired);
  (watch_->previous ? watch_->previous->next : shard.first) = watch_->next;
  if (watch_->next) watch_->next->previous = watch_->previous;
  watch_->next = std::exchange(shard.free, watch_);
}

void Watchdog::Guard::limit_cpu(nanoseconds left) {
  Clock::time_point look;
  {
    std::lock_guard lock(watch_->shard->mutex);
    ::pthread_getcpuclockid(::pthread_self(), &watch_->cpu_clock);
    watch_->cpu_end = read_clock(watch_->cpu_clock) + left;
    watch_->cpu_look = look = Clock::now() + left;
    watch_->is_cpu_limited = true;
  }
  watchdog_->state_->request(look);
}

nanoseconds Watchdog::Guard::pause_cpu() {
  std::lock_guard lock(watch_->shard->mutex);
  if (!std::exchange(watch_->is_cpu_limited, false)) return nanoseconds(0);
  return std::max<nanoseconds>(watch_->cpu_end - read_clock(watch_->cpu_clock), nanoseconds(0));
}

bool Watchdog::Guard::cpu_limit_reached() const {
  std::lock_guard lock(watch_->shard->mutex);
  return watch_->cpu_limit_reached;
}

bool Watchdog::Guard::has_expired() const {
  std::lock_guard lock(watch_->shard->mutex);
  return watch_->has_expired;
}

void Watchdog::Guard::when_expired(std::function<void()> expired) {
  {
    std::lock_guard lock(watch_->shard->mutex);
    if (!watch_->has_expired) {
      watch_->expired = std::move(expired);
      return;
    }
  }
  expired();
}

}  // namespace wherry::runtime
