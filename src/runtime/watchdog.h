// Deadlines for calls: one thread that interrupts stores whose time is up.
#pragma once

#include <chrono>
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

  // Interrupts `store` at `deadline` unless the Guard is destroyed first. The Guard's destructor
  // waits for an interruption under way; afterwards the store may be destroyed.
  class Guard {
   public:
    Guard(Guard&& other) noexcept : watchdog_(other.watchdog_), id_(other.id_) {
      other.watchdog_ = nullptr;
    }
    Guard& operator=(Guard&& other) noexcept {
      std::swap(watchdog_, other.watchdog_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Guard();

   private:
    friend class Watchdog;
    Guard(Watchdog* watchdog, uint64_t id) : watchdog_(watchdog), id_(id) {}
    Watchdog* watchdog_;
    uint64_t id_;
  };
  Guard watch(Store& store, std::chrono::steady_clock::time_point deadline);

 private:
  Watchdog();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wherry::runtime
