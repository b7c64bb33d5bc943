// One connection to a server: a call at a time, HTTP/1.1 (RFC 9112), then idle until the next.
//
// What servers may do wrong ends the call with an error and the connection with it; nothing that
// came after an answer is taken for the beginning of another.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "http/body_decoder.h"
#include "http/head_parser.h"
#include "outbound/call_state.h"
#include "outbound/poller.h"
#include "outbound/stream.h"

namespace wherry::outbound {

class Connection;
using ConnectionPtr = std::shared_ptr<Connection>;
using CallPtr = std::shared_ptr<CallState>;

struct ConnectionOptions {
  std::chrono::milliseconds first_byte_timeout{30'000};
  std::chrono::milliseconds between_bytes_timeout{30'000};  // of requests, too
  std::chrono::milliseconds idle_timeout{30'000};
  size_t head_limit_bytes = 64 * 1024;  // all heads of one answer together
};

// What connections need of whoever has them; outlives them.
class ConnectionOwner {
 public:
  virtual Poller& poller() = 0;
  virtual const ConnectionOptions& connection_options() const = 0;
  // For what is read until it is dealt with; one for all, since it is one thread.
  virtual std::span<char> buffer() = 0;
  // The connection may be used again.
  virtual void on_idle(const ConnectionPtr& connection) = 0;
  // It may not, although on_idle() was called before.
  virtual void on_gone(const ConnectionPtr& connection) = 0;
  virtual void on_call_over(const CallPtr& call) = 0;
  // A used connection turned out to be dead, and the call can do no harm on a new one.
  virtual void on_send_again(const CallPtr& call) = 0;

 protected:
  ~ConnectionOwner() = default;
};

// For the poller's thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `place`: which calls it is good for (Hub).
  Connection(ConnectionOwner& owner, std::string place, std::unique_ptr<Stream> stream);
  Connection(const Connection&) = delete;

  const std::string& place() const { return place_; }
  // The connection must be new or idle.
  void run(CallPtr call);
  // Whether the other side has neither closed the idle connection nor sent anything.
  bool is_quiet();
  // Without a word to the call, if there is one.
  void close();

 private:
  void watch();
  void on_events();
  void write_more();
  void read_more();
  void go_on_soon();
  void feed(std::string_view data);
  bool take_head();
  void decode(std::string_view data);
  bool begin_body();
  void on_stream_end(const Io& io);
  void finish(bool is_clean);
  void fail(http::OutboundFailure failure, std::string message);
  void release_call();
  void become_idle();
  void on_timer();
  std::chrono::milliseconds timeout() const;

  ConnectionOwner& owner_;
  const std::string place_;
  std::unique_ptr<Stream> stream_;  // null: closed
  CallPtr call_;                    // null: idle
  bool was_used_ = false;           // for another call before
  Poller::Timer timer_;
  Poller::Time last_progress_;

  std::string request_;  // as it is sent
  size_t sent_ = 0;
  bool cannot_send_ = false;
  uint32_t watched_ = 0;  // what the poller was told
  uint32_t read_waits_for_ = EPOLLIN, write_waits_for_ = EPOLLOUT;
  bool is_held_up_ = false;    // nobody reads the body
  bool goes_on_soon_ = false;  // on_events() is posted

  bool has_received_ = false;
  std::string head_;
  size_t interim_bytes_ = 0;  // of 1xx heads
  bool has_head_ = false;
  http::Response response_;
  http::ResponseHeadParser parser_;
  http::BodyDecoder decoder_;
  bool ends_by_close_ = false;
};

// The head as it is sent: Host, Content-Length where there is a body or one is expected, the call's
// own headers.
std::string request_text(const http::OutboundRequest& request);

}  // namespace wherry::outbound
