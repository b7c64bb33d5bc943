// The functions of `wherry_1`: what a handler may ask of its request and do about its answer.
//
// The session is what they work on; docs/function-abi.md is their contract. A pointer or length out
// of the guest's memory is a trap, everything else that a guest does wrong is a negative number.
#pragma once

#include <string_view>

#include "function/http_session.h"
#include "wasi/preview1.h"

namespace wherry::function {

class HandlerSession final : public HttpSession {
 public:
  // `initialize`: the index of `_initialize`, if it is exported.
  static Result<std::unique_ptr<Session>> create(const FunctionOptions& options,
                                                 std::optional<uint32_t> initialize,
                                                 uint32_t handle);

  Status begin(const Event& event, http::Exchange* exchange) override;
  Result<std::optional<GuestCall>> next(runtime::Instance& instance,
                                        const std::vector<runtime::Value>* results) override;
  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind,
                                         const wasm::FuncType* type) override;

  // For the functions.
  using HttpSession::answer;
  using HttpSession::body;
  using HttpSession::event;
  using HttpSession::output;
  using HttpSession::request;
  // Counts what the head holds already.
  bool has_room_in_head(size_t bytes);

 protected:
  std::optional<Outcome> failure_of_abi(const EndOfCall& end) override;

 private:
  HandlerSession(const FunctionOptions& options, std::optional<uint32_t> initialize,
                 uint32_t handle)
      : HttpSession(options), initialize_(initialize), handle_(handle) {}

  std::optional<KeptFunction> initialize_;
  KeptFunction handle_;
  unsigned calls_made_ = 0;
  size_t head_bytes_ = 0;
};

// Their names, types and implementations; null if there is none of that name.
const wasi::Preview1Function* find_handler_function(std::string_view name);

}  // namespace wherry::function
