// Lines to a file descriptor (the server's standard error), without making those who log wait for
// it: a thread of its own writes what has come together, when it is much, a tenth of a second old,
// or an error. If the descriptor takes nothing (a full pipe, a stopped terminal) lines are dropped;
// how many is a line of its own as soon as it takes some again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/log.h"

namespace wherry::host {

struct LogWriterOptions {
  std::chrono::milliseconds tick{100};        // lines are written at least so often
  size_t write_at_bytes = 64 << 10;           // and when there are so many bytes of them
  size_t most_bytes = 4 << 20;                // that wait; lines beyond are dropped
  std::chrono::milliseconds last_wait{1000};  // at the end, for a descriptor that takes nothing
  // What is said of dropped lines.
  std::function<std::string(uint64_t count)> dropped_line;
};

// Safe from many threads.
class LogWriter {
 public:
  // The descriptor stays its owner's, and open for as long as this lives. It is not made
  // non-blocking: others may share it.
  explicit LogWriter(int fd, LogWriterOptions options = {});
  // Writes what is left.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;

  // `line` has no newline. Lines of level error are written at once, with all before them.
  void write(LogLevel level, std::string_view line);

  // Waits until all lines so far are written, or dropped, or the time is over; false then.
  bool flush(std::chrono::milliseconds time);

  // Lines that were dropped, ever.
  uint64_t dropped() const;

 private:
  void run();
  std::string_view write_out(std::string_view text);
  bool wait_until_writable();
  ptrdiff_t write_some(std::string_view text);
  std::string take_lines();
  std::string notice(uint64_t untold) const;

  const int fd_;
  const LogWriterOptions options_;
  size_t most_at_once_ = 0;  // that does not block if poll() says so
  bool is_socket_ = false;
  mutable std::mutex mutex_;
  std::condition_variable wake_;     // the thread
  std::condition_variable written_;  // those who flush
  std::string lines_;
  bool is_urgent_ = false;
  bool is_ending_ = false;
  std::chrono::steady_clock::time_point end_;  // is_ending_: no longer than this
  uint64_t dropped_ = 0;
  uint64_t dropped_told_ = 0;
  uint64_t taken_in_ = 0;     // bytes of lines_, ever
  uint64_t written_out_ = 0;  // of these, written or given up
  std::thread thread_;
};

}  // namespace wherry::host
