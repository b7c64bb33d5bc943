#include "cli/upgrades.h"

namespace wherry::cli {

Result<std::unique_ptr<Upgrades>> Upgrades::create(Log log) {
  auto cancellation = TRY(Cancellation::create());
  return std::unique_ptr<Upgrades>(new Upgrades(std::move(log), std::move(cancellation)));
}

Upgrades::~Upgrades() {
  {
    std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  cancellation_->cancel();
  added_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Upgrades::add(std::unique_ptr<ReleaseCode> release, const std::string& name,
                   std::weak_ptr<host::CurrentCode> function, MakeFunction make_function) {
  std::lock_guard lock(mutex_);
  jobs_.push_back({std::move(release), name, std::move(function), std::move(make_function)});
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  added_.notify_one();
}

void Upgrades::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    added_.wait(lock, [this] { return is_ending_ || !jobs_.empty(); });
    if (is_ending_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    upgrade(job);
    lock.lock();
  }
}

void Upgrades::upgrade(const Job& job) {
  if (job.function.expired()) return;
  Result<host::Code> function = make(job);
  if (cancellation_->is_cancelled()) return;
  if (!function.ok()) {
    log_.event("no_release_code", {{"function", job.name}, {"error", function.error().message}});
    return;
  }
  // From here on, who asks for the function gets the new code; who has the old one keeps it.
  if (auto current = job.function.lock()) current->replace(std::move(*function));
  log_.event("release_code", {{"function", job.name}});
}

Result<host::Code> Upgrades::make(const Job& job) {
  return job.make_function(TRY(job.release->make(*cancellation_)));
}

}  // namespace wherry::cli
