#include "host/reloader.h"

#include <sys/stat.h>

#include <system_error>

namespace wherry::host {

std::string fingerprint_of(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) {
    struct stat info{};
    if (::stat(file.c_str(), &info) != 0) {
      text += "-;";
      continue;
    }
    text += fmt::format("{}:{}:{}:{}.{}:{}.{};", info.st_dev, info.st_ino, info.st_size,
                        info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec,
                        info.st_ctim.tv_nsec);
  }
  return text;
}

Reloader::~Reloader() {
  {
    std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<size_t> Reloader::load_all(bool all_must_load) {
  std::lock_guard lock(looking_);
  Found found = actions_.find();
  if (all_must_load && !found.problems.empty()) return found.problems[0].error;
  size_t served = 0;
  for (const Source& source : found.sources) {
    const std::string& name = source.manifest.options.name;
    std::string print = fingerprint_of(source.files);
    Status loaded = actions_.load(source);
    if (!loaded.ok() && all_must_load) return loaded.error();
    if (!loaded.ok()) actions_.tell("load failed", name, &loaded.error());
    if (loaded.ok()) served++;
    known_[name] = {print, print, source.files[0], loaded.ok(), false};
  }
  tell_problems(found);
  return served;
}

void Reloader::look() {
  std::lock_guard lock(looking_);
  Found found = actions_.find();
  for (const Source& source : found.sources) consider(source);
  tell_problems(found);
  remove_all_but(found);
}

void Reloader::tell_problems(const Found& found) {
  std::map<std::string, std::string> problems;
  for (const Found::Problem& problem : found.problems) {
    auto told = told_problems_.find(problem.file);
    if (told == told_problems_.end() || told->second != problem.error.message) {
      actions_.tell("load failed", problem.file, &problem.error);
    }
    problems[problem.file] = problem.error.message;
  }
  told_problems_ = std::move(problems);
}

// What is missing at two looks is gone: files are replaced by removing them first, too.
void Reloader::remove_all_but(const Found& found) {
  std::set<std::string> there;
  for (const Source& source : found.sources) there.insert(source.manifest.options.name);
  for (auto next = known_.begin(); next != known_.end();) {
    auto known = next++;
    Known& state = known->second;
    bool is_missing = !there.contains(known->first) && !told_problems_.contains(state.file);
    if (is_missing && state.is_missing) {
      if (state.is_served) {
        actions_.remove(known->first);
        actions_.tell("removed", known->first, nullptr);
      }
      known_.erase(known);
    } else {
      state.is_missing = is_missing;
    }
  }
}

void Reloader::consider(const Source& source) {
  const std::string& name = source.manifest.options.name;
  std::string print = fingerprint_of(source.files);
  Known& known = known_[name];
  bool stands_still = known.seen == print;
  known.seen = print;
  known.file = source.files[0];
  if (known.loaded == print || !stands_still) return;
  known.loaded = print;
  Status loaded = actions_.load(source);
  if (loaded.ok()) known.is_served = true;
  actions_.tell(loaded.ok() ? "loaded" : "load failed", name,
                loaded.ok() ? nullptr : &loaded.error());
}

Status Reloader::watch(std::chrono::milliseconds period) {
  try {
    thread_ = std::thread([this, period] { run(period); });
  } catch (const std::system_error& failure) {
    return errno_error(failure.code().value(), "cannot start the thread that watches files");
  }
  return ok_status();
}

void Reloader::look_soon() {
  {
    std::lock_guard lock(mutex_);
    wants_look_ = true;
  }
  changed_.notify_all();
}

void Reloader::run(std::chrono::milliseconds period) {
  std::unique_lock lock(mutex_);
  while (!is_ending_) {
    changed_.wait_for(lock, period, [this] { return is_ending_ || wants_look_; });
    if (is_ending_) return;
    wants_look_ = false;
    lock.unlock();
    look();
    lock.lock();
  }
}

}  // namespace wherry::host
