// An exchange in memory: a request that is already there, and an answer that is collected. For
// tests, the command line, and whoever has to wait for a function anyway.
//
// It never says kWait, so wake() has nothing to wait for: it and post() run their work at once, on
// the calling thread. One thread at a time.
#pragma once

#include "http/exchange.h"

namespace wherry::http {

class BufferedExchange final : public Exchange {
 public:
  // An answer's body beyond the limit breaks the exchange off, as a client that is gone does.
  explicit BufferedExchange(Request request, uint64_t limit_bytes = UINT64_MAX)
      : request_(std::move(request)), limit_bytes_(limit_bytes) {}

  enum class Outcome : uint8_t {
    kOpen,      // no answer yet, or not all of it
    kComplete,  // response() is the answer
    kAborted,   // by abort(), or less was written than announced
    kTooLarge,
  };
  Outcome outcome() const { return outcome_; }
  // What there is of the answer.
  const Response& response() const { return response_; }
  Response take_response() { return std::move(response_); }

  const Request& request() const override { return request_; }
  bool body_is_streamed() const override { return false; }
  Read read_body(std::span<uint8_t>) override { return {State::kEnd, 0}; }
  void respond(Response response) override;
  void start(Response head, std::optional<uint64_t> length) override;
  State write(Bytes bytes) override;
  void flush() override {}
  void finish() override;
  void abort() override;
  void wake(std::function<void()> again) override { again(); }
  void post(std::function<void()> work, bool) override { work(); }

 private:
  const Request request_;
  const uint64_t limit_bytes_;
  Outcome outcome_ = Outcome::kOpen;
  bool is_started_ = false;
  std::optional<uint64_t> length_;
  uint64_t written_ = 0;
  Response response_;
};

}  // namespace wherry::http
