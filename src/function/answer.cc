#include "function/answer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "function/http_rules.h"

namespace wherry::function {

using State = http::Exchange::State;

void Answer::renew(http::Exchange* exchange, uint64_t limit_bytes) {
  exchange_ = exchange;
  head_.status = 200;
  head_.headers.clear();
  head_.body.clear();
  length_.reset();
  limit_bytes_ = limit_bytes;
  body_bytes_ = taken_bytes_ = 0;
  started_ = ended_ = client_gone_ = over_limit_ = false;
}

Answer::Taken Answer::gone() {
  client_gone_ = true;
  taken_bytes_ = 0;
  return Taken::kGone;
}

Answer::Taken Answer::send(Bytes bytes) {
  if (bytes.empty()) return Taken::kAll;
  switch (exchange_->write(bytes)) {
    case State::kReady: return Taken::kAll;
    case State::kWait: return Taken::kWait;
    default: return gone();
  }
}

// With what was held back.
Answer::Taken Answer::start() {
  if (!started_) {
    started_ = true;
    std::string held = std::exchange(head_.body, {});
    exchange_->start(head_, length_);
    head_.body = std::move(held);
  }
  const Taken taken = send(as_bytes(head_.body));
  if (taken == Taken::kAll) head_.body.clear();
  return taken;
}

Answer::Taken Answer::write(Bytes bytes) {
  if (client_gone_) return Taken::kGone;
  const uint64_t room = std::min(limit_bytes_, length_.value_or(UINT64_MAX)) - body_bytes_;
  if (bytes.size() > room) {
    over_limit_ |= bytes.size() > limit_bytes_ - body_bytes_;
    return Taken::kTooMuch;
  }
  if (!started_ && bytes.size() <= kHeldBytes - head_.body.size()) {
    head_.body.append(as_text(bytes));
    body_bytes_ += bytes.size();
    return Taken::kAll;
  }
  if (Taken taken = start(); taken != Taken::kAll) return taken;
  while (taken_bytes_ < bytes.size()) {
    Bytes piece = bytes.subspan(taken_bytes_, std::min(kPieceBytes, bytes.size() - taken_bytes_));
    if (Taken taken = send(piece); taken != Taken::kAll) return taken;
    taken_bytes_ += piece.size();
  }
  body_bytes_ += std::exchange(taken_bytes_, 0);
  return Taken::kAll;
}

Answer::Taken Answer::flush() {
  if (client_gone_) return Taken::kGone;
  if (Taken taken = start(); taken != Taken::kAll) return taken;
  exchange_->flush();
  return Taken::kAll;
}

bool Answer::tells_of_another() const {
  return length_ && body_bytes_ == 0 &&
         (head_.status == 304 || exchange_->request().method == "HEAD");
}

bool Answer::finish() {
  ended_ = true;
  if (!started_ && !tells_of_another()) {
    exchange_->respond(std::move(head_));
    return true;
  }
  if (!started_) start();
  if (client_gone_ || (length_ && body_bytes_ != *length_ && !tells_of_another())) {
    exchange_->abort();
    return false;
  }
  exchange_->finish();
  return true;
}

void Answer::abort() {
  if (started_ && !ended_) exchange_->abort();
  ended_ = started_;
}

void RequestBody::renew(http::Exchange* exchange) {
  exchange_ = exchange;
  position_ = 0;
  client_gone_ = false;
}

http::Exchange::Read RequestBody::read(std::span<uint8_t> into) {
  if (exchange_->body_is_streamed()) {
    http::Exchange::Read read = exchange_->read_body(into);
    client_gone_ |= read.state == State::kBroken;
    return read;
  }
  const std::string& body = exchange_->request().body;
  const size_t count = std::min(into.size(), body.size() - position_);
  if (count == 0) return {body.size() == position_ ? State::kEnd : State::kReady, 0};
  std::memcpy(into.data(), body.data() + position_, count);
  position_ += count;
  return {State::kReady, count};
}

std::optional<uint64_t> RequestBody::length() const {
  if (!exchange_->body_is_streamed()) return exchange_->request().body.size();
  const std::string* header = exchange_->request().find_header("content-length");
  return header ? parse_length(*header) : std::nullopt;
}

}  // namespace wherry::function
