// What every platform's routes act on: the loaded function, a way to load another, and the streams
// its log lines go to.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "function/function.h"

namespace wherry::platform {

// A loaded function, ready to be called from many threads. Empty: none is loaded. In practice
// function::Function::invoke behind a shared_ptr; a type of its own so that the wire contracts are
// tested without compiled code.
using Action = std::function<function::Outcome(const function::Event&)>;

// Turns the bytes a platform was sent into an Action. Implemented by the cli, which knows whether
// there is a compiler. Called from many threads.
class ActionLoader {
 public:
  virtual ~ActionLoader() = default;
  virtual Result<Action> load(Bytes code, const std::string& name) = 0;
};

// Where log lines and sentinels go: the host's own standard output and standard error.
// Called from many threads; one call's text must stay together and be flushed on return.
class LogStreams {
 public:
  virtual ~LogStreams() = default;
  virtual void write_stdout(std::string_view text) = 0;
  virtual void write_stderr(std::string_view text) = 0;
};

// To two file descriptors, without buffering. A stream that cannot be written to is ignored: there
// is nobody left to tell.
class DescriptorLogStreams : public LogStreams {
 public:
  DescriptorLogStreams(int stdout_fd, int stderr_fd) : stdout_(stdout_fd), stderr_(stderr_fd) {}
  void write_stdout(std::string_view text) override;
  void write_stderr(std::string_view text) override;

 private:
  std::mutex mutex_;
  const int stdout_, stderr_;
};

struct ServiceOptions {
  std::string api_host;           // __OW_API_HOST of the host's environment
  bool allow_concurrent = false;  // __OW_ALLOW_CONCURRENT of the host's environment
  bool ends_logs = true;          // with OpenWhisk's sentinel lines; else a proxy does
};

// Safe from many threads.
class Service {
 public:
  using Environment = std::map<std::string, std::string>;

  // `loader` and `logs` outlive the service. `preset` is the function the host was started with, or
  // empty.
  Service(ActionLoader& loader, LogStreams& logs, ServiceOptions options, Action preset = {})
      : loader_(loader), logs_(logs), options_(std::move(options)), action_(std::move(preset)) {}

  ActionLoader& loader() { return loader_; }
  LogStreams& logs() { return logs_; }
  const ServiceOptions& options() const { return options_; }

  // The function and the environment it was initialised with.
  struct Loaded {
    Action action;
    Environment environment;
  };
  Loaded loaded() const;

  bool is_initialised() const { return initialised_.load(); }
  // Happens once; false, and nothing changes, if it has happened before. An empty `action` keeps
  // the preset one.
  bool initialise(Action action, Environment environment);

  // Held by a platform that runs one request at a time.
  std::timed_mutex& single_flight() { return single_flight_; }

 private:
  ActionLoader& loader_;
  LogStreams& logs_;
  const ServiceOptions options_;
  mutable std::mutex mutex_;
  Action action_;
  Environment environment_;
  std::atomic<bool> initialised_{false};
  std::timed_mutex single_flight_;
};

// Writes an outcome's log lines, and its backtrace, to the streams; `end` closes both (OpenWhisk's
// sentinel line, or nothing).
void write_log(LogStreams& logs, const function::Outcome& outcome, std::string_view end);

}  // namespace wherry::platform
