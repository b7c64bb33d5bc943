// The server's log: every event goes to the ring, and to the writer if its level asks for it.
//
// Safe from many threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "host/log_event.h"
#include "host/log_ring.h"
#include "host/log_writer.h"

namespace wherry::host {

struct EventLogOptions {
  LogFormat format = LogFormat::kText;
  LogLevel level = LogLevel::kInfo;  // events beyond it are dropped
};

class EventLog {
 public:
  // All three outlive it. `writer` may be null: nothing is written.
  EventLog(const Clock& clock, LogRing& ring, LogWriter* writer, EventLogOptions options)
      : clock_(clock), ring_(ring), writer_(writer), options_(options) {}

  // Whether events of this level are logged, of a function that may have a level of its own: to be
  // asked before making one.
  bool is_logged(LogLevel level, std::optional<LogLevel> of_function = {}) const {
    return level <= of_function.value_or(options_.level);
  }

  // Sets the time and logs it, whatever its level is.
  void log(LogEvent event) const;

  // For rooms that log: their events, as they are. It must not outlive this. Events of levels that
  // are not logged are dropped.
  Log as_log() const;

  LogRing& ring() const { return ring_; }

 private:
  const Clock& clock_;
  LogRing& ring_;
  LogWriter* const writer_;
  const EventLogOptions options_;
};

// The line that a writer of this format says of dropped lines. `clock` outlives what comes back.
std::function<std::string(uint64_t)> dropped_line_of(const Clock& clock, LogFormat format);

}  // namespace wherry::host
