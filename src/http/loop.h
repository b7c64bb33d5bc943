// A loop with the handlers it calls in place, and how it survives those that take long.
//
// A loop is driven by one thread. Around a handler's call it keeps a number in `call_`: odd while
// the call goes on. The monitor (drivers.h) that sees the same odd number twice makes it even and
// gives the loop to another thread. The handler's thread finds that out when the call is over, and
// from then on touches nothing of the loop's: call() has returned false.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/log.h"
#include "http/event_loop.h"
#include "http/slow_pool.h"

namespace wherry::http {

// Watches how long calls take; implemented in drivers.cc.
class CallMonitor {
 public:
  // True if it sleeps until it is woken: nothing has been called for a while.
  bool is_parked() const { return parked_.load(); }
  virtual void wake() = 0;
  // Returns when the loop that was taken from this thread has its new one.
  virtual void settle() = 0;
  // Whether there are threads that were taken off a loop.
  virtual bool has_displaced() const = 0;

 protected:
  ~CallMonitor() = default;
  std::atomic<bool> parked_{true};
};

class Loop {
 public:
  // Whoever had a handler called, and goes on when that is over: a connection.
  class Owner {
   public:
    virtual void go_on() = 0;

   protected:
    ~Owner() = default;
  };

  Loop(CallMonitor& monitor, std::shared_ptr<SlowPool> slow_pool, Log log)
      : monitor_(monitor), slow_pool_(std::move(slow_pool)), log_(std::move(log)) {}

  EventLoop& events() { return events_; }
  SlowPool& slow_pool() { return *slow_pool_; }
  const Log& log() const { return log_; }

  // Calls `work`, which may block. False if the loop has been taken from this thread meanwhile:
  // then nothing of the loop's may be touched, `owner` least of all, which has gone on elsewhere.
  template <typename Work>
  [[nodiscard]] bool call(Owner* owner, Work&& work) {
    owner_ = owner;
    uint64_t mine = last_call_ += 2;
    call_.store(mine);  // before the look at the monitor, as the monitor parks before its look here
    if (monitor_.is_parked()) [[unlikely]]
      monitor_.wake();
    work();
    if (call_.compare_exchange_strong(mine, mine + 1)) {
      owner_ = nullptr;
      return true;
    }
    monitor_.settle();
    return false;
  }

  // Serves until the loop is taken from `driver` or finished.
  void drive(const void* driver);
  // Of the loop's thread: nothing is left to serve.
  void finish() { is_finished_ = true; }

  // For the monitor. The number of the call under way if odd.
  uint64_t current_call() const { return call_.load(); }
  // False if that call has just ended.
  bool take_from_call(uint64_t call) { return call_.compare_exchange_strong(call, call + 1); }
  void set_driver(const void* driver) { driver_.store(driver); }
  bool is_driven_by(const void* driver) const { return driver_.load() == driver; }

 private:
  EventLoop events_;
  CallMonitor& monitor_;
  const std::shared_ptr<SlowPool> slow_pool_;
  const Log log_;
  std::atomic<uint64_t> call_{0};
  std::atomic<const void*> driver_{nullptr};
  // Of the thread that drives.
  uint64_t last_call_ = 1;
  Owner* owner_ = nullptr;
  bool is_finished_ = false;
};

}  // namespace wherry::http
