// Deadlines for calls: one thread that interrupts stores whose time is up.
//
// Cheap to enter and to leave, because every invocation does: a store that was watched once keeps
// its place, so that neither needs an allocation or a lock, and the thread is woken only for a
// deadline that is earlier than its next look, which is rare when deadlines are alike.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "base/result.h"
#include "runtime/store.h"

namespace wherry::runtime {

// Safe from many threads.
class Watchdog {
 public:
  static Result<std::unique_ptr<Watchdog>> create();
  ~Watchdog();

  struct Watch;

  // Interrupts `store` at `deadline` unless the Guard is destroyed first. The Guard's destructor
  // waits for an interruption under way; afterwards the store may be destroyed. Belongs to the
  // store's thread.
  class Guard {
   public:
    Guard(Guard&& other) noexcept
        : watch_(std::exchange(other.watch_, nullptr)), extra_(std::move(other.extra_)) {}
    Guard& operator=(Guard&& other) noexcept {
      std::swap(watch_, other.watch_);
      extra_.swap(other.extra_);
      return *this;
    }
    ~Guard();

    // Interrupts the store as well when this thread has used `left` of processor time from now on;
    // until pause_cpu(), which says how much of it is left, or another call of this.
    void limit_cpu(std::chrono::nanoseconds left);
    std::chrono::nanoseconds pause_cpu();
    bool cpu_limit_reached() const;
    bool has_expired() const;  // the store was interrupted

    // For a guest that waits, and will not see that it is interrupted: `expired` is called once the
    // deadline has passed, at once if it has already. It runs on the watchdog's thread, or this
    // one, and must neither wait nor destroy the Guard.
    void when_expired(std::function<void()> expired);

   private:
    friend class Watchdog;
    Guard(Watch* watch, std::shared_ptr<Watch> extra) : watch_(watch), extra_(std::move(extra)) {}
    Watch* watch_;
    std::shared_ptr<Watch> extra_;  // for a store that has another guard already
  };
  Guard watch(Store& store, std::chrono::steady_clock::time_point deadline);

 private:
  Watchdog();
  struct Shard;
  struct State;
  std::shared_ptr<Watch> add(Store& store);
  std::shared_ptr<State> state_;  // and of the stores that have a place in it
};

}  // namespace wherry::runtime
