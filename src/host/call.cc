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

Call::Call(Target target, http::ExchangePtr exchange, CallObserver& observer)
    : target_(std::move(target)), exchange_(std::move(exchange)), observer_(observer) {}

void Call::begin() {
  switch (target_.function->admit(shared_from_this(), ticket_)) {
    case HostedFunction::Admission::kQueued: return;
    case HostedFunction::Admission::kFull: return answer_busy(*exchange_, *target_.function);
    case HostedFunction::Admission::kNow: break;
  }
  is_kept_off_ = target_.function->is_slow();
  if (!is_kept_off_) return proceed();
  exchange_->post([call = shared_from_this()] { call->proceed(); }, true);
}

void Call::take_turn(HostedFunction::Ticket ticket, microseconds waited) {
  ticket_.emplace(std::move(ticket));
  in_queue_ = waited;
  if (Code now = target_.function->code()) target_.code = std::move(now);
  is_kept_off_ = target_.function->is_slow();
  exchange_->post([call = shared_from_this()] { call->proceed(); }, is_kept_off_);
}

void Call::proceed() {
  using Progress = function::Invocation::Progress;
  if (!invocation_) {
    target_.function->metrics().count_begun();
    invocation_ = target_.code->begin(event_, exchange_, *this);
    // Where it waits, what may change is the next step's from now on.
    if (invocation_->run() == Progress::kWaiting) return target_.function->note_waiting();
    return finish(invocation_->outcome().duration);
  }
  const Clock::time_point began = Clock::now();
  const Progress progress = invocation_->run();
  later_us_ += duration_cast<microseconds>(Clock::now() - began).count();
  if (progress == Progress::kWaiting) return;
  finish(microseconds(later_us_));
}

std::function<void()> Call::resumer() {
  return [call = shared_from_this()] { call->proceed(); };
}

void Call::finish(microseconds on_thread) {
  const std::unique_ptr<function::Invocation> ended = std::move(invocation_);
  function::Outcome& outcome = ended->outcome();
  unsigned status = answer(outcome);
  target_.function->metrics().count_ended(outcome);
  target_.function->note({outcome.duration, on_thread, outcome.cpu, is_kept_off_});
  observer_.ended({*target_.function, event_.id, exchange_->request(), outcome, status, in_queue_});
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
  response.headers.push_back({kActivationHeader, event_.id});
  exchange_->respond(std::move(response));
  return status;
}

}  // namespace wherry::host
