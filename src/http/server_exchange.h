// What the server gives its handler for a request, between two parties: whoever has the
// ExchangePtr, on any thread, and the connection, on its loop's thread. A mutex guards what they
// share; neither calls the other while holding it.
//
// The connection is told (Loop::Owner::go_on) when there is something to take. Within a handler's
// call on the loop it is not: it looks when that is over.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "http/exchange.h"
#include "http/loop.h"

namespace wherry::http {

// So much may wait in each direction before the other side is held up.
inline constexpr size_t kHighWaterBytes = 256 * 1024;

class ServerExchange final : public Exchange, public std::enable_shared_from_this<ServerExchange> {
 public:
  explicit ServerExchange(std::shared_ptr<Loop> loop) : loop_(std::move(loop)) {}
  ~ServerExchange() override = default;

  const Request& request() const override { return request_; }
  bool body_is_streamed() const override { return is_streamed_; }
  Read read_body(std::span<uint8_t> into) override;
  void respond(Response response) override;
  void start(Response head, std::optional<uint64_t> length) override;
  State write(Bytes bytes) override;
  void flush() override;
  void finish() override;
  void abort() override;
  void wake(std::function<void()> again) override;
  void post(std::function<void()> work, bool may_be_slow) override;

  // The rest is the connection's, on the loop's thread.

  // Before it is handed out: the parser fills it.
  Request& mutable_request() { return request_; }
  // Hands it out; the last copy that goes without an answer makes it a 500. The next that happens
  // is a call by the loop.
  ExchangePtr hand_out(Loop::Owner* owner, bool is_streamed);
  // The call is over: go_on() is called from now on. take() says it, too.
  void end_call();
  void fail(std::string_view why);

  // Of the request's body. Bytes wait until they are read.
  void push_body(std::string_view bytes);
  void end_body();
  // If not, the owner is told when there is.
  bool has_room_for_body();

  struct Taken {
    // `head` and `bytes` are the answer, which has `length` even if its bytes are not sent.
    bool has_whole = false;
    bool has_head = false;  // `head` begins one, of `length` if that is known
    bool is_finished = false;
    bool is_aborted = false;
    std::optional<uint64_t> length;
    Response head;
    std::string bytes;
  };
  // What there is of an answer and may go out: all with `even_held_back`.
  Taken take(bool even_held_back);
  bool is_holding_back();

  // Nothing more is read or written by the client; no go_on() any more.
  void break_off();
  // The answer is complete. No go_on() any more. True if nobody has it: it may be used again.
  bool detach();
  void reset();

 private:
  using Lock = std::unique_lock<std::mutex>;
  void notify(Lock& lock);
  void try_again(Lock& lock);
  void dropped();
  void run(const std::function<void()>& work);
  void run_guarded(const std::function<void()>& work);
  bool can_write() const { return is_started_ && !is_finished_ && !is_aborted_ && !is_broken_; }

  const std::shared_ptr<Loop> loop_;
  Request request_;
  bool is_streamed_ = false;
  Loop::Owner* owner_ = nullptr;  // of the loop's thread

  std::mutex mutex_;  // for everything below
  bool is_in_call_ = false;
  bool is_notified_ = false;
  bool is_handed_out_ = false;
  bool is_broken_ = false;
  std::function<void()> again_;
  bool read_waits_ = false, write_waits_ = false;

  std::string body_;  // from body_at_ on it is still to be read
  size_t body_at_ = 0;
  bool body_is_complete_ = false, body_is_held_up_ = false;

  bool is_whole_ = false;    // respond()
  bool is_started_ = false;  // start()
  bool is_head_taken_ = false;
  bool is_finished_ = false, is_aborted_ = false;
  bool may_go_out_ = false;  // is not held back
  bool has_no_body_ = false;
  Response head_;
  std::optional<uint64_t> length_;
  uint64_t written_ = 0;
  std::string out_;
};

}  // namespace wherry::http
