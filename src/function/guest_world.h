// The WASI side that the sessions of all ABIs have in common: a World with a function's arguments,
// environment and directories, whose standard error, and by default standard output, is the log.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "function/fetches.h"
#include "function/function.h"
#include "function/output.h"
#include "wasi/world.h"

namespace wherry::function {

class Session;

// Bytes that lie elsewhere, then others, then the end.
class TextInput final : public wasi::InputStream {
 public:
  void set(std::string_view first, std::string_view second = {}) { pieces_ = {first, second}; }
  wasi::Transfer read(std::span<const iovec> into) override;

 private:
  std::array<std::string_view, 2> pieces_;
};

class GuestWorld {
 public:
  // What a World needs beside what all have. Null streams: an input at its end, the log.
  struct Parts {
    std::unique_ptr<wasi::InputStream> input;
    std::unique_ptr<wasi::OutputStream> output;
    std::function<void()> before_wait;
  };
  static Result<std::unique_ptr<GuestWorld>> create(const FunctionOptions& options, Parts parts);

  wasi::World& world() { return *world_; }
  OutputCapture& output() { return output_; }
  Fetches& fetches() { return fetches_; }

  // What all guests may import: WASI, and calls to other hosts.
  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind, const wasm::FuncType* type);

  // For functions that an ABI adds; they find this by the world's embedder.
  void set_session(Session* session) { session_ = session; }
  Session* session() const { return session_; }

  // The function's own environment, with these variables, which are stronger.
  Status set_event_environment(const std::map<std::string, std::string>& event);
  // The same with others that are stronger than both, "NAME=value" each and without zero bytes.
  Status set_environment(const std::map<std::string, std::string>& event,
                         std::vector<std::string> strongest);
  // argv[1…] behind the function's own.
  void add_arguments(std::vector<std::string> more);

  // For the next event; false: it cannot be used again.
  bool renew();

 private:
  GuestWorld(const FunctionOptions& options, OutboundRules rules)
      : options_(options),
        output_(options.limits),
        fetches_(std::move(rules), options.outbound_client) {}

  const FunctionOptions& options_;
  OutputCapture output_;
  Fetches fetches_;
  Session* session_ = nullptr;
  std::unique_ptr<wasi::World> world_;
  bool has_other_environment_ = false;
  bool has_other_arguments_ = false;
};

}  // namespace wherry::function
