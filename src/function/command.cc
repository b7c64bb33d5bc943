// The ABI of commands: parameters on standard input, the last line printed is the result.
#include "function/abi.h"
#include "function/guest_world.h"

namespace wherry::function {
namespace {

class CommandSession final : public Session {
 public:
  static Result<std::unique_ptr<Session>> create(const FunctionOptions& options, uint32_t start) {
    auto input = std::make_unique<TextInput>();
    std::unique_ptr<CommandSession> session(new CommandSession(start));
    session->input_ = input.get();
    session->guest_ = TRY(GuestWorld::create(options, {.input = std::move(input)}));
    return std::unique_ptr<Session>(std::move(session));
  }

  Status begin(const Event& event, http::Exchange*) override {
    input_->set(event.parameters, "\n");
    return guest_->set_event_environment(event.environment);
  }

  Result<std::optional<GuestCall>> next(runtime::Instance& instance,
                                        const std::vector<runtime::Value>* results) override {
    if (results) return std::optional<GuestCall>();
    return std::optional(GuestCall{start_.in(instance), {}});
  }

  Outcome end(const EndOfCall& end) override { return outcome_of(end, guest_->output()); }

  OutputCapture& output() override { return guest_->output(); }
  http::OutboundCall* awaited() const override { return guest_->fetches().awaited(); }

  bool renew() override { return guest_->renew(); }

  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind,
                                         const wasm::FuncType* type) override {
    return guest_->resolve(module, name, kind, type);
  }
  void* host_environment() const override { return guest_->world().host_environment(); }

 private:
  explicit CommandSession(uint32_t start) : start_(start) {}

  KeptFunction start_;
  TextInput* input_ = nullptr;  // the world's; a world that may have closed it is not used again
  std::unique_ptr<GuestWorld> guest_;
};

class Command final : public Adapter {
 public:
  Command(const FunctionOptions& options, uint32_t start) : options_(options), start_(start) {}
  Result<std::unique_ptr<Session>> make_session() const override {
    return CommandSession::create(options_, start_);
  }

 private:
  const FunctionOptions& options_;
  uint32_t start_;
};

}  // namespace

AdapterResult make_command(const artifact::Artifact& artifact, const FunctionOptions& options) {
  const uint32_t start = TRY(find_start(artifact));
  return std::unique_ptr<Adapter>(std::make_unique<Command>(options, start));
}

}  // namespace wherry::function
