#include "http/connection.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <charconv>
#include <ctime>

#include "base/result.h"

namespace wherry::http {

namespace {

// How long, and how much, is still read from a client after an answer that it did not expect.
constexpr std::chrono::milliseconds kLingerTime{2'000};
constexpr size_t kLingerBytes = 16u << 20;
// What a connection reads into: between requests, and while a body arrives.
constexpr size_t kSmallInputBytes = 4 * 1024;
constexpr size_t kLargeInputBytes = 64 * 1024;
// Answers up to this are sent together with what is before them.
constexpr size_t kCopiedBytes = 16 * 1024;
constexpr size_t kCoalescedBytes = 64 * 1024;

}  // namespace

uint64_t coarse_now_ms() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

namespace {

uint64_t ms_from_now(std::chrono::milliseconds time) {
  return coarse_now_ms() + static_cast<uint64_t>(time.count());
}

}  // namespace

Connection::Connection(ConnectionHost& host, FileDescriptor socket, std::string client_ip)
    : host_(host),
      loop_(host.loop()),
      socket_(loop_->events(), std::move(socket)),
      client_ip_(std::move(client_ip)) {}

void Connection::start() {
  next_request();
  advance();
}

void Connection::go_on() {
  auto alive = shared_from_this();
  advance();
}

void Connection::advance() {
  try {
    while (step()) {
    }
  } catch (const std::exception& error) {  // out of memory: ends the connection, not the server
    loop_->log().event("connection failed", {{"why", error.what()}});
    close();
  }
}

// False when there is nothing to do now, or when this thread has lost the loop and with it the
// right to touch anything here.
bool Connection::step() {
  switch (phase_) {
    case Phase::kHead: return step_head();
    case Phase::kBody: return step_body();
    case Phase::kCall: return step_call();
    case Phase::kHandling: return step_handling();
    case Phase::kAnswered: return step_answered();
    case Phase::kLingering: return step_lingering();
    case Phase::kClosed: return false;
  }
  return false;
}

void Connection::next_request() {
  if (exchange_ != nullptr && exchange_->detach()) {
    exchange_->reset();
  } else {
    exchange_ = std::make_shared<ServerExchange>(loop_);
    exchange_->mutable_request().client_ip = client_ip_;
  }
  parser_.reset(&exchange_->mutable_request());
  phase_ = Phase::kHead;
  is_in_head_ = is_streamed_ = is_stream_begun_ = is_chunked_ = ends_by_closing_ = false;
  is_held_back_too_long_ = false;
  deadline_ms_ = 0;
}

bool Connection::step_head() {
  size_t limit = host_.options().header_limit_bytes;
  if (!input_.empty()) {
    auto outcome = parser_.parse(input_.view().substr(0, limit));
    if (outcome == HeadParser::Outcome::kDone) return take_head();
    if (outcome == HeadParser::Outcome::kRefused) {
      return refuse(parser_.refusal().status, parser_.refusal().why);
    }
    if (input_.view().size() >= limit) return refuse(431, "the request's header is too large");
    if (has_ended_) return refuse(400, "malformed request: the connection ended within it");
  }
  if ((!flushes_later_ || has_ended_) && !flush()) return false;
  if (has_ended_) {
    close();
    return false;
  }
  if (input_.empty()) {
    if (!host_.is_draining() || deadline_ms_ == 0) wait_until(host_.options().idle_timeout);
  } else if (!is_in_head_) {
    is_in_head_ = true;
    wait_until(host_.options().header_timeout);
  }
  return read_more(input_.view().size() < kSmallInputBytes / 2 ? kSmallInputBytes
                                                               : limit + kSmallInputBytes);
}

// The head is complete: decides about the body.
bool Connection::take_head() {
  input_.consume(parser_.size_bytes());
  Request& request = exchange_->mutable_request();
  keep_alive_ = parser_.keep_alive();
  is_head_ = request.method == "HEAD";
  const uint64_t length = parser_.content_length().value_or(0);
  const bool is_short = !parser_.is_chunked() && length <= host_.handlers().short_body_bytes;
  const BodyPolicy policy = is_short ? BodyPolicy{length} : host_.handlers().body_policy(request);
  if (length > policy.limit_bytes) {
    return refuse(413, fmt::format("the request's body of {} bytes is larger than the limit of {}",
                                   length, policy.limit_bytes));
  }
  body_ = parser_.is_chunked() ? BodyDecoder::chunked(policy.limit_bytes)
                               : BodyDecoder::of_length(length);
  body_is_complete_ = body_.is_done();
  stream_above_ = policy.stream_above_bytes;
  is_streamed_ = length > stream_above_;
  if (!parser_.expectation().empty() && !send_continue()) return true;
  phase_ = body_is_complete_ || is_streamed_ ? Phase::kCall : Phase::kBody;
  if (phase_ == Phase::kBody) wait_until(host_.options().body_timeout);
  return true;
}

// RFC 9110 section 10.1.1. False if the request was refused.
bool Connection::send_continue() {
  if (!equal_ignoring_case(parser_.expectation(), "100-continue")) {
    refuse(417, "the only expectation known here is 100-continue");
    return false;
  }
  bool is_of_use = !body_is_complete_ && input_.empty() && !exchange_->request().is_http_1_0;
  if (is_of_use) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  return true;
}

// One piece of the body from the input to where it belongs. False if there is none for now.
bool Connection::take_body_piece() {
  BodyDecoder::Step step = body_.step(input_.view());
  if (!step.data.empty()) {
    if (is_streamed_) {
      exchange_->push_body(step.data);
    } else {
      exchange_->mutable_request().body += step.data;
    }
  }
  input_.consume(step.taken);
  if (step.outcome == BodyDecoder::Outcome::kMore) return step.taken > 0;
  if (step.outcome == BodyDecoder::Outcome::kDone) {
    body_is_complete_ = true;
    if (is_streamed_) exchange_->end_body();
  } else {
    refuse_body(step.outcome);
  }
  return false;
}

bool Connection::refuse_body(BodyDecoder::Outcome outcome) {
  return outcome == BodyDecoder::Outcome::kTooLarge
             ? broken_request(413, "the request's body is too large")
             : broken_request(400, "malformed request: a chunk of its body is not as it should be");
}

bool Connection::step_body() {
  while (take_body_piece()) {
  }
  if (phase_ != Phase::kBody) return true;
  std::string& body = exchange_->mutable_request().body;
  if (!body_is_complete_ && body.size() > stream_above_) {
    is_streamed_ = true;
    exchange_->push_body(body);
    body.clear();
  }
  if (body_is_complete_ || is_streamed_) {
    phase_ = Phase::kCall;
    return true;
  }
  if (has_ended_) {
    return refuse(400, "malformed request: the connection ended within its body");
  }
  if (!flush()) return false;
  return read_more(body_.bytes_left() > kSmallInputBytes ? kLargeInputBytes : kSmallInputBytes);
}

bool Connection::step_call() {
  phase_ = Phase::kHandling;
  deadline_ms_ = 0;
  // All that is used in the call is on this stack: the connection may be gone before it is over.
  ExchangePtr handle = exchange_->hand_out(this, is_streamed_);
  std::shared_ptr<ServerExchange> exchange = exchange_;
  const auto& handler = host_.handlers().handle;
  return loop_->call(this, [&] {
    try {
      handler(handle);
    } catch (const std::exception& error) {  // out of memory, say: ends the request, not the server
      exchange->fail(error.what());
    }
    handle.reset();
  });
}

bool Connection::step_handling() {
  if (is_streamed_ && !pump_body()) return true;
  if (is_write_blocked_) {
    exchange_->end_call();
  } else {
    if (!take_answer()) return false;
    if (phase_ != Phase::kHandling) return true;
    if (!flush() && phase_ == Phase::kClosed) return false;
  }
  // A client that is not reading may still be sending.
  if (is_streamed_ && !body_is_complete_ && exchange_->has_room_for_body()) {
    if (deadline_ms_ == 0) wait_until(host_.options().body_timeout);
    return read_more(kLargeInputBytes);
  }
  deadline_ms_ = 0;
  return watch_client();
}

// Once the answer has begun: notices that the client has gone. Before that, it may as well have
// said all it wants to say.
bool Connection::watch_client() {
  if (!is_stream_begun_ || !body_is_complete_) return false;
  if (has_ended_) {
    close();
  } else if (input_.view().size() < kSmallInputBytes / 2) {
    read_more(kSmallInputBytes);
  }
  return false;
}

// Hands over what has come of a streamed body. False if the request was ended by that.
bool Connection::pump_body() {
  while (!body_is_complete_ && exchange_->has_room_for_body() && take_body_piece()) {
  }
  if (phase_ != Phase::kHandling) return false;
  if (body_is_complete_ || !has_ended_ || !input_.empty()) return true;
  broken_request(400, "malformed request: the connection ended within its body");
  return false;
}

// Puts what there is of the answer into out_. False if the connection is closed.
bool Connection::take_answer() {
  ServerExchange::Taken taken = exchange_->take(is_held_back_too_long_);
  is_held_back_too_long_ = false;
  if (taken.is_aborted) {
    cut_off();
    return false;
  }
  if (taken.has_whole) {
    if (taken.head.body.empty()) taken.head.body = std::move(taken.bytes);
    queue_response(std::move(taken.head), taken.length);
    return true;
  }
  if (taken.has_head) begin_stream(taken.head, taken.length);
  if (!taken.bytes.empty()) append_piece(taken.bytes);
  if (taken.is_finished) {
    if (is_chunked_) out_ += "0\r\n\r\n";
    phase_ = Phase::kAnswered;
  }
  return true;
}

// Ends an answer so that the client can tell it is incomplete.
void Connection::cut_off() {
  flush();
  if (phase_ == Phase::kClosed) return;
  if (ends_by_closing_) {
    linger reset{1, 0};  // an orderly end would say that it is complete
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  close();
}

void Connection::settle_keep_alive(const Response& response) {
  if (!keep_alive_) return;
  const std::string* connection = response.find_header("Connection");
  if (connection != nullptr && list_has(*connection, "close")) keep_alive_ = false;
  if (host_.is_draining() && !more_was_sent()) keep_alive_ = false;
}

void Connection::begin_stream(const Response& head, std::optional<uint64_t> length) {
  is_stream_begun_ = true;
  Framing framing;
  if (!status_has_body(head.status)) {
    framing.kind = Framing::Kind::kNoBody;
  } else if (length) {
    framing.length = *length;
  } else if (!exchange_->request().is_http_1_0) {
    framing.kind = Framing::Kind::kChunked;
    is_chunked_ = !is_head_;
  } else {
    framing.kind = Framing::Kind::kUntilClose;
    ends_by_closing_ = true;
    keep_alive_ = false;
  }
  settle_keep_alive(head);
  framing.keep_alive = keep_alive_;
  append_response_head(out_, head, framing);
}

void Connection::append_piece(std::string_view bytes) {
  if (!is_chunked_) {
    out_ += bytes;
    return;
  }
  char size[16];
  char* end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
  out_.append(size, end);
  out_ += "\r\n";
  out_ += bytes;
  out_ += "\r\n";
}

// A whole answer. `length`: of the body if that is not there to be sent.
void Connection::queue_response(Response response, std::optional<uint64_t> length) {
  Framing framing;
  if (!status_has_body(response.status)) framing.kind = Framing::Kind::kNoBody;
  framing.length = length.value_or(response.body.size());
  if (is_head_ && framing.length == 0) {
    const std::string* said = response.find_header("Content-Length");
    if (said != nullptr) framing.length = parse_decimal(*said).value_or(0);
  }
  if (!body_is_complete_) keep_alive_ = false;
  settle_keep_alive(response);
  framing.keep_alive = keep_alive_;
  append_response_head(out_, response, framing);
  phase_ = Phase::kAnswered;
  if (is_head_ || framing.kind == Framing::Kind::kNoBody) return;
  if (response.body.size() <= kCopiedBytes) {
    out_ += response.body;
  } else {
    out_body_ = std::move(response.body);
  }
}

bool Connection::step_answered() {
  if (!body_is_complete_) {
    keep_alive_ = false;
    lingers_ = true;
  }
  bool is_small = out_body_.empty() && out_.size() < kCoalescedBytes;
  bool may_wait = keep_alive_ && is_small && (!input_.empty() || flush_later());
  if (!may_wait && !flush()) return false;
  if (keep_alive_) {
    next_request();
    return true;
  }
  abandon_exchange();
  if (!lingers_ && !more_was_sent()) {
    close();
    return false;
  }
  phase_ = Phase::kLingering;
  wait_until(kLingerTime);
  ::shutdown(socket_.number(), SHUT_WR);
  return true;
}

bool Connection::step_lingering() {
  lingered_bytes_ += input_.view().size();
  input_.consume(input_.view().size());
  if (has_ended_ || lingered_bytes_ > kLingerBytes) {
    close();
    return false;
  }
  return read_more(kLargeInputBytes);
}

// Answers what cannot be handled; the connection ends with it. Always true: there is a step to
// take.
bool Connection::refuse(unsigned status, std::string why) {
  keep_alive_ = false;
  lingers_ = true;
  is_head_ = exchange_ != nullptr && exchange_->request().method == "HEAD";
  queue_response(error_response(status, why), std::nullopt);
  return true;
}

// The same when the handler may have been called already: it is told by its next read or write.
bool Connection::broken_request(unsigned status, std::string why) {
  if (phase_ == Phase::kHandling) abandon_exchange();
  if (is_stream_begun_) {
    close();
    return false;
  }
  return refuse(status, std::move(why));
}

void Connection::abandon_exchange() {
  if (exchange_ == nullptr) return;
  exchange_->break_off();
  exchange_.reset();
}

bool Connection::read_more(size_t size_bytes) {
  if (is_reading_ || has_ended_) return false;
  is_reading_ = true;
  socket_.read(input_.room(size_bytes), this);
  return false;
}

void Connection::on_read(int error, size_t bytes) {
  auto alive = shared_from_this();
  is_reading_ = false;
  if (error != 0) return close();
  if (bytes == 0) has_ended_ = true;
  input_.commit(bytes);
  if (phase_ == Phase::kHandling) deadline_ms_ = 0;
  advance();
}

// One system call; what it returns.
ssize_t Connection::send_some() {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (out_body_.empty()) {
    return ::send(socket_.number(), out_.data() + sent_, out_.size() - sent_, kFlags);
  }
  size_t of_body = sent_ > out_.size() ? sent_ - out_.size() : 0;
  size_t of_out = sent_ - of_body;
  iovec parts[] = {{out_.data() + of_out, out_.size() - of_out},
                   {out_body_.data() + of_body, out_body_.size() - of_body}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  return ::sendmsg(socket_.number(), &message, kFlags);
}

// Sends what is in out_ and out_body_. False if that has to wait, or the connection is closed.
bool Connection::flush() {
  if (is_write_blocked_) return false;
  while (sent_ < out_.size() + out_body_.size()) {
    ssize_t put = send_some();
    if (put >= 0) {
      sent_ += static_cast<size_t>(put);
    } else if (errno == EAGAIN) {
      is_write_blocked_ = true;
      write_deadline_ms_ = ms_from_now(host_.options().write_timeout);
      socket_.wait_writable(this);
      return false;
    } else if (errno != EINTR) {
      close();
      return false;
    }
  }
  if (out_.capacity() > 2 * kCoalescedBytes) out_ = std::string();
  out_.clear();
  if (!out_body_.empty()) out_body_ = std::string();
  sent_ = 0;
  return true;
}

// With the others of this round. False if it should not wait.
bool Connection::flush_later() {
  if (is_write_blocked_ || has_ended_ || host_.is_draining()) return false;
  if (!flushes_later_) flushes_later_ = loop_->events().at_round_end(this);
  return flushes_later_;
}

void Connection::on_round_end() {
  auto alive = shared_from_this();
  flushes_later_ = false;
  flush();
}

void Connection::on_writable() {
  auto alive = shared_from_this();
  is_write_blocked_ = false;
  write_deadline_ms_ = 0;
  advance();
}

bool Connection::more_was_sent() const {
  int waiting = 0;
  return !input_.empty() || (::ioctl(socket_.number(), FIONREAD, &waiting) == 0 && waiting > 0);
}

void Connection::wait_until(std::chrono::milliseconds from_now) {
  deadline_ms_ = ms_from_now(from_now);
}

void Connection::tick(uint64_t now_ms) {
  if (write_deadline_ms_ != 0 && now_ms >= write_deadline_ms_) return close();
  if (deadline_ms_ != 0 && now_ms >= deadline_ms_) return on_timeout();
  if (phase_ != Phase::kHandling || !exchange_->is_holding_back()) return;
  loop_->events().post([alive = shared_from_this()] {
    alive->is_held_back_too_long_ = true;
    alive->advance();
  });
}

void Connection::on_timeout() {
  deadline_ms_ = 0;
  const bool is_idle = phase_ == Phase::kHead && !is_in_head_;
  if (is_idle && is_write_blocked_) return;  // still reads its last answer
  bool is_request_late = phase_ == Phase::kBody || phase_ == Phase::kHandling ||
                         (phase_ == Phase::kHead && is_in_head_);
  if (is_write_blocked_ || !is_request_late) return close();
  bool goes_on =
      broken_request(408, phase_ == Phase::kHead ? "the request's header did not arrive in time"
                                                 : "the request's body did not arrive in time");
  if (goes_on) advance();
}

void Connection::begin_drain(uint64_t grace_ms) {
  if (!flush()) return;
  if (phase_ != Phase::kHead || !input_.empty() || more_was_sent()) return;
  if (grace_ms == 0) return close();
  deadline_ms_ = coarse_now_ms() + grace_ms;
}

void Connection::close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  deadline_ms_ = write_deadline_ms_ = 0;
  if (flushes_later_) loop_->events().forget_round_end(this);
  abandon_exchange();
  socket_.close();
  host_.remove(index);
}

}  // namespace wherry::http
