// A process that was started to be asked, and ends with its object.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace wherry::verify {

struct ChildPlan {
  std::vector<std::string> command;  // the first is looked for in PATH unless it has a slash
  std::string directory;             // where it starts
  std::map<std::string, std::string> environment;  // beside PATH and HOME
  bool has_pipes = false;                          // standard input and output are ours
};

class Child {
 public:
  // kNotFound if there is no such program.
  static Result<std::unique_ptr<Child>> start(const ChildPlan& plan);
  // SIGTERM, and SIGKILL when it does not end.
  ~Child();
  Child(const Child&) = delete;

  bool has_ended();
  // What it printed, but for standard output with pipes; the last of it.
  std::string log() const;

  // Only with pipes. A line without its newline; kIo if it ends or takes longer.
  Status write(std::string_view text);
  void close_input() { input_ = FileDescriptor(); }
  Result<std::string> read_line(std::chrono::milliseconds timeout);
  // All that it prints until it ends, which it has to.
  Result<std::string> read_all(std::chrono::milliseconds timeout);

 private:
  Child() = default;
  Status read_more(std::chrono::steady_clock::time_point deadline);

  pid_t process_ = -1;
  std::optional<TemporaryDirectory> directory_;  // of the log
  FileDescriptor input_, output_;
  std::string read_;
  bool at_end_ = false;
};

// The program's path, if it is installed.
std::optional<std::string> find_program(const std::string& name);

// A port that was free a moment ago.
Result<unsigned> free_port();

}  // namespace wherry::verify
