// A guest ABI from the inside: what function.cc and invocation.cc ask of each, and nothing else.
// One file has one ABI: command.cc, cgi.cc, handler.cc, export.cc.
//
// An Adapter belongs to a function: it has looked at the module once, when the function was made,
// and is not changed any more. A Session is an instance's side of it: it is the guest's imports and
// holds the event, and serves one invocation after the other, as the instance's slot does.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "artifact/artifact.h"
#include "base/result.h"
#include "function/function.h"
#include "function/outcome.h"
#include "function/output.h"
#include "http/outbound.h"
#include "runtime/instance.h"
#include "wasi/world.h"

namespace wherry::function {

struct GuestCall {
  const runtime::Func* function;  // the session's
  std::vector<runtime::Value> arguments;
};

// A function of a session's instance by its index, looked up for the first call and kept for all.
class KeptFunction {
 public:
  explicit KeptFunction(uint32_t index) : index_(index) {}
  const runtime::Func* in(const runtime::Instance& instance) {
    if (!function_) function_ = instance.function(index_);
    return &*function_;
  }

 private:
  uint32_t index_;
  std::optional<runtime::Func> function_;
};

// Used by one thread at a time, which may be another each time.
class Session : public runtime::ImportResolver {
 public:
  // Before the guest runs. The event outlives the invocation, and so does the exchange (null
  // for callers without HTTP). An error is the event's fault.
  virtual Status begin(const Event& event, http::Exchange* exchange) = 0;

  // The next call into the guest; nothing when all are made. `results` are those of the call
  // before, null for the first. An error is the event's fault.
  virtual Result<std::optional<GuestCall>> next(runtime::Instance& instance,
                                                const std::vector<runtime::Value>* results) = 0;

  // After a guest that ended well: whether what it wrote is on its way. If not, end() has to wait,
  // as a guest would.
  virtual bool is_sent() { return true; }

  // How it ended, after the last call, or one that ended in another way than by returning. Answers
  // the exchange, and fills everything but the log and the accounts.
  virtual Outcome end(const EndOfCall& end) = 0;
  // The same if the guest never ran, or stopped because we failed: the status of the answer that
  // was begun, or 0.
  virtual unsigned abandon() { return 0; }

  virtual OutputCapture& output() = 0;

  // The call to another host that a waiting guest waits for; null: it waits for its exchange.
  virtual http::OutboundCall* awaited() const = 0;

  // Forgets the invocation. False: not to be used again.
  virtual bool renew() = 0;
};

class Adapter {
 public:
  virtual ~Adapter() = default;
  // The type of a function that this ABI adds to WASI's, or nothing.
  virtual std::optional<wasm::FuncType> import_type(std::string_view, std::string_view) const {
    return std::nullopt;
  }
  virtual Result<std::unique_ptr<Session>> make_session() const = 0;
};

// They refuse a module whose exports do not fit. The options outlive what they make.
using AdapterResult = Result<std::unique_ptr<Adapter>>;
AdapterResult make_command(const artifact::Artifact& artifact, const FunctionOptions& options);
AdapterResult make_cgi(const artifact::Artifact& artifact, const FunctionOptions& options);
AdapterResult make_handler(const artifact::Artifact& artifact, const FunctionOptions& options);
AdapterResult make_export(const artifact::Artifact& artifact, const FunctionOptions& options);

// The index of an exported function, which must have this type; nothing if it is not exported.
Result<std::optional<uint32_t>> find_entry(const artifact::Artifact& artifact,
                                           std::string_view name, const wasm::FuncType& type);
// The index of `_start`; an error without one.
Result<uint32_t> find_start(const artifact::Artifact& artifact);

}  // namespace wherry::function
