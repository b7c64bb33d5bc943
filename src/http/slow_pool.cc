#include "http/slow_pool.h"

#include <sched.h>

#include <chrono>
#include <system_error>

namespace wherry::http {

namespace {

constexpr std::chrono::seconds kIdleTime{5};

}  // namespace

bool ThreadBudget::take() {
  if (left_.fetch_sub(1) > 0) return true;
  left_.fetch_add(1);
  return false;
}

void lower_priority(pid_t thread) {
  // If it is refused, nothing is lost but some latency.
  sched_param none{};
  ::sched_setscheduler(thread, SCHED_IDLE, &none);
}

bool SlowPool::post(std::function<void()>& work) {
  if (is_stopped_.load()) return true;
  if (unfinished_.fetch_add(1) >= workers_count_.load()) start_worker();
  if (workers_count_.load() == 0) {
    unfinished_.fetch_sub(1);
    return false;
  }
  posted_.push(std::move(work));
  items_.release();
  // The one that was counted on may have left in between.
  if (workers_count_.load() == 0) start_worker();
  return true;
}

// Not while another thread does: that may be one of low priority, and this one need not wait.
void SlowPool::start_worker() {
  std::unique_lock lock(starting_, std::try_to_lock);
  if (!lock.owns_lock() || is_stopped_.load()) return;
  join_done();
  if (!budget_->take()) return;
  Worker& worker = workers_.emplace_back();
  workers_count_.fetch_add(1);
  try {
    worker.thread = std::thread([this, &worker] { run(worker); });
  } catch (const std::system_error&) {
    workers_.pop_back();
    workers_count_.fetch_sub(1);
    budget_->give_back();
  }
}

void SlowPool::run(Worker& worker) {
  lower_priority(0);
  while (wait_for_work()) {
    if (std::function<void()> work = take()) {
      work();
      work = nullptr;  // what it holds is released before the work counts as finished
      unfinished_.fetch_sub(1);
    }
  }
  budget_->give_back();
  worker.is_done.store(true);
}

// False if this worker is to end: it is not counted any more then.
bool SlowPool::wait_for_work() {
  if (is_stopped_.load() ? items_.try_acquire() : items_.try_acquire_for(kIdleTime)) return true;
  workers_count_.fetch_sub(1);
  if (!items_.try_acquire()) return false;
  workers_count_.fetch_add(1);
  return true;
}

// Empty if stop() only wanted to wake us.
std::function<void()> SlowPool::take() {
  std::lock_guard lock(taking_);
  if (queue_.empty()) posted_.take_all(queue_);
  if (queue_.empty()) return nullptr;
  std::function<void()> work = std::move(queue_.front());
  queue_.pop_front();
  return work;
}

// Under starting_.
void SlowPool::join_done() {
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (!worker->is_done.load()) {
      worker++;
      continue;
    }
    worker->thread.join();
    worker = workers_.erase(worker);
  }
}

void SlowPool::stop() {
  is_stopped_.store(true);
  std::lock_guard lock(starting_);
  items_.release(static_cast<ptrdiff_t>(workers_.size()));
  for (Worker& worker : workers_) worker.thread.join();
  workers_.clear();
}

}  // namespace wherry::http
