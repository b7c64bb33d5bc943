#include "http/server_exchange.h"

#include <algorithm>
#include <utility>

#include "base/result.h"

namespace wherry::http {

namespace {

// So much of an answer is held back at most.
constexpr size_t kSendBytes = 64 * 1024;
// Memory that a request may keep for the next one of its connection.
constexpr size_t kKeptBytes = 16 * 1024;

}  // namespace

// Tells the connection that there is something to do. Releases the lock.
void ServerExchange::notify(Lock& lock) {
  if (is_notified_ || is_in_call_) return lock.unlock();
  is_notified_ = true;
  lock.unlock();
  loop_->events().post([self = shared_from_this()] {
    {
      std::lock_guard guard(self->mutex_);
      self->is_notified_ = false;
    }
    if (self->owner_ != nullptr) self->owner_->go_on();
  });
}

// What was waited for is there. Releases the lock.
void ServerExchange::try_again(Lock& lock) {
  read_waits_ = write_waits_ = false;
  std::function<void()> again = std::exchange(again_, nullptr);
  lock.unlock();
  if (!again) return;
  loop_->events().post([self = shared_from_this(), again = std::move(again)] { self->run(again); });
}

// On the loop's thread, until `work` has been displaced.
void ServerExchange::run(const std::function<void()>& work) {
  Loop::Owner* owner = owner_;
  if (owner != nullptr) {
    std::lock_guard lock(mutex_);
    is_in_call_ = true;
  }
  if (!loop_->call(owner, [&] { run_guarded(work); })) return;
  if (owner != nullptr) owner->go_on();
}

void ServerExchange::run_guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {  // out of memory, say: ends the request, not the server
    fail(error.what());
  }
}

void ServerExchange::post(std::function<void()> work, bool may_be_slow) {
  if (may_be_slow) {
    work = [self = shared_from_this(), work = std::move(work)] { self->run_guarded(work); };
    if (loop_->slow_pool().post(work)) return;
  }
  loop_->events().post([self = shared_from_this(), work = std::move(work)] { self->run(work); });
}

void ServerExchange::wake(std::function<void()> again) {
  Lock lock(mutex_);
  again_ = std::move(again);
  if (is_broken_ || (!read_waits_ && !write_waits_)) return try_again(lock);
  may_go_out_ = true;
  if (is_started_ && !out_.empty()) notify(lock);
}

void ServerExchange::fail(std::string_view why) {
  loop_->log().event("handler failed",
                     {{"path", std::string(request_.path())}, {"why", std::string(why)}});
  // Either is without effect where it comes too late.
  respond(error_response(500, "internal error"));
  abort();
}

void ServerExchange::dropped() {
  bool is_answered;
  {
    std::lock_guard lock(mutex_);
    is_handed_out_ = false;
    is_answered = is_whole_ || is_finished_ || is_aborted_ || is_broken_;
  }
  if (!is_answered) fail("the request was dropped without an answer");
}

ExchangePtr ServerExchange::hand_out(Loop::Owner* owner, bool is_streamed) {
  owner_ = owner;
  is_streamed_ = is_streamed;
  std::lock_guard lock(mutex_);
  is_in_call_ = is_handed_out_ = true;
  has_no_body_ = request_.method == "HEAD";
  return ExchangePtr(this, [self = shared_from_this()](Exchange*) { self->dropped(); });
}

void ServerExchange::end_call() {
  std::lock_guard lock(mutex_);
  is_in_call_ = false;
}

Exchange::Read ServerExchange::read_body(std::span<uint8_t> into) {
  Lock lock(mutex_);
  if (is_broken_) return {State::kBroken, 0};
  size_t size = std::min(into.size(), body_.size() - body_at_);
  if (size == 0) {
    if (body_is_complete_ || !is_streamed_) return {State::kEnd, 0};
    read_waits_ = true;
    return {State::kWait, 0};
  }
  std::memcpy(into.data(), body_.data() + body_at_, size);
  body_at_ += size;
  if (body_at_ == body_.size()) {
    body_.clear();
    body_at_ = 0;
  }
  if (body_is_held_up_ && body_.size() - body_at_ < kHighWaterBytes / 2) {
    body_is_held_up_ = false;
    notify(lock);
  }
  return {State::kReady, size};
}

void ServerExchange::push_body(std::string_view bytes) {
  Lock lock(mutex_);
  if (body_at_ > kHighWaterBytes) {
    body_.erase(0, body_at_);
    body_at_ = 0;
  }
  body_ += bytes;
  if (read_waits_) try_again(lock);
}

void ServerExchange::end_body() {
  Lock lock(mutex_);
  body_is_complete_ = true;
  if (read_waits_) try_again(lock);
}

bool ServerExchange::has_room_for_body() {
  std::lock_guard lock(mutex_);
  body_is_held_up_ = body_.size() - body_at_ >= kHighWaterBytes;
  return !body_is_held_up_;
}

void ServerExchange::respond(Response response) {
  bool is_valid = response.status >= 200 && response.status <= 999;
  if (!is_valid) {
    loop_->log().event("bad status", {{"path", std::string(request_.path())},
                                      {"status", std::to_string(response.status)}});
    response = error_response(500, "internal error");
  }
  Lock lock(mutex_);
  if (is_whole_ || is_started_ || is_aborted_ || is_broken_) return;
  is_whole_ = true;
  head_ = std::move(response);
  notify(lock);
}

void ServerExchange::start(Response head, std::optional<uint64_t> length) {
  if (head.status < 200 || head.status > 999) return respond(std::move(head));
  Lock lock(mutex_);
  if (is_whole_ || is_started_ || is_aborted_ || is_broken_) return;
  is_started_ = true;
  head.body.clear();
  has_no_body_ = has_no_body_ || !status_has_body(head.status);
  head_ = std::move(head);
  length_ = length;
}

Exchange::State ServerExchange::write(Bytes bytes) {
  Lock lock(mutex_);
  if (!can_write()) return State::kBroken;
  if (out_.size() >= kHighWaterBytes) {
    write_waits_ = true;
    return State::kWait;
  }
  // What is beyond the length has no place in the answer; finish() says so.
  uint64_t room = length_ ? *length_ - std::min(written_, *length_) : UINT64_MAX;
  written_ += bytes.size();
  if (has_no_body_) return State::kReady;
  out_ += as_text(bytes.first(std::min<uint64_t>(room, bytes.size())));
  if (out_.size() >= kSendBytes) {
    may_go_out_ = true;
    notify(lock);
  }
  return State::kReady;
}

void ServerExchange::flush() {
  Lock lock(mutex_);
  if (!can_write()) return;
  may_go_out_ = true;
  notify(lock);
}

void ServerExchange::finish() {
  Lock lock(mutex_);
  if (!can_write()) return;
  bool is_off = length_ && written_ != *length_ && !has_no_body_;
  // Too much has been cut; too little cannot be mended.
  if (is_off && written_ < *length_) {
    is_aborted_ = true;
  } else {
    is_finished_ = true;
  }
  uint64_t written = written_;
  notify(lock);
  if (!is_off) return;
  loop_->log().event("wrong length", {{"path", std::string(request_.path())},
                                      {"length", std::to_string(*length_)},
                                      {"written", std::to_string(written)}});
}

void ServerExchange::abort() {
  Lock lock(mutex_);
  if (is_whole_ || is_finished_ || is_aborted_ || is_broken_) return;
  is_aborted_ = true;
  notify(lock);
}

ServerExchange::Taken ServerExchange::take(bool even_held_back) {
  Taken taken;
  Lock lock(mutex_);
  is_in_call_ = false;
  taken.is_aborted = is_aborted_;
  if (is_whole_) {
    taken.has_whole = true;
    taken.head = std::move(head_);
    return taken;
  }
  if (!is_started_) return taken;
  if (!is_finished_ && !is_aborted_ && !may_go_out_ && !even_held_back) return taken;
  may_go_out_ = false;
  taken.is_finished = is_finished_;
  taken.length = length_;
  if (!is_head_taken_) {
    is_head_taken_ = true;
    taken.has_head = true;
    taken.head = std::move(head_);
    taken.has_whole = is_finished_;
    if (is_finished_ && !length_) taken.length = written_;
  }
  taken.bytes = std::move(out_);
  out_.clear();
  if (write_waits_) try_again(lock);
  return taken;
}

bool ServerExchange::is_holding_back() {
  std::lock_guard lock(mutex_);
  return is_started_ && !is_finished_ && !is_aborted_ && (!is_head_taken_ || !out_.empty());
}

void ServerExchange::break_off() {
  owner_ = nullptr;
  Lock lock(mutex_);
  is_broken_ = true;
  body_.clear();
  body_at_ = 0;
  try_again(lock);
}

bool ServerExchange::detach() {
  owner_ = nullptr;
  std::lock_guard lock(mutex_);
  return !is_handed_out_ && !is_notified_;
}

void ServerExchange::reset() {
  if (request_.body.capacity() > kKeptBytes) request_.body = std::string();
  request_.body.clear();
  std::lock_guard lock(mutex_);
  is_in_call_ = is_notified_ = is_handed_out_ = is_broken_ = false;
  again_ = nullptr;
  read_waits_ = write_waits_ = false;
  body_ = std::string();
  body_at_ = 0;
  body_is_complete_ = body_is_held_up_ = false;
  is_whole_ = is_started_ = is_head_taken_ = is_finished_ = is_aborted_ = false;
  may_go_out_ = has_no_body_ = false;
  head_ = Response();
  length_.reset();
  written_ = 0;
  out_ = std::string();
}

}  // namespace wherry::http
