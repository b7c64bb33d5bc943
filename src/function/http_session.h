// What the sessions of cgi and handler have in common: a request and the answer to it.
#pragma once

#include <memory>

#include "function/abi.h"
#include "function/answer.h"
#include "function/guest_world.h"

namespace wherry::function {

class HttpSession : public Session {
 public:
  Status begin(const Event& event, http::Exchange* exchange) override;
  Outcome end(const EndOfCall& end) override;
  bool is_sent() override { return answer_.is_sent(); }
  unsigned abandon() override {
    answer_.abort();
    return answer_.status();
  }
  OutputCapture& output() override { return guest_->output(); }
  http::OutboundCall* awaited() const override { return guest_->fetches().awaited(); }
  bool renew() override;
  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind,
                                         const wasm::FuncType* type) override;
  void* host_environment() const override { return guest_->world().host_environment(); }

 protected:
  explicit HttpSession(const FunctionOptions& options) : options_(options) {}
  Status make_world(GuestWorld::Parts parts);

  const FunctionOptions& options() const { return options_; }
  // Between begin() and renew().
  const Event& event() const { return *event_; }
  const http::Request& request() const { return exchange_->request(); }

  GuestWorld& guest() { return *guest_; }
  RequestBody& body() { return body_; }
  Answer& answer() { return answer_; }

  // What is a failure by this ABI though the guest ended well; nothing if all is well.
  virtual std::optional<Outcome> failure_of_abi(const EndOfCall& end) = 0;

 private:
  std::optional<Outcome> how_it_failed(const EndOfCall& end);

  const FunctionOptions& options_;
  const Event* event_ = nullptr;
  http::Exchange* exchange_ = nullptr;
  std::unique_ptr<GuestWorld> guest_;
  RequestBody body_;
  Answer answer_;
};

}  // namespace wherry::function
