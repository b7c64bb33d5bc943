// A fixed number of threads that work off a bounded queue. What runs here may block.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"

namespace wherry::http {

// try_post() is safe from many threads. The destructor works off the queue and joins.
class WorkerPool {
 public:
  // kIo if the system refuses a thread.
  static Result<std::unique_ptr<WorkerPool>> create(unsigned threads, size_t queue_limit);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;

  // False if the queue is full. `job` must not throw.
  bool try_post(std::function<void()> job);

 private:
  explicit WorkerPool(size_t queue_limit) : queue_limit_(queue_limit) {}
  void work();

  const size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace wherry::http
