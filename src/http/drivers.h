// The threads that drive loops, and the monitor that gives a loop to another thread when a handler
// holds it up: when it has used a processor for a millisecond, or sleeps. A thread that only waits
// for a processor keeps its loop: another thread would have to wait as well.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "http/loop.h"

namespace wherry::http {

class Drivers final : public CallMonitor {
 public:
  Drivers(std::shared_ptr<ThreadBudget> budget, Log log)
      : budget_(std::move(budget)), log_(std::move(log)) {}
  ~Drivers() { stop(); }
  Drivers(const Drivers&) = delete;

  // A thread a loop, and the monitor. kIo if the system refuses one.
  Status start(std::vector<std::shared_ptr<Loop>> loops);
  // Returns when all loops are finished.
  void await_finished();
  // Joins all threads; the loops must be finished or never have started.
  void stop();

  void wake() override;
  void settle() override;
  bool has_displaced() const override { return displaced_.load(std::memory_order_relaxed) != 0; }

 private:
  struct Driver {
    std::thread thread;
    pid_t id = 0;
    Loop* loop = nullptr;
    bool is_done = false;
    bool is_displaced = false;      // its loop was taken from it
    uint64_t displaced_cpu_ns = 0;  // what it had used by then
    bool is_lowered = false;
  };
  struct Watched {
    std::shared_ptr<Loop> loop;
    Driver* driver = nullptr;
    uint64_t seen = 0;         // Loop::current_call() at the last look
    uint64_t seen_cpu_ns = 0;  // the driver's, when that call was seen first
    bool slept = false;        // at the last look
  };

  Driver* start_driver(Loop* loop);
  void run(Driver& driver);
  void monitor();
  bool look();
  bool has_slow_threads() const;
  static bool is_held_up(Watched& watched);
  void lower_displaced();
  void take_over(Watched& watched);
  void join_done();

  const std::shared_ptr<ThreadBudget> budget_;
  const Log log_;
  std::mutex mutex_;  // for everything below
  std::condition_variable driver_changed_, monitor_woken_;
  std::list<Driver> drivers_;
  std::vector<Watched> watched_;
  Driver* spare_ = nullptr;  // waits for a loop
  size_t finished_ = 0;
  bool is_stopping_ = false;
  bool has_logged_limit_ = false;
  std::atomic<unsigned> displaced_{0};  // threads that were taken off a loop and are not joined yet
  std::thread monitor_;
};

}  // namespace wherry::http
