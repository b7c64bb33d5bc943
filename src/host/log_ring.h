// The latest events of the log, kept in memory for those who want to see them (`wherry logs`): a
// bounded number of bytes, the oldest go first. Events are numbered from 0; a reader asks for those
// from a number on, and is told how many it came too late for.
//
// Safe from many threads. Nothing here waits for a reader.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/log_event.h"

namespace wherry::host {

class LogRing {
 public:
  explicit LogRing(uint64_t capacity_bytes = 8 << 20) : capacity_bytes_(capacity_bytes) {}

  void append(LogEvent event);

  struct Batch {
    std::vector<LogEvent> events;
    uint64_t missed = 0;  // events from the number asked for on that are gone, of any function
    uint64_t next = 0;    // the number to ask for then
  };
  // Events from the number `from` on, at most `limit` of them; only those of a function if it is
  // not empty.
  Batch read(uint64_t from, std::string_view function = {}, size_t limit = 1000) const;

  // The number that the next event will have.
  uint64_t end() const;
  // The number from which on there are the last `count` events (of a function if it is not empty),
  // or as many as there are.
  uint64_t tail(size_t count, std::string_view function = {}) const;

  // Waits until there is an event of that number; false if there is none in time.
  bool wait_for(uint64_t number, std::chrono::milliseconds time) const;

 private:
  struct Entry {
    LogEvent event;
    uint64_t bytes;
  };

  const uint64_t capacity_bytes_;
  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  std::deque<Entry> entries_;
  uint64_t first_ = 0;  // the number of entries_.front()
  uint64_t bytes_ = 0;
};

}  // namespace wherry::host
