// What a function is: a compiled WASI command that is given JSON and answers JSON.
//
// Each invocation gets a fresh instance. The event's parameters are the guest's standard
// input (one JSON text and a newline, then end of file); the last non-empty line of its standard
// output is the result, which must be a JSON object or array; every other line, and standard error,
// is log. docs/function-abi.md is the contract.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/compiled_module.h"
#include "runtime/trap.h"
#include "runtime/watchdog.h"

namespace wherry::runtime {
class InstancePool;
}

namespace wherry::function {

struct FunctionLimits {
  std::chrono::milliseconds time{60'000};  // wall time of one invocation
  uint64_t memory_bytes = 256ull << 20;    // linear memory
  uint64_t result_bytes = 1ull << 20;      // the result line; also the longest line kept
  uint64_t log_bytes = 1ull << 20;         // stdout lines and stderr together; more is cut
  uint64_t output_bytes = 16ull << 20;     // all the guest may write before it is stopped
};

struct FunctionOptions {
  std::string name = "function";
  std::vector<std::string> arguments;              // argv[1…]; argv[0] is the name
  std::map<std::string, std::string> environment;  // given to every invocation
  FunctionLimits limits;
};

struct Event {
  std::string parameters = "{}";                   // JSON text, already checked
  std::map<std::string, std::string> environment;  // added to the function's own, and stronger
  // An earlier end than the function's time limit allows; the default means none.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

enum class OutcomeKind : uint8_t {
  kSuccess,      // result holds a JSON object or array
  kExit,         // the guest exited with a code other than 0
  kTrap,         // the guest trapped
  kTimeout,      // stopped at its deadline
  kNoResult,     // no JSON on the last line of standard output, or a scalar
  kOutputLimit,  // wrote more than limits.output_bytes, or a result above result_bytes
  kInternal,     // we failed; message says how
};

const char* name_of(OutcomeKind kind);

struct LogLine {
  bool is_stderr = false;
  std::string text;  // without the newline; invalid UTF-8 is replaced by U+FFFD
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kInternal;
  std::string result;      // JSON text, only for kSuccess
  std::string message;     // one sentence for the caller, for every other kind
  std::string backtrace;   // only for kTrap and kTimeout
  uint32_t exit_code = 0;  // only for kExit
  std::vector<LogLine> log;
  bool log_truncated = false;
  std::chrono::microseconds duration{0};
};

// Immutable; invoke() is safe from many threads at a time.
class Function {
 public:
  // Refuses modules that are not WASI commands (no `_start`) or import what we lack, and says
  // which.
  static Result<std::shared_ptr<const Function>> create(
      std::shared_ptr<const runtime::CompiledModule> module, runtime::Watchdog& watchdog,
      FunctionOptions options);

  ~Function();
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  // Never fails: what goes wrong is an Outcome.
  Outcome invoke(const Event& event) const;

  const FunctionOptions& options() const { return options_; }

 private:
  Function(std::shared_ptr<const runtime::CompiledModule> module, runtime::Watchdog& watchdog,
           FunctionOptions options);
  runtime::Watchdog& watchdog_;
  FunctionOptions options_;
  std::unique_ptr<runtime::InstancePool> pool_;
};

}  // namespace wherry::function
