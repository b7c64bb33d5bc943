#include "http/worker_pool.h"

#include <system_error>

namespace wherry::http {

Result<std::unique_ptr<WorkerPool>> WorkerPool::create(unsigned threads, size_t queue_limit) {
  std::unique_ptr<WorkerPool> pool(new WorkerPool(queue_limit));
  try {
    for (unsigned i = 0; i < threads; i++) {
      pool->threads_.emplace_back([pool = pool.get()] { pool->work(); });
    }
  } catch (const std::system_error& error) {
    return errno_error(error.code().value(),
                       fmt::format("cannot start worker thread {}", pool->threads_.size() + 1));
  }
  return pool;
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::try_post(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::function<void()> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what the job holds is released outside the lock
    lock.lock();
  }
}

}  // namespace wherry::http
