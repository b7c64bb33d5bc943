// One client's connection: reads requests, has them handled, writes the answers, in that order and
// one at a time; pipelined requests wait in the input, and small answers to them go out together.
//
// Everything here runs on the loop's thread. What may still happen is in `phase_`; advance() does
// all that can be done now and then waits for the socket, the exchange or the tick.
#pragma once

#include <memory>
#include <string>

#include "http/body_decoder.h"
#include "http/head_parser.h"
#include "http/input_buffer.h"
#include "http/loop.h"
#include "http/server.h"
#include "http/server_exchange.h"

namespace wherry::http {

// What connections need of their server. One a loop; of the loop's thread.
class ConnectionHost {
 public:
  virtual const ServerOptions& options() const = 0;
  virtual const Handlers& handlers() const = 0;
  virtual const std::shared_ptr<Loop>& loop() const = 0;
  virtual bool is_draining() const = 0;
  // It has closed itself.
  virtual void remove(size_t index) = 0;

 protected:
  ~ConnectionHost() = default;
};

class Connection final : public SocketEvents,
                         public Loop::Owner,
                         public RoundEnd,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(ConnectionHost& host, FileDescriptor socket, std::string client_ip);
  ~Connection() = default;

  // Its place among the host's connections.
  size_t index = 0;

  void start();
  // Now and then: looks at the time.
  void tick(uint64_t now_ms);
  // The server stops: ends, at once or after what has been received and arrives within `grace_ms`.
  void begin_drain(uint64_t grace_ms);
  void close();

  void on_read(int error, size_t bytes) override;
  void on_writable() override;
  void go_on() override;
  void on_round_end() override;

 private:
  enum class Phase : uint8_t {
    kHead,       // waits for, or is in, a request's head
    kBody,       // collects its body in memory
    kCall,       // is about to call the handler
    kHandling,   // the handler was called; the answer is not complete
    kAnswered,   // the answer is complete, in out_
    kLingering,  // reads what the client still sends, so that the answer is not lost to a reset
    kClosed,
  };

  void advance();
  bool step();
  bool step_head();
  bool step_body();
  bool step_call();
  bool step_handling();
  bool step_answered();
  bool step_lingering();

  bool take_head();
  bool send_continue();
  bool take_body_piece();
  bool refuse_body(BodyDecoder::Outcome outcome);
  bool pump_body();
  bool watch_client();
  bool take_answer();
  void begin_stream(const Response& head, std::optional<uint64_t> length);
  void append_piece(std::string_view bytes);
  void queue_response(Response response, std::optional<uint64_t> length);
  void cut_off();
  bool refuse(unsigned status, std::string why);
  bool broken_request(unsigned status, std::string why);
  void next_request();

  bool read_more(size_t size_bytes);
  bool flush();
  bool flush_later();
  ssize_t send_some();
  bool more_was_sent() const;
  void settle_keep_alive(const Response& response);
  void wait_until(std::chrono::milliseconds from_now);
  void on_timeout();
  void abandon_exchange();

  ConnectionHost& host_;
  const std::shared_ptr<Loop> loop_;
  Socket socket_;
  const std::string client_ip_;
  Phase phase_ = Phase::kHead;
  uint64_t deadline_ms_ = 0;        // of what the phase waits for; 0: none
  uint64_t write_deadline_ms_ = 0;  // while is_write_blocked_, beside it

  InputBuffer input_;
  bool is_reading_ = false, has_ended_ = false;
  RequestHeadParser parser_;
  bool is_in_head_ = false;  // its first byte has come
  BodyDecoder body_;
  uint64_t stream_above_ = 0;
  bool is_streamed_ = false, body_is_complete_ = false;
  bool keep_alive_ = true;

  std::shared_ptr<ServerExchange> exchange_;
  bool is_stream_begun_ = false, is_chunked_ = false, ends_by_closing_ = false, is_head_ = false;
  bool is_held_back_too_long_ = false;
  bool flushes_later_ = false;

  std::string out_, out_body_;  // to be sent, in this order
  size_t sent_ = 0;
  bool is_write_blocked_ = false;
  bool lingers_ = false;
  size_t lingered_bytes_ = 0;
};

// Milliseconds since some start; a few of them late.
uint64_t coarse_now_ms();

}  // namespace wherry::http
