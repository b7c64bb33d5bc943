// An answer on its way from a guest to an exchange, for cgi and handler.
//
// A small one is held back and sent in one piece, with its length, when the guest has ended. What
// does not fit is streamed, with the client's pace as the guest's. Calls that say kWait are made
// again with the same bytes, and go on where they were.
#pragma once

#include <optional>
#include <string>

#include "http/exchange.h"

namespace wherry::function {

class Answer {
 public:
  static constexpr size_t kHeldBytes = 64 * 1024;

  // For another invocation. The exchange may be null: then nothing is ever written.
  void renew(http::Exchange* exchange, uint64_t limit_bytes);

  // Until it is_started(): what the head will be. A Content-Length is kept apart.
  http::Response& head() { return head_; }
  void set_length(uint64_t length) { length_ = length; }

  bool is_started() const { return started_; }
  bool is_client_gone() const { return client_gone_; }
  bool is_over_limit() const { return over_limit_; }
  bool has_held() const { return !started_ && !head_.body.empty(); }
  unsigned status() const { return started_ || ended_ ? head_.status : 0; }

  enum class Taken : uint8_t {
    kAll,
    kWait,    // Exchange::wake() tells when to call again
    kGone,    // the client is
    kTooMuch  // more than the limit, or than the length that the head says
  };
  Taken write(Bytes bytes);
  // Begins the answer if it is not, and sends what is held back.
  Taken flush();

  // Whether nothing waits to be sent of what was written, but for what is held back.
  bool is_sent() { return !started_ || client_gone_ || start() != Taken::kWait; }

  // The guest has ended well: whether the answer is complete. Its length may not be what was said.
  bool finish();
  // It has not: a client that has seen the beginning is told that there is no end.
  void abort();

 private:
  static constexpr size_t kPieceBytes = 64 * 1024;
  Taken send(Bytes bytes);  // all or nothing
  Taken start();
  Taken gone();
  // An answer to HEAD, or "not modified": its length is that of another answer's body.
  bool tells_of_another() const;

  http::Exchange* exchange_ = nullptr;
  http::Response head_;  // its body is what is held back
  std::optional<uint64_t> length_;
  uint64_t limit_bytes_ = 0;
  uint64_t body_bytes_ = 0;  // of all writes that are complete
  size_t taken_bytes_ = 0;   // of the write under way
  bool started_ = false;
  bool ended_ = false;
  bool client_gone_ = false;
  bool over_limit_ = false;
};

// A request's body, whole or streamed.
class RequestBody {
 public:
  void renew(http::Exchange* exchange);
  http::Exchange::Read read(std::span<uint8_t> into);
  // What is to come from the start on: nothing if it is not known.
  std::optional<uint64_t> length() const;
  bool is_client_gone() const { return client_gone_; }

 private:
  http::Exchange* exchange_ = nullptr;
  size_t position_ = 0;  // in a whole one
  bool client_gone_ = false;
};

}  // namespace wherry::function
