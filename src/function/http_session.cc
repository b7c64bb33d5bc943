#include "function/http_session.h"

namespace wherry::function {

Status HttpSession::make_world(GuestWorld::Parts parts) {
  guest_ = TRY(GuestWorld::create(options_, std::move(parts)));
  return ok_status();
}

Status HttpSession::begin(const Event& event, http::Exchange* exchange) {
  event_ = &event;
  exchange_ = exchange;
  body_.renew(exchange);
  answer_.renew(exchange, options_.limits.body_bytes);
  if (exchange) return ok_status();
  return make_error(ErrorKind::kInvalid, "the function answers HTTP requests, and this is none");
}

bool HttpSession::renew() {
  event_ = nullptr;
  exchange_ = nullptr;
  return guest_->renew();
}

std::optional<runtime::Extern> HttpSession::resolve(std::string_view module, std::string_view name,
                                                    wasm::ExternKind kind,
                                                    const wasm::FuncType* type) {
  return guest_->resolve(module, name, kind, type);
}

std::optional<Outcome> HttpSession::how_it_failed(const EndOfCall& end) {
  if (answer_.is_over_limit()) {
    return failure(
        OutcomeKind::kOutputLimit,
        fmt::format("the function was stopped because its answer is longer than {} bytes",
                    options_.limits.body_bytes));
  }
  std::optional<Outcome> failed = failure_of_abi(end);
  return failed ? std::move(failed) : failure_of(end, guest_->output());
}

Outcome HttpSession::end(const EndOfCall& end) {
  guest_->output().finish();
  guest_->output().log_last_line();
  std::optional<Outcome> failed = how_it_failed(end);
  Outcome outcome;
  if (failed) {
    answer_.abort();
    outcome = std::move(*failed);
  } else if (answer_.finish()) {
    outcome.kind = OutcomeKind::kSuccess;
  } else {
    outcome =
        failure(OutcomeKind::kNoResult, "the function's answer is shorter than its Content-Length");
  }
  if (answer_.is_client_gone() || body_.is_client_gone()) {
    outcome.kind = OutcomeKind::kClientGone;
    outcome.message = "the client was gone before the answer was complete";
  }
  outcome.status = answer_.status();
  return outcome;
}

}  // namespace wherry::function
