#include "host/call.h"

#include "platform/http_event.h"

namespace wherry::host {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

void answer_busy(http::Exchange& exchange, const HostedFunction& function) {
  http::Response busy =
      http::error_response(429, fmt::format("{} is busy and its queue is full", function.name()));
  busy.headers.push_back({"Retry-After", "1"});
  exchange.respond(std::move(busy));
}

}  // namespace

Call::Call(std::shared_ptr<HostedFunction> function, Code code, http::ExchangePtr exchange,
           function::Event event, CallObserver& observer)
    : function_(std::move(function)),
      exchange_(std::move(exchange)),
      event_(std::move(event)),
      activation_(event_.id),
      observer_(observer),
      code_(std::move(code)) {}

void Call::begin(std::shared_ptr<HostedFunction> function, Code code, http::ExchangePtr exchange,
                 function::Event event, CallObserver& observer) {
  auto call = std::make_shared<Call>(std::move(function), std::move(code), std::move(exchange),
                                     std::move(event), observer);
  HostedFunction& callee = *call->function_;
  switch (callee.admit(call, call->ticket_)) {
    case HostedFunction::Admission::kQueued: return;
    case HostedFunction::Admission::kFull: return answer_busy(*call->exchange_, callee);
    case HostedFunction::Admission::kNow: break;
  }
  call->is_kept_off_ = callee.is_slow();
  if (!call->is_kept_off_) return call->proceed();
  call->exchange_->post([call] { call->proceed(); }, true);
}

void Call::take_turn(HostedFunction::Ticket ticket, microseconds waited) {
  ticket_.emplace(std::move(ticket));
  in_queue_ = waited;
  if (Code now = function_->code()) code_ = std::move(now);
  is_kept_off_ = function_->is_slow();
  exchange_->post([call = shared_from_this()] { call->proceed(); }, is_kept_off_);
}

void Call::proceed() {
  std::unique_lock lock(mutex_);
  if (is_done_) return;
  if (!invocation_) {
    function_->metrics().count_begun();
    invocation_ = code_->begin(std::move(event_), exchange_,
                               [call = shared_from_this()] { call->proceed(); });
  }
  if (!has_waited_) {
    has_waited_ = invocation_->run() == function::Invocation::Progress::kWaiting;
    if (has_waited_) {
      lock.unlock();
      return function_->note_waiting();
    }
  } else {
    Clock::time_point began = Clock::now();
    auto progress = invocation_->run();
    on_thread_ += duration_cast<microseconds>(Clock::now() - began);
    if (progress == function::Invocation::Progress::kWaiting) return;
  }
  function::Outcome outcome = invocation_->take_outcome();
  is_done_ = true;
  invocation_.reset();  // and with it the way back to this call
  lock.unlock();
  finish(std::move(outcome));
}

void Call::finish(function::Outcome outcome) {
  if (!has_waited_) on_thread_ = outcome.duration;
  unsigned status = answer(outcome);
  function_->metrics().count_ended(outcome);
  function_->note({outcome.duration, on_thread_, outcome.cpu, is_kept_off_});
  observer_.ended({*function_, activation_, exchange_->request(), outcome, status, in_queue_});
  ticket_.reset();
}

// The status that went out, or was meant to.
unsigned Call::answer(function::Outcome& outcome) {
  if (outcome.status != 0) return outcome.status;  // by the function itself
  if (outcome.kind == function::OutcomeKind::kClientGone) {
    exchange_->abort();
    return 0;
  }
  http::Response response = platform::response_of(outcome);
  unsigned status = response.status;
  response.headers.push_back({kActivationHeader, activation_});
  exchange_->respond(std::move(response));
  return status;
}

}  // namespace wherry::host
