#include "runtime/watchdog.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/store_state.h"

namespace wherry::runtime {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// A store whose guest was in a system call may need more than one signal: the flag is seen when the
// host function returns, but a call that began just after the signal must be cut short again.
constexpr auto kRepeat = std::chrono::milliseconds(2);
constexpr auto kShortestCpuLook = std::chrono::microseconds(100);

// What Watch::deadline is while there is none, and while the thread interrupts the store.
constexpr Clock::rep kNone = std::numeric_limits<Clock::rep>::max();
constexpr Clock::rep kFiring = std::numeric_limits<Clock::rep>::min();

// A store's place. It is in its shard's list for as long as the store lives, and in use while there
// is a Guard.
struct Watchdog::Watch {
  Watch(State* owner, Shard* list, Store* watched) : state(owner), shard(list), store(watched) {}

  State* const state;
  Shard* const shard;
  Store* const store;
  // The next interruption, once it has expired. The Guard's thread sets it without the lock; the
  // watchdog's thread claims it with kFiring before it touches the store.
  std::atomic<Clock::rep> deadline{kNone};
  std::atomic<bool> has_expired{false};

  // The Guard's thread's.
  bool is_in_use = false;
  bool has_more = false;  // than a deadline: something below

  // Under the shard's lock.
  Watch* previous = nullptr;
  Watch* next = nullptr;
  bool is_cpu_limited = false;
  bool cpu_limit_reached = false;
  clockid_t cpu_clock = 0;
  nanoseconds cpu_end{0};      // on that clock
  Clock::time_point cpu_look;  // no earlier can it be reached: one thread, one processor
  std::function<void()> expired;

  Clock::time_point wake() const {
    const Clock::time_point end{Clock::duration(deadline.load())};
    return is_cpu_limited ? std::min(end, cpu_look) : end;
  }
};

// Aligned to what processors fetch at a time.
struct alignas(128) Watchdog::Shard {
  std::mutex mutex;
  Watch* first = nullptr;
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
        watch.deadline.store(kFiring);  // its Guard cannot leave without the lock
        return fire(watch, now);
      }
    }
    Clock::rep deadline = watch.deadline.load();
    if (deadline > now.time_since_epoch().count()) return;
    if (watch.deadline.compare_exchange_strong(deadline, kFiring)) fire(watch, now);
  }

  static void fire(Watch& watch, Clock::time_point now) {
    watch.store->interrupt();
    watch.has_expired.store(true);
    watch.deadline.store((now + kRepeat).time_since_epoch().count());
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

Watchdog::Watchdog() : state_(std::make_shared<State>()) {}

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

std::shared_ptr<Watchdog::Watch> Watchdog::add(Store& store) {
  const auto processor = static_cast<size_t>(std::max(::sched_getcpu(), 0));
  Shard& shard = state_->shards[processor % state_->shards.size()];
  const auto remove = [state = state_](Watch* watch) {
    {
      std::lock_guard lock(watch->shard->mutex);
      (watch->previous ? watch->previous->next : watch->shard->first) = watch->next;
      if (watch->next) watch->next->previous = watch->previous;
    }
    delete watch;
  };
  std::shared_ptr<Watch> watch(new Watch(state_.get(), &shard, &store), remove);
  std::lock_guard lock(shard.mutex);
  watch->next = std::exchange(shard.first, watch.get());
  if (watch->next) watch->next->previous = watch.get();
  return watch;
}

Watchdog::Guard Watchdog::watch(Store& store, Clock::time_point deadline) {
  std::shared_ptr<Watch>& own = store.state().watch;
  std::shared_ptr<Watch> extra;
  if (!own || (own->state != state_.get() && !own->is_in_use)) own = add(store);
  if (own->is_in_use) extra = add(store);
  Watch* watch = extra ? extra.get() : own.get();
  watch->is_in_use = true;
  watch->deadline.store(deadline.time_since_epoch().count());
  state_->request(deadline);
  return Guard(watch, std::move(extra));
}

Watchdog::Guard::~Guard() {
  if (!watch_) return;
  const Clock::rep deadline = watch_->deadline.exchange(kNone);
  if (watch_->has_more || deadline == kFiring) {
    std::function<void()> expired;  // to be destroyed without the lock
    std::lock_guard lock(watch_->shard->mutex);
    watch_->deadline.store(kNone);
    watch_->is_cpu_limited = watch_->cpu_limit_reached = false;
    expired.swap(watch_->expired);
  }
  watch_->has_expired.store(false, std::memory_order_relaxed);
  watch_->is_in_use = watch_->has_more = false;
}

void Watchdog::Guard::limit_cpu(nanoseconds left) {
  Clock::time_point look;
  watch_->has_more = true;
  {
    std::lock_guard lock(watch_->shard->mutex);
    ::pthread_getcpuclockid(::pthread_self(), &watch_->cpu_clock);
    watch_->cpu_end = read_clock(watch_->cpu_clock) + left;
    watch_->cpu_look = look = Clock::now() + left;
    watch_->is_cpu_limited = true;
  }
  watch_->state->request(look);
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

bool Watchdog::Guard::has_expired() const { return watch_->has_expired.load(); }

void Watchdog::Guard::when_expired(std::function<void()> expired) {
  watch_->has_more = true;
  {
    std::lock_guard lock(watch_->shard->mutex);
    if (!watch_->has_expired.load()) {
      watch_->expired = std::move(expired);
      return;
    }
  }
  expired();
}

}  // namespace wherry::runtime
