// One event of the server's log, and the two forms of its line:
//
//   2026-11-25T22:26:30.125Z warn queue_full function=hello activation=4f1c limit=100
//   {"time":"2026-11-25T22:26:30.125Z","level":"warn","event":"queue_full","function":"hello",…}
//
// What functions print are events, too (`log`, with the fields `stream` and `message`).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"

namespace wherry::host {

struct LogEvent {
  uint64_t realtime_ns = 0;
  LogLevel level = LogLevel::kInfo;
  std::string function;    // or empty: not of one function
  std::string activation;  // id, or empty
  std::string name;
  // Keys are ours, and none of time, level, event, function and activation; values may be
  // anybody's.
  std::vector<std::pair<std::string, std::string>> fields;
};

// Without a newline, and one line whatever the values are. Values that are not UTF-8 have U+FFFD
// instead in JSON.
std::string line_of(const LogEvent& event, LogFormat format);

}  // namespace wherry::host
