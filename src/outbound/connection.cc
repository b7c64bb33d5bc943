#include "outbound/connection.h"

#include <algorithm>

namespace wherry::outbound {

using http::OutboundFailure;

namespace {

constexpr int kReadsInARow = 8, kWritesInARow = 8;
constexpr size_t kMostWrittenAtOnce = 256 * 1024;

}  // namespace

std::string request_text(const http::OutboundRequest& request) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method,
                                 request.url.target, request.url.authority());
  for (const http::Header& header : request.headers) {
    text.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  bool expects_body = request.method == "POST" || request.method == "PUT" ||
                      request.method == "PATCH";  // RFC 9110 section 8.6
  if (expects_body || !request.body.empty()) {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  return text.append("\r\n").append(request.body);
}

Connection::Connection(ConnectionOwner& owner, std::string place, std::unique_ptr<Stream> stream)
    : owner_(owner), place_(std::move(place)), stream_(std::move(stream)) {}

void Connection::run(CallPtr call) {
  call_ = std::move(call);
  request_ = request_text(call_->request());
  sent_ = interim_bytes_ = 0;
  cannot_send_ = is_held_up_ = has_received_ = has_head_ = ends_by_close_ = false;
  head_.clear();
  response_ = {};
  parser_.reset(&response_);
  call_->on_cancel = [self = shared_from_this()] {
    CallPtr given_up = self->call_;
    self->close();
    self->owner_.on_call_over(given_up);
  };
  call_->on_room = [self = shared_from_this()] {
    self->is_held_up_ = false;
    self->last_progress_ = std::chrono::steady_clock::now();
    self->on_events();
  };
  owner_.poller().cancel(timer_);
  last_progress_ = std::chrono::steady_clock::now();
  const ConnectionOptions& options = owner_.connection_options();
  auto first_look = std::min(options.first_byte_timeout, options.between_bytes_timeout);
  timer_ = owner_.poller().after(first_look, [self = shared_from_this()] { self->on_timer(); });
  on_events();
}

void Connection::close() {
  owner_.poller().cancel(timer_);
  release_call();
  if (stream_ == nullptr) return;
  owner_.poller().unwatch(stream_->socket());
  stream_.reset();
}

// Also ends the circle of the call's hooks, which hold this connection.
void Connection::release_call() {
  if (call_ == nullptr) return;
  CallPtr call = std::exchange(call_, nullptr);
  auto on_cancel = std::exchange(call->on_cancel, nullptr);
  auto on_room = std::exchange(call->on_room, nullptr);
}

void Connection::watch() {
  uint32_t events = is_held_up_ ? 0 : read_waits_for_;
  if (call_ != nullptr && sent_ < request_.size() && !cannot_send_) events |= write_waits_for_;
  if (events == watched_) return;
  watched_ = events;
  owner_.poller().watch(stream_->socket(), events,
                        [self = shared_from_this()](uint32_t) { self->on_events(); });
}

void Connection::on_events() {
  ConnectionPtr self = shared_from_this();
  if (stream_ != nullptr && call_ == nullptr && !is_quiet()) {
    close();
    owner_.on_gone(self);
  }
  if (call_ != nullptr) write_more();
  if (call_ != nullptr) read_more();
  if (stream_ != nullptr) watch();
}

bool Connection::is_quiet() {
  char byte;
  Io io = stream_->read({&byte, 1});
  return io.state == Io::State::kWantRead;
}

void Connection::write_more() {
  for (int writes = 0; sent_ < request_.size() && !cannot_send_; writes++) {
    // Others have their turn, and an early answer is seen.
    if (writes == kWritesInARow) return go_on_soon();
    Io io = stream_->write(std::string_view(request_).substr(sent_, kMostWrittenAtOnce));
    if (io.state == Io::State::kWantRead || io.state == Io::State::kWantWrite) {
      write_waits_for_ = io.state == Io::State::kWantRead ? EPOLLIN : EPOLLOUT;
      return;
    }
    // There may be an answer nevertheless, such as that the request is too large.
    cannot_send_ = io.state != Io::State::kDone;
    sent_ += io.bytes;
    last_progress_ = std::chrono::steady_clock::now();
  }
}

void Connection::read_more() {
  for (int reads = 0; call_ != nullptr && !is_held_up_; reads++) {
    if (reads == kReadsInARow) return go_on_soon();
    std::span<char> buffer = owner_.buffer();
    Io io = stream_->read(buffer);
    if (io.state == Io::State::kWantRead || io.state == Io::State::kWantWrite) {
      read_waits_for_ = io.state == Io::State::kWantRead ? EPOLLIN : EPOLLOUT;
      return;
    }
    if (io.state != Io::State::kDone) return on_stream_end(io);
    last_progress_ = std::chrono::steady_clock::now();
    has_received_ = true;
    feed({buffer.data(), io.bytes});
  }
}

// Not by the poller's watch: TLS may hold bytes that it does not know of.
void Connection::go_on_soon() {
  if (goes_on_soon_) return;
  goes_on_soon_ = true;
  owner_.poller().post([self = shared_from_this()] {
    self->goes_on_soon_ = false;
    self->on_events();
  });
}

void Connection::feed(std::string_view data) {
  if (has_head_) return decode(data);
  head_ += data;
  while (!has_head_) {
    if (!take_head()) return;
  }
  if (decoder_.is_done()) return finish(head_.empty());
  std::string rest = std::exchange(head_, {});
  if (!rest.empty()) decode(rest);
}

// False if there is no further head, for now or ever. Takes heads of 1xx off and forgets them.
bool Connection::take_head() {
  auto outcome = parser_.parse(head_);
  size_t size = outcome == http::HeadParser::Outcome::kDone ? parser_.size_bytes() : head_.size();
  if (interim_bytes_ + size > owner_.connection_options().head_limit_bytes) {
    fail(OutboundFailure::kProtocol, fmt::format("the answer's head is longer than {} bytes",
                                                 owner_.connection_options().head_limit_bytes));
    return false;
  }
  if (outcome == http::HeadParser::Outcome::kRefused) {
    fail(OutboundFailure::kProtocol, "the answer is not as it should be: " + parser_.refusal().why);
    return false;
  }
  if (outcome == http::HeadParser::Outcome::kMore) return false;
  head_.erase(0, size);
  if (response_.status >= 200) return begin_body();
  if (response_.status == 101) {
    fail(OutboundFailure::kProtocol, "the server changed to another protocol unasked");
    return false;
  }
  interim_bytes_ += size;
  response_ = {};
  parser_.reset(&response_);
  return !head_.empty();
}

// RFC 9112 section 6.3.
bool Connection::begin_body() {
  has_head_ = true;
  unsigned status = response_.status;
  bool has_none = call_->request().method == "HEAD" || status == 204 || status == 304;
  ends_by_close_ = !has_none && !parser_.is_chunked() && !parser_.content_length();
  if (has_none) {
    decoder_ = {};
  } else if (parser_.is_chunked()) {
    decoder_ = http::BodyDecoder::chunked(UINT64_MAX);
  } else if (ends_by_close_) {
    decoder_ = http::BodyDecoder::until_close(UINT64_MAX);
  } else {
    decoder_ = http::BodyDecoder::of_length(*parser_.content_length());
  }
  call_->deliver_head(std::move(response_));
  return true;
}

void Connection::decode(std::string_view data) {
  using Outcome = http::BodyDecoder::Outcome;
  while (!data.empty()) {
    auto step = decoder_.step(data);
    if (step.outcome == Outcome::kMalformed || step.outcome == Outcome::kTooLarge) {
      return fail(OutboundFailure::kProtocol, "the answer's body is not chunked as it should be");
    }
    if (!step.data.empty() && !call_->deliver(step.data)) is_held_up_ = true;
    data.remove_prefix(step.taken);
    if (step.outcome == Outcome::kDone) return finish(data.empty());
  }
}

void Connection::on_stream_end(const Io& io) {
  if (io.state == Io::State::kEnd && has_head_ && decoder_.may_end_here()) return finish(false);
  std::string how = io.state == Io::State::kEnd ? "the server closed the connection"
                                                : "the connection broke: " + io.error;
  fail(OutboundFailure::kClosed,
       fmt::format("{} before {}", how,
                   has_head_ ? "the answer was complete" : "there was an answer"));
}

void Connection::finish(bool is_clean) {
  CallPtr call = call_;
  bool can_be_kept =
      is_clean && !ends_by_close_ && parser_.keep_alive() && sent_ == request_.size();
  if (can_be_kept) {
    become_idle();
  } else {
    close();
  }
  call->end();
  owner_.on_call_over(call);
  if (can_be_kept) owner_.on_idle(shared_from_this());
}

void Connection::become_idle() {
  release_call();
  was_used_ = true;
  is_held_up_ = false;
  request_ = {};
  owner_.poller().cancel(timer_);
  timer_ =
      owner_.poller().after(owner_.connection_options().idle_timeout, [self = shared_from_this()] {
        self->close();
        self->owner_.on_gone(self);
      });
}

void Connection::fail(OutboundFailure failure, std::string message) {
  CallPtr call = call_;
  bool may_be_repeated = http::is_idempotent(call->request().method) || sent_ == 0;
  bool send_again = failure == OutboundFailure::kClosed && was_used_ && !has_received_ &&
                    may_be_repeated && !call->was_sent_again;
  close();
  if (send_again) {
    call->was_sent_again = true;
    return owner_.on_send_again(call);
  }
  call->fail({failure, std::move(message)});
  owner_.on_call_over(call);
}

std::chrono::milliseconds Connection::timeout() const {
  const ConnectionOptions& options = owner_.connection_options();
  return has_received_ ? options.between_bytes_timeout : options.first_byte_timeout;
}

// Not moved with each byte: it looks when it runs out whether there was any.
void Connection::on_timer() {
  timer_ = {};
  auto quiet = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                            last_progress_);
  if (!is_held_up_ && quiet >= timeout()) {
    return fail(OutboundFailure::kTimeout,
                has_received_
                    ? fmt::format("the server sent nothing more for {} ms", timeout().count())
                    : fmt::format("no answer within {} ms", timeout().count()));
  }
  auto left = is_held_up_ ? timeout() : timeout() - quiet;
  timer_ = owner_.poller().after(left, [self = shared_from_this()] { self->on_timer(); });
}

}  // namespace wherry::outbound
