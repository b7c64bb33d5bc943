// What a function is: a compiled module with a guest ABI, limits, and what it was given of the
// world.
//
// Each invocation gets a fresh instance. How it is given an event and how it answers is the ABI's
// business (docs/function-abi.md is the contract):
//
//   command   a WASI command: JSON parameters on standard input, the last line printed is the
//             result
//   cgi       a WASI command: an HTTP request in environment and standard input, the answer's head
//             and body on standard output (RFC 3875)
//   export    any exported function, called with JSON arguments
//   handler   a reactor whose `wherry_handle` reads and writes HTTP through imports of `wherry_1`
//
// command and export take `Event::parameters` and put JSON into `Outcome::result`. cgi and handler
// take the exchange's request and answer through it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/exchange.h"
#include "http/outbound.h"
#include "runtime/compiled_module.h"
#include "runtime/trap.h"
#include "runtime/watchdog.h"

namespace wherry::function {

enum class Abi : uint8_t { kCommand, kCgi, kExport, kHandler };

const char* name_of(Abi abi);
std::optional<Abi> abi_of_name(std::string_view name);
constexpr bool speaks_http(Abi abi) { return abi == Abi::kCgi || abi == Abi::kHandler; }

struct FunctionLimits {
  std::chrono::milliseconds time{60'000};  // wall time of one invocation
  std::chrono::milliseconds cpu_time{0};   // processor time of one invocation; 0: as long as `time`
  uint64_t memory_bytes = 256ull << 20;    // linear memory
  uint64_t result_bytes = 2ull << 20;      // the result line; also the longest line kept
  uint64_t body_bytes = 64ull << 20;       // an HTTP answer's body (cgi, handler)
  uint64_t log_bytes = 1ull << 20;         // stdout lines and stderr together; more is cut
  uint64_t log_lines = 65'536;             // likewise
  uint64_t output_bytes = 16ull << 20;  // all the guest may write to its log before it is stopped
  uint32_t open_files = 256;            // descriptors at a time, streams and directories included
};

// A directory of the host's under another name.
struct Directory {
  std::string host;
  std::string guest;
  bool read_only = false;
};

struct FunctionOptions {
  std::string name = "function";
  std::optional<Abi> abi;  // nothing: found from the module
  // export: which function, and its parameters' names and types where the module's own do not say
  // them: `greet(name: string, times: i32) -> string`. Empty: the module's only candidate.
  std::string signature;
  std::vector<std::string> arguments;              // argv[1…]; argv[0] is the name
  std::map<std::string, std::string> environment;  // given to every invocation
  std::vector<Directory> directories;
  // Hosts that may be called: `api.example.com`, `*.example.com` (outbound_host.h).
  std::vector<std::string> outbound;
  // What calls them; outlives the function. Null: functions that may call any are refused.
  http::Outbound* outbound_client = nullptr;
  FunctionLimits limits;
};

struct Event {
  std::string id;                                  // of the activation; for the guest and the log
  std::string parameters = "{}";                   // JSON text, already checked
  std::string signature;                           // export: overrides the options' if not empty
  std::map<std::string, std::string> environment;  // added to the function's own, and stronger
  // An earlier end than the function's time limit allows; the default means none.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // cgi and handler: where the function is, `/name`, or empty; the rest of the path is the guest's.
  std::string mount;
  std::string remote_address;  // of the client, if it is known
};

enum class OutcomeKind : uint8_t {
  kSuccess,      // result holds JSON; or the answer went to the exchange
  kExit,         // the guest exited with a code other than 0
  kTrap,         // the guest trapped
  kTimeout,      // stopped at its deadline
  kCpuLimit,     // used more processor time than limits.cpu_time
  kNoResult,     // no JSON on the last line of standard output, or a scalar; no HTTP head
  kOutputLimit,  // wrote more than limits.output_bytes, or a result above result_bytes
  kBadEvent,     // the parameters do not fit the function (export); the guest was not run
  kClientGone,   // the exchange broke off before the answer was complete
  kInternal,     // we failed; message says how
};

const char* name_of(OutcomeKind kind);

struct LogLine {
  bool is_stderr = false;
  std::string text;  // without the newline; invalid UTF-8 is replaced by U+FFFD
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kInternal;
  std::string result;      // JSON text, only for kSuccess of command and export
  std::string message;     // one sentence for the caller, for every kind but kSuccess
  std::string backtrace;   // only for kTrap, kTimeout and kCpuLimit
  uint32_t exit_code = 0;  // only for kExit
  // cgi and handler: the answer's status, or 0 if none was begun: then the caller says what `kind`
  // is worth. An answer that was begun and not completed has been aborted.
  unsigned status = 0;
  std::vector<LogLine> log;
  bool log_truncated = false;
  std::chrono::microseconds duration{0};  // wall time
  // Processor time; for invocations below a millisecond the wall time, which is no less but for
  // waits.
  std::chrono::microseconds cpu{0};
  uint64_t memory_bytes = 0;  // linear memory at its largest
  bool is_cold = false;       // the instance's slot was made for this invocation
};

class Function;

// One call of a function under way. Used by one thread at a time, which may be another each time.
class Invocation {
 public:
  virtual ~Invocation() = default;

  // Who has begun it.
  class Owner {
   public:
    virtual ~Owner() = default;
    // Asked for when the guest waits for the first time, which is rare. What it answers is called
    // at most once after each kWaiting, by way of the exchange's wake() or post(), and kept until
    // the invocation is destroyed: which may be from within it. Without an exchange it is called
    // from any thread, and must not run the invocation there.
    virtual std::function<void()> resumer() = 0;
  };

  enum class Progress : uint8_t { kDone, kWaiting };
  // Enters the guest, or goes on where it waits. After kWaiting the owner's resumer is called when
  // run() is to be called again: something has arrived, or the deadline has passed. That may be
  // before this has returned.
  virtual Progress run() = 0;

  // After kDone.
  virtual Outcome& outcome() = 0;
};

// Immutable; all const methods are safe from many threads at a time.
class Function {
 public:
  // Refuses modules that do not fit the ABI or import what we lack, and says which. Without an ABI
  // given: handler if `wherry_handle` is exported, command if `_start` is (cgi is never guessed),
  // else export.
  static Result<std::shared_ptr<const Function>> create(
      std::shared_ptr<const runtime::CompiledModule> module, runtime::Watchdog& watchdog,
      FunctionOptions options);

  ~Function();
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  Abi abi() const { return abi_; }
  const FunctionOptions& options() const { return options_; }

  // An invocation that has not run yet. The function, the event and the owner outlive it.
  std::unique_ptr<Invocation> begin(const Event& event, http::ExchangePtr exchange,
                                    Invocation::Owner& owner) const;
  std::unique_ptr<Invocation> begin(Event&&, http::ExchangePtr, Invocation::Owner&) const = delete;

  // The same for callers that wait: blocks until the guest is done. Never fails: what goes wrong is
  // an Outcome. cgi and handler need an exchange that never says kWait (http/buffered_exchange.h).
  Outcome invoke(const Event& event, http::ExchangePtr exchange = nullptr) const;

  struct Parts;  // for this room (parts.h)

 private:
  Function(FunctionOptions options, Abi abi);
  FunctionOptions options_;
  Abi abi_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace wherry::function
