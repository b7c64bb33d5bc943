// An exchange that a test drives: it says when more of the request is there and when there is room
// for more of the answer, and sees what was done.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "http/exchange.h"

namespace wherry::test {

// What is posted or woken waits in `due` for the test, which may take it on any thread.
class TestExchange final : public http::Exchange {
 public:
  explicit TestExchange(http::Request request) : request_(std::move(request)) {}
  // A streamed body, of which nothing is there yet.
  static std::shared_ptr<TestExchange> streamed(http::Request request) {
    auto exchange = std::make_shared<TestExchange>(std::move(request));
    exchange->is_streamed_ = true;
    return exchange;
  }

  // The client's side.
  void send(std::string piece) {
    std::lock_guard lock(mutex_);
    pieces_.push_back(std::move(piece));
    notify();
  }
  void end_body() {
    std::lock_guard lock(mutex_);
    body_ended_ = true;
    notify();
  }
  void break_off() {
    std::lock_guard lock(mutex_);
    is_broken_ = true;
    notify();
  }
  void make_room(size_t bytes) {
    std::lock_guard lock(mutex_);
    room_ += bytes;
    notify();
  }
  void limit_room() { room_ = 0; }

  // Waits until there is something to be done for the guest, and takes it.
  std::function<void()> take_due() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !due_.empty(); });
    auto work = std::move(due_.front());
    due_.pop_front();
    return work;
  }
  bool has_due() {
    std::lock_guard lock(mutex_);
    return !due_.empty();
  }

  // What was answered.
  http::Response head;  // with the body if it came in one piece
  std::string body;
  std::optional<uint64_t> length;
  bool was_responded = false, was_started = false, was_finished = false, was_aborted = false;
  std::vector<size_t> flushed_at;  // the body's length then
  size_t pieces_written = 0;

  std::string header(std::string_view name) const {
    std::string found;
    for (const http::Header& header : head.headers) {
      if (header.name == name) found += (found.empty() ? "" : "|") + header.value;
    }
    return found;
  }

  const http::Request& request() const override { return request_; }
  bool body_is_streamed() const override { return is_streamed_; }

  Read read_body(std::span<uint8_t> into) override {
    std::lock_guard lock(mutex_);
    if (is_broken_) return {State::kBroken, 0};
    if (pieces_.empty()) return {body_ended_ ? State::kEnd : State::kWait, 0};
    const size_t count = pieces_.front().copy(reinterpret_cast<char*>(into.data()), into.size());
    pieces_.front().erase(0, count);
    if (pieces_.front().empty()) pieces_.pop_front();
    return {State::kReady, count};
  }
  void respond(http::Response response) override {
    body = response.body;
    head = std::move(response);
    was_responded = true;
  }
  void start(http::Response response, std::optional<uint64_t> said) override {
    head = std::move(response);
    length = said;
    was_started = true;
  }
  State write(Bytes bytes) override {
    std::lock_guard lock(mutex_);
    if (is_broken_) return State::kBroken;
    if (bytes.size() > room_) return State::kWait;
    if (room_ != SIZE_MAX) room_ -= bytes.size();
    body.append(as_text(bytes));
    pieces_written++;
    return State::kReady;
  }
  void flush() override { flushed_at.push_back(body.size()); }
  void finish() override { was_finished = true; }
  void abort() override { was_aborted = true; }

  void wake(std::function<void()> again) override {
    std::lock_guard lock(mutex_);
    again_ = std::move(again);
  }
  void post(std::function<void()> work, bool) override {
    std::lock_guard lock(mutex_);
    due_.push_back(std::move(work));
    changed_.notify_all();
  }

 private:
  void notify() {
    if (again_) due_.push_back(std::exchange(again_, nullptr));
    changed_.notify_all();
  }

  const http::Request request_;
  bool is_streamed_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> pieces_;
  bool body_ended_ = false, is_broken_ = false;
  size_t room_ = SIZE_MAX;
  std::function<void()> again_;
  std::deque<std::function<void()>> due_;
};

}  // namespace wherry::test
