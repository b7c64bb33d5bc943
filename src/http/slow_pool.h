// Threads of low priority for work that is known to be slow. They come on demand and go when there
// is nothing to do for a while.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <semaphore>
#include <thread>

#include "http/work_list.h"

namespace wherry::http {

// How many threads a server may still start. Safe from many threads.
class ThreadBudget {
 public:
  explicit ThreadBudget(unsigned limit) : left_(static_cast<int>(limit)) {}
  bool take();
  void give_back() { left_.fetch_add(1); }

 private:
  std::atomic<int> left_;
};

// Makes a thread (0: the calling one) run only when no other wants its processor (SCHED_IDLE):
// those that serve sockets leave it gaps (EventLoop::leave_gaps). For good: without a privilege it
// cannot be taken back.
void lower_priority(pid_t thread);

// Safe from many threads. Who posts waits for none of them.
class SlowPool {
 public:
  explicit SlowPool(std::shared_ptr<ThreadBudget> budget) : budget_(std::move(budget)) {}
  ~SlowPool() { stop(); }
  SlowPool(const SlowPool&) = delete;

  // Whether any work is queued or under way.
  bool is_busy() const { return unfinished_.load(std::memory_order_relaxed) != 0; }

  // Queues `work`, which must not throw. False if there is no thread for it and none can be had;
  // `work` is still the caller's then. After stop() it is dropped.
  bool post(std::function<void()>& work);

  // Works off what is queued and joins.
  void stop();

 private:
  struct Worker {
    std::thread thread;
    std::atomic<bool> is_done{false};
  };
  void start_worker();
  void run(Worker& worker);
  bool wait_for_work();
  std::function<void()> take();
  void join_done();

  const std::shared_ptr<ThreadBudget> budget_;
  WorkList posted_;
  std::counting_semaphore<> items_{0};      // that nobody has taken yet
  std::atomic<unsigned> unfinished_{0};     // work that is queued or under way
  std::atomic<unsigned> workers_count_{0};  // that will look for work again
  std::atomic<bool> is_stopped_{false};

  std::mutex taking_;  // of workers among themselves
  std::deque<std::function<void()>> queue_;

  std::mutex starting_;  // never waited for, but by stop()
  std::list<Worker> workers_;
};

}  // namespace wherry::http
