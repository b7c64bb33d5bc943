#include "runtime/watchdog.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace wherry::runtime {

using Clock = std::chrono::steady_clock;

// A store whose guest was in a system call may need more than one signal: the flag is seen when the
// host function returns, but a call that began just after the signal must be cut short again.
constexpr auto kRepeat = std::chrono::milliseconds(2);

struct Watchdog::State {
  struct Watch {
    Store* store;
    Clock::time_point next;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::map<uint64_t, Watch> watches;  // few: one a running invocation
  uint64_t next_id = 0;
  bool ending = false;
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    while (!ending) {
      Clock::time_point wake = Clock::time_point::max();
      Clock::time_point now = Clock::now();
      for (auto& [id, watch] : watches) {
        if (watch.next <= now) {
          watch.store->interrupt();
          watch.next = now + kRepeat;
        }
        wake = std::min(wake, watch.next);
      }
      if (wake == Clock::time_point::max()) {
        changed.wait(lock);
      } else {
        changed.wait_until(lock, wake);
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
  std::lock_guard lock(state_->mutex);
  uint64_t id = state_->next_id++;
  state_->watches.emplace(id, State::Watch{&store, deadline});
  state_->changed.notify_one();
  return Guard(this, id);
}

Watchdog::Guard::~Guard() {
  if (!watchdog_) return;
  std::lock_guard lock(watchdog_->state_->mutex);
  watchdog_->state_->watches.erase(id_);
}

}  // namespace wherry::runtime
