#include "http/drivers.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

#include "base/files.h"

namespace wherry::http {

namespace {

// A call that is seen by two looks in a row has taken at least this long.
constexpr std::chrono::microseconds kLook{1'000};
// Beside threads of low priority it looks more often: when it has looked, the system may let one of
// them run instead of the loop, until the next look at the latest.
constexpr std::chrono::microseconds kLookBesideSlow{300};
// So many looks without a call, and the monitor parks.
constexpr int kQuietLooks = 50;
// A call that has taken this much of a processor since it was seen first holds its loop up.
constexpr uint64_t kLongCallNs = 700'000;
// And one that goes on for so long after that yields to all others.
constexpr uint64_t kYieldsAfterNs = 5'000'000;

uint64_t cpu_time_ns(std::thread& thread) {
  clockid_t clock;
  timespec time{};
  if (::pthread_getcpuclockid(thread.native_handle(), &clock) != 0) return 0;
  ::clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// False if it sleeps; also if the system does not say.
bool wants_a_processor(pid_t thread) {
  std::string path = fmt::format("/proc/self/task/{}/stat", thread);
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[256];
  ssize_t got = file.is_open() ? ::read(file.number(), text, sizeof text) : 0;
  if (got <= 0) return false;
  std::string_view view(text, static_cast<size_t>(got));
  size_t name_end = view.rfind(") ");  // names may have anything in them
  return name_end != view.npos && view.substr(name_end + 2).starts_with('R');
}

}  // namespace

Status Drivers::start(std::vector<std::shared_ptr<Loop>> loops) {
  std::lock_guard lock(mutex_);
  for (auto& loop : loops) {
    Driver* driver = start_driver(loop.get());
    if (driver == nullptr) return make_error(ErrorKind::kIo, "cannot start the server's threads");
    loop->set_driver(driver);
    watched_.push_back({std::move(loop), driver});
  }
  try {
    monitor_ = std::thread([this] { monitor(); });
  } catch (const std::system_error& error) {
    return errno_error(error.code().value(), "cannot start the server's threads");
  }
  return ok_status();
}

// Null if the system or the budget refuses. It waits for the mutex, which the caller holds.
Drivers::Driver* Drivers::start_driver(Loop* loop) {
  if (!budget_->take()) return nullptr;
  Driver& driver = drivers_.emplace_back();
  driver.loop = loop;
  try {
    driver.thread = std::thread([this, &driver] { run(driver); });
  } catch (const std::system_error&) {
    drivers_.pop_back();
    budget_->give_back();
    return nullptr;
  }
  return &driver;
}

void Drivers::run(Driver& driver) {
  std::unique_lock lock(mutex_);
  driver.id = ::gettid();
  driver_changed_.wait(lock, [&] { return driver.loop != nullptr || is_stopping_; });
  if (driver.loop != nullptr) {
    lock.unlock();
    driver.loop->drive(&driver);
    lock.lock();
    if (driver.loop->is_driven_by(&driver)) finished_++;
  }
  driver.is_done = true;
  driver_changed_.notify_all();
}

void Drivers::await_finished() {
  std::unique_lock lock(mutex_);
  driver_changed_.wait(lock, [this] { return finished_ == watched_.size(); });
}

void Drivers::stop() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
    driver_changed_.notify_all();
    monitor_woken_.notify_all();
  }
  if (monitor_.joinable()) monitor_.join();
  for (Driver& driver : drivers_) driver.thread.join();
  drivers_.clear();
}

void Drivers::wake() {
  std::lock_guard lock(mutex_);
  parked_.store(false);
  monitor_woken_.notify_all();
}

void Drivers::settle() { std::lock_guard lock(mutex_); }

void Drivers::monitor() {
  int quiet_looks = 0;
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    quiet_looks = look() ? 0 : quiet_looks + 1;
    join_done();
    if (quiet_looks <= kQuietLooks) {
      monitor_woken_.wait_for(lock, has_slow_threads() ? kLookBesideSlow : kLook);
      continue;
    }
    // A call that begins after this is told that we are parked; one from before is seen now.
    parked_.store(true);
    if (!look()) monitor_woken_.wait(lock, [this] { return is_stopping_ || !parked_.load(); });
    parked_.store(false);
    quiet_looks = 0;
  }
}

bool Drivers::has_slow_threads() const {
  return has_displaced() || (!watched_.empty() && watched_[0].loop->slow_pool().is_busy());
}

// True if anything has been called since the last look.
bool Drivers::look() {
  bool is_busy = false;
  for (Watched& watched : watched_) {
    uint64_t call = watched.loop->current_call();
    bool is_in_call = call % 2 == 1;
    if (is_in_call || call != watched.seen) is_busy = true;
    if (is_in_call && call == watched.seen) {
      if (is_held_up(watched)) take_over(watched);
    } else if (is_in_call) {
      watched.seen_cpu_ns = cpu_time_ns(watched.driver->thread);
      watched.slept = false;
    }
    watched.seen = call;
  }
  if (has_displaced()) lower_displaced();
  return is_busy || has_displaced();
}

// Sleeping is seen twice: locks make everybody sleep for a moment.
bool Drivers::is_held_up(Watched& watched) {
  uint64_t used_ns = cpu_time_ns(watched.driver->thread) - watched.seen_cpu_ns;
  bool slept = std::exchange(watched.slept, !wants_a_processor(watched.driver->id));
  return used_ns >= kLongCallNs || (slept && watched.slept);
}

void Drivers::lower_displaced() {
  for (Driver& driver : drivers_) {
    if (!driver.is_displaced || driver.is_lowered || driver.is_done) continue;
    if (cpu_time_ns(driver.thread) - driver.displaced_cpu_ns < kYieldsAfterNs) continue;
    driver.is_lowered = true;
    lower_priority(driver.id);
  }
}

void Drivers::take_over(Watched& watched) {
  if (spare_ == nullptr) spare_ = start_driver(nullptr);
  if (spare_ == nullptr) {
    if (!has_logged_limit_) log_.event("no thread left to serve beside slow handlers");
    has_logged_limit_ = true;
    return;
  }
  if (!watched.loop->take_from_call(watched.seen)) return;
  watched.loop->set_driver(spare_);
  spare_->loop = watched.loop.get();
  watched.driver->is_displaced = true;
  watched.driver->displaced_cpu_ns = cpu_time_ns(watched.driver->thread);
  displaced_.fetch_add(1, std::memory_order_relaxed);
  watched.driver = spare_;
  spare_ = nullptr;
  driver_changed_.notify_all();
}

// Threads that were taken off a loop and have ended, or are about to.
void Drivers::join_done() {
  for (auto driver = drivers_.begin(); driver != drivers_.end();) {
    if (!driver->is_done) {
      driver++;
      continue;
    }
    driver->thread.join();
    driver = drivers_.erase(driver);
    budget_->give_back();
    displaced_.fetch_sub(1, std::memory_order_relaxed);
  }
}

}  // namespace wherry::http
