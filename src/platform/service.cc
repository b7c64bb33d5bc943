#include "platform/service.h"

#include "base/files.h"

namespace wherry::platform {

void DescriptorLogStreams::write_stdout(std::string_view text) {
  std::lock_guard lock(mutex_);
  (void)write_all(stdout_, as_bytes(text), "standard output").ok();
}

void DescriptorLogStreams::write_stderr(std::string_view text) {
  std::lock_guard lock(mutex_);
  (void)write_all(stderr_, as_bytes(text), "standard error").ok();
}

Service::Loaded Service::loaded() const {
  std::lock_guard lock(mutex_);
  return {action_, environment_};
}

bool Service::initialise(Action action, Environment environment) {
  std::lock_guard lock(mutex_);
  if (initialised_) return false;
  if (action) action_ = std::move(action);
  environment_ = std::move(environment);
  initialised_ = true;
  return true;
}

void write_log(LogStreams& logs, const function::Outcome& outcome, std::string_view end) {
  std::string out, err;
  for (const function::LogLine& line : outcome.log) {
    std::string& stream = line.is_stderr ? err : out;
    stream += line.text;
    stream += '\n';
  }
  if (outcome.log_truncated)
    err += "the log was cut here: it is longer than the function's limit\n";
  if (!outcome.backtrace.empty()) {
    err += outcome.message;
    err += '\n';
    err += outcome.backtrace;
    if (!err.ends_with('\n')) err += '\n';
  }
  out += end;
  err += end;
  if (!out.empty()) logs.write_stdout(out);
  if (!err.empty()) logs.write_stderr(err);
}

}  // namespace wherry::platform
