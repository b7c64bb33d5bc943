// The ABI of handlers: a reactor whose `wherry_handle` is called for a request.
#include "function/handler.h"

namespace wherry::function {
namespace {

constexpr std::string_view kModule = "wherry_1";
constexpr size_t kMostHeadBytes = 64 * 1024;

class Handler final : public Adapter {
 public:
  Handler(const FunctionOptions& options, std::optional<uint32_t> initialize, uint32_t handle)
      : options_(options), initialize_(initialize), handle_(handle) {}

  std::optional<wasm::FuncType> import_type(std::string_view module,
                                            std::string_view name) const override {
    const auto* function = module == kModule ? find_handler_function(name) : nullptr;
    return function ? std::optional(wasi::type_of(*function)) : std::nullopt;
  }
  Result<std::unique_ptr<Session>> make_session() const override {
    return HandlerSession::create(options_, initialize_, handle_);
  }

 private:
  const FunctionOptions& options_;
  std::optional<uint32_t> initialize_;
  uint32_t handle_;
};

}  // namespace

AdapterResult make_handler(const artifact::Artifact& artifact, const FunctionOptions& options) {
  std::optional<uint32_t> initialize = TRY(find_entry(artifact, "_initialize", {}));
  std::optional<uint32_t> handle = TRY(find_entry(artifact, "wherry_handle", {{}, {wasm::kI32}}));
  if (!handle) {
    return make_error(ErrorKind::kUnsupported, "the module exports no function wherry_handle")
        .with_hint(
            "a handler is a reactor: build with -mexec-model=reactor (C) or as a cdylib "
            "(Rust)");
  }
  return std::unique_ptr<Adapter>(std::make_unique<Handler>(options, initialize, *handle));
}

Result<std::unique_ptr<Session>> HandlerSession::create(const FunctionOptions& options,
                                                        std::optional<uint32_t> initialize,
                                                        uint32_t handle) {
  std::unique_ptr<HandlerSession> session(new HandlerSession(options, initialize, handle));
  TRY(session->make_world({}));
  session->guest().set_session(session.get());
  return std::unique_ptr<Session>(std::move(session));
}

Status HandlerSession::begin(const Event& event, http::Exchange* exchange) {
  calls_made_ = 0;
  head_bytes_ = 0;
  TRY(HttpSession::begin(event, exchange));
  return guest().set_event_environment(event.environment);
}

Result<std::optional<GuestCall>> HandlerSession::next(runtime::Instance& instance,
                                                      const std::vector<runtime::Value>*) {
  const unsigned call = calls_made_++ + (initialize_ ? 0 : 1);
  if (call > 1) return std::optional<GuestCall>();
  KeptFunction& function = call == 0 ? *initialize_ : handle_;
  return std::optional(GuestCall{function.in(instance), {}});
}

std::optional<runtime::Extern> HandlerSession::resolve(std::string_view module,
                                                       std::string_view name, wasm::ExternKind kind,
                                                       const wasm::FuncType* type) {
  const auto* function = module == kModule ? find_handler_function(name) : nullptr;
  if (!function || kind != wasm::ExternKind::kFunc) {
    return HttpSession::resolve(module, name, kind, type);
  }
  return runtime::HostFunction{wasi::type_of(*function), function->function, host_environment()};
}

bool HandlerSession::has_room_in_head(size_t bytes) {
  if (bytes > kMostHeadBytes - head_bytes_) return false;
  head_bytes_ += bytes;
  return true;
}

std::optional<Outcome> HandlerSession::failure_of_abi(const EndOfCall& end) {
  const auto* values = std::get_if<std::vector<runtime::Value>>(&end.result);
  if (!values || values->empty() || values->front().as_i32() == 0) return std::nullopt;
  Outcome outcome = failure(OutcomeKind::kExit, fmt::format("the function failed with code {}",
                                                            values->front().as_i32()));
  outcome.exit_code = values->front().as_i32();
  return outcome;
}

}  // namespace wherry::function
