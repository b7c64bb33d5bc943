#include "host/log_ring.h"

#include <algorithm>

namespace wherry::host {

namespace {

bool is_of(const LogEvent& event, std::string_view function) {
  return function.empty() || event.function == function;
}

// In memory, roughly.
uint64_t bytes_of(const LogEvent& event) {
  uint64_t bytes =
      sizeof(LogEvent) + event.function.size() + event.activation.size() + event.name.size();
  for (const auto& [key, value] : event.fields) {
    bytes += 2 * sizeof(std::string) + key.size() + value.size();
  }
  return bytes;
}

}  // namespace

void LogRing::append(LogEvent event) {
  const uint64_t bytes = bytes_of(event);
  std::deque<Entry> gone;  // destroyed when the lock is free again
  {
    std::lock_guard lock(mutex_);
    entries_.push_back({std::move(event), bytes});
    bytes_ += bytes;
    while (bytes_ > capacity_bytes_) {
      bytes_ -= entries_.front().bytes;
      gone.push_back(std::move(entries_.front()));
      entries_.pop_front();
      first_++;
    }
  }
  grown_.notify_all();
}

LogRing::Batch LogRing::read(uint64_t from, std::string_view function, size_t limit) const {
  std::lock_guard lock(mutex_);
  Batch batch;
  batch.missed = from < first_ ? first_ - from : 0;
  uint64_t number = std::max(from, first_);
  const uint64_t end = first_ + entries_.size();
  for (; number < end && batch.events.size() < limit; number++) {
    const LogEvent& event = entries_[number - first_].event;
    if (is_of(event, function)) batch.events.push_back(event);
  }
  batch.next = number;
  return batch;
}

uint64_t LogRing::end() const {
  std::lock_guard lock(mutex_);
  return first_ + entries_.size();
}

uint64_t LogRing::tail(size_t count, std::string_view function) const {
  std::lock_guard lock(mutex_);
  size_t index = entries_.size();
  for (size_t found = 0; index > 0 && found < count;) {
    index--;
    if (is_of(entries_[index].event, function)) found++;
  }
  return first_ + index;
}

bool LogRing::wait_for(uint64_t number, std::chrono::milliseconds time) const {
  std::unique_lock lock(mutex_);
  return grown_.wait_for(lock, time, [&] { return first_ + entries_.size() > number; });
}

}  // namespace wherry::host
