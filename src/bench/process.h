// One process, measured: started, awaited, and what the kernel says that it took. It runs in a
// process group of its own, which is killed when time is up or someone interrupts, and it dies with
// us. One thread at a time may call this.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace wherry::bench {

using Command = std::vector<std::string>;

// As one would type it in a shell.
std::string shell_text(const Command& command);

struct ProcessPlan {
  Command command;               // the first word is a path
  std::string directory;         // where it starts; empty: here
  std::string input;             // a file for standard input; empty: nothing
  std::string output;            // a file for standard output, made anew
  std::string errors;            // likewise, standard error; may be the same file as `output`
  std::optional<unsigned> core;  // the only one that it may run on
  std::chrono::milliseconds timeout{60'000};
  uint64_t max_file_bytes = 1ull << 30;  // of each file that it writes
};

// What one run took. CPU times are the process's and those of its children that it waited for.
struct Sample {
  double user_s = 0, system_s = 0, wall_s = 0;
  // The largest resident set of any one of them. What this program had at that moment counts as
  // theirs, since the kernel begins with it: see own_peak_bytes().
  uint64_t peak_bytes = 0;
  std::optional<double> own_s;  // what the program said that its work took

  double cpu_s() const { return user_s + system_s; }
};

struct ProcessResult {
  Sample sample;
  int exit_code = 0;  // when it was not killed
  int signal = 0;     // which killed it, or 0
  bool is_timed_out = false;
  bool is_interrupted = false;
};

// SIGINT and SIGTERM, held back from this thread for as long as it lives: run_process() ends at
// once when one comes.
class Interrupts {
 public:
  static Result<Interrupts> hold();
  Interrupts(Interrupts&&) = default;
  int descriptor() const { return signals_.number(); }
  // Whether one has come by now.
  bool has_come();

 private:
  explicit Interrupts(FileDescriptor signals) : signals_(std::move(signals)) {}
  FileDescriptor signals_;
  bool has_come_ = false;
};

// Errors: the process could not be started.
Result<ProcessResult> run_process(const ProcessPlan& plan, Interrupts& interrupts);

// What a process's peak is never below: this program's.
uint64_t own_peak_bytes();

// The cores that this process may run on.
std::vector<unsigned> allowed_cores();

}  // namespace wherry::bench
