// Starts `wherry-compile` for one compilation, fenced in: LLVM meets hostile input there. The child
// gets limits on memory and time, no network, no new privileges, no descriptors and almost no
// environment.
#pragma once

#include <signal.h>

#include <chrono>
#include <string>

#include "base/cpu.h"
#include "base/result.h"
#include "cli/compiler_options.h"

namespace wherry::cli {

struct CompilerLimits {
  uint64_t memory_bytes = 8ull << 30;  // address space
  std::chrono::seconds cpu_time{600};
  size_t message_bytes = 64 * 1024;  // of what it prints; the rest is dropped
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
// hint; one that was killed is kLimit.
Result<std::string> run_compiler(const std::string& compiler, const CompileJob& job,
                                 const CompilerLimits& limits = {});

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
