// Starts `wherry-compile` for one compilation, fenced in: LLVM meets hostile input there. The child
// gets limits on memory and time, no network, no new privileges, no descriptors and almost no
// environment.
#pragma once

#include <signal.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/cpu.h"
#include "base/files.h"
#include "base/result.h"
#include "cli/compiler_options.h"

namespace wherry::cli {

struct CompilerLimits {
  uint64_t memory_bytes = 8ull << 30;  // address space
  std::chrono::seconds cpu_time{600};
  size_t message_bytes = 64 * 1024;  // of what it prints; the rest is dropped
  // Only when nobody else wants the processor, and out of reach of the terminal's signals.
  bool in_background = false;
};

// Ends what other threads wait for: compilers are killed. Safe from many threads.
class Cancellation {
 public:
  static Result<std::unique_ptr<Cancellation>> create();
  void cancel() const;
  // Waits until then; true if it was cancelled.
  bool wait_for(std::chrono::milliseconds time) const;
  bool is_cancelled() const { return wait_for(std::chrono::milliseconds(0)); }
  int descriptor() const { return event_.number(); }  // can be read when it was cancelled

 private:
  explicit Cancellation(FileDescriptor event) : event_(std::move(event)) {}
  FileDescriptor event_;
};

struct CompileJob {
  std::string input;         // path of the module
  std::string output;        // path of the artifact
  std::string display_name;  // what messages call the input
  CpuLevel cpu = CpuLevel::kV2;
  CompilerOptions options;
  bool timings = false;  // have it say what took how long
};

// Waits for the compiler and returns what it printed. Its own errors keep their kind, text and
// hint; one that was killed is kLimit. `cancellation` may be null.
Result<std::string> run_compiler(const std::string& compiler, const CompileJob& job,
                                 const CompilerLimits& limits = {},
                                 const Cancellation* cancellation = nullptr);

// Holds SIGINT and SIGTERM back from this thread: an interrupt from the keyboard ends the compiler
// at once, and us only when the temporary files around it are gone. Declare it before those.
class InterruptsHeld {
 public:
  InterruptsHeld();
  ~InterruptsHeld();
  InterruptsHeld(const InterruptsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace wherry::cli
