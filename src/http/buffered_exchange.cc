#include "http/buffered_exchange.h"

#include <algorithm>

namespace wherry::http {

void BufferedExchange::respond(Response response) {
  if (is_started_ || outcome_ != Outcome::kOpen) return;
  response_ = std::move(response);
  outcome_ = response_.body.size() > limit_bytes_ ? Outcome::kTooLarge : Outcome::kComplete;
  if (outcome_ == Outcome::kTooLarge) response_.body.clear();
}

void BufferedExchange::start(Response head, std::optional<uint64_t> length) {
  if (is_started_ || outcome_ != Outcome::kOpen) return;
  is_started_ = true;
  length_ = length;
  response_ = std::move(head);
  response_.body.clear();
}

Exchange::State BufferedExchange::write(Bytes bytes) {
  if (!is_started_ || outcome_ != Outcome::kOpen) return State::kBroken;
  written_ += bytes.size();
  uint64_t room = length_.value_or(UINT64_MAX) - response_.body.size();
  bytes = bytes.first(std::min<uint64_t>(room, bytes.size()));
  if (bytes.size() > limit_bytes_ - response_.body.size()) {
    outcome_ = Outcome::kTooLarge;
    return State::kBroken;
  }
  response_.body += as_text(bytes);
  return State::kReady;
}

void BufferedExchange::finish() {
  if (!is_started_ || outcome_ != Outcome::kOpen) return;
  bool is_short = length_ && written_ < *length_ && request_.method != "HEAD" &&
                  status_has_body(response_.status);
  outcome_ = is_short ? Outcome::kAborted : Outcome::kComplete;
}

void BufferedExchange::abort() {
  if (outcome_ == Outcome::kOpen) outcome_ = Outcome::kAborted;
}

}  // namespace wherry::http
