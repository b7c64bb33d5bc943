#include "outbound/call_state.h"

#include <algorithm>
#include <cstring>

namespace wherry::outbound {

namespace {

// Of a body, held for a reader that has yet to come; the server is held up beyond.
constexpr size_t kFullBytes = 64 * 1024;

}  // namespace

CallState::State CallState::head() {
  std::lock_guard lock(mutex_);
  if (has_head_) return State::kReady;
  if (has_failed_) return State::kFailed;
  is_waiting_ = true;
  return State::kWait;
}

http::OutboundCall::Read CallState::read(std::span<uint8_t> into, bool& has_room) {
  std::lock_guard lock(mutex_);
  size_t size = std::min(into.size(), body_.size() - taken_);
  if (size > 0) {
    std::memcpy(into.data(), body_.data() + taken_, size);
    taken_ += size;
    if (taken_ == body_.size()) {
      body_.clear();
      taken_ = 0;
    }
    has_room = is_full_ && body_.size() - taken_ < kFullBytes / 2;
    if (has_room) is_full_ = false;
    return {State::kReady, size};
  }
  if (taken_ < body_.size()) return {State::kReady, 0};  // there was no room to put it
  if (has_failed_) return {State::kFailed};
  if (has_ended_) return {State::kEnd};
  is_waiting_ = true;
  return {State::kWait};
}

void CallState::wake(std::function<void()> again) {
  {
    std::lock_guard lock(mutex_);
    if (is_waiting_) {
      again_ = std::move(again);
      return;
    }
  }
  again();
}

void CallState::abandon() {
  std::function<void()> dropped;
  std::lock_guard lock(mutex_);
  dropped.swap(again_);
}

void CallState::tell(std::unique_lock<std::mutex> lock) {
  is_waiting_ = false;
  std::function<void()> again = std::exchange(again_, nullptr);
  lock.unlock();
  if (again) again();
}

void CallState::deliver_head(http::Response response) {
  std::unique_lock lock(mutex_);
  response_ = std::move(response);
  has_head_ = true;
  tell(std::move(lock));
}

bool CallState::deliver(std::string_view data) {
  std::unique_lock lock(mutex_);
  if (taken_ > 0) {
    body_.erase(0, taken_);
    taken_ = 0;
  }
  body_ += data;
  bool is_full = is_full_ = body_.size() >= kFullBytes;
  tell(std::move(lock));
  return !is_full;
}

void CallState::end() {
  std::unique_lock lock(mutex_);
  has_ended_ = true;
  tell(std::move(lock));
}

void CallState::fail(http::OutboundError error) {
  std::unique_lock lock(mutex_);
  if (has_ended_ || has_failed_) return;
  error_ = std::move(error);
  has_failed_ = true;
  tell(std::move(lock));
}

}  // namespace wherry::outbound
