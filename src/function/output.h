// What a guest writes: cut into lines, kept within limits, and told apart into result and log.
//
// Used by one thread. Memory is bounded by the limits, whatever the guest writes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "function/function.h"

namespace wherry::function {

class OutputCapture {
 public:
  explicit OutputCapture(const FunctionLimits& limits) : limits_(limits) {}
  // For another invocation: as it was made.
  void renew();

  // Takes a piece of either stream. Not empty: the guest has written too much and is to be stopped.
  std::string write(bool is_stderr, Bytes bytes);
  // The guest has ended: lines without a newline are lines too.
  void finish();

  bool is_over_limit() const { return over_limit_; }
  // The last line of standard output that is more than white space, as the guest wrote it.
  struct Candidate {
    std::string text;
    bool cut = false;  // longer than limits.result_bytes
  };
  const std::optional<Candidate>& last_line() const { return candidate_; }
  // Makes the last line part of the log: it is no result.
  void log_last_line();

  std::vector<LogLine> take_log() { return std::exchange(log_, {}); }
  bool log_truncated() const { return log_truncated_; }

 private:
  struct Line {
    std::string text;
    bool cut = false;
    bool started = false;
  };
  void end_line(bool is_stderr);
  void add_log(size_t position, bool is_stderr, const Candidate& line);

  FunctionLimits limits_;
  Line lines_[2];  // under way: standard output, standard error
  std::optional<Candidate> candidate_;
  size_t candidate_position_ = 0;  // in the log, should it turn out not to be the last
  std::vector<LogLine> log_;
  uint64_t log_bytes_ = 0;
  uint64_t written_bytes_ = 0;
  bool log_truncated_ = false;
  bool over_limit_ = false;
};

// Each byte that is not part of well-formed UTF-8 becomes U+FFFD.
std::string to_utf8(std::string_view text);

}  // namespace wherry::function
