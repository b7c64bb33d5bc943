#include "outbound/opening.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace wherry::outbound {

namespace {

using http::OutboundError;
using http::OutboundFailure;

// A name with more than this is no better reachable by them.
constexpr size_t kMaxAddresses = 8;

std::string error_text(int errno_value) {
  return std::strerror(errno_value);  // NOLINT: the poller's thread only
}

}  // namespace

Opening::Opening(Means& means, const http::Url& url, Done done)
    : means_(means), url_(url), done_(std::move(done)) {}

std::shared_ptr<Opening> Opening::start(Means& means, const http::Url& url, Done done) {
  std::shared_ptr<Opening> opening(new Opening(means, url, std::move(done)));
  // Later, so that the caller knows the opening before it is over.
  means.poller.post([opening] { opening->look_up(); });
  return opening;
}

void Opening::cancel() {
  done_ = nullptr;
  close();
}

void Opening::close() {
  means_.poller.cancel(timer_);
  means_.poller.cancel(try_timer_);
  if (stream_ != nullptr) means_.poller.unwatch(stream_->socket());
  if (socket_.is_open()) means_.poller.unwatch(socket_.number());
  stream_.reset();
  socket_ = {};
}

void Opening::fail(OutboundFailure failure, std::string message) {
  Done done = std::exchange(done_, nullptr);
  close();
  if (done) done(nullptr, {failure, std::move(message)});
}

void Opening::look_up() {
  if (!done_) return;
  deadline_ = std::chrono::steady_clock::now() + means_.connect_timeout;
  timer_ = means_.poller.after(means_.connect_timeout, [self = shared_from_this()] {
    self->fail(OutboundFailure::kTimeout,
               fmt::format("connecting to {} took longer than {} ms", self->url_.authority(),
                           self->means_.connect_timeout.count()));
  });
  std::vector<SocketAddress> known = known_addresses(url_);
  if (!known.empty()) {
    std::reverse(known.begin(), known.end());
    addresses_ = std::move(known);
    return try_next();
  }
  means_.resolver.resolve(
      url_.host, url_.port,
      [self = shared_from_this()](std::vector<SocketAddress> addresses, OutboundError error) {
        self->take_addresses(std::move(addresses), std::move(error));
      });
}

void Opening::take_addresses(std::vector<SocketAddress> addresses, OutboundError error) {
  if (!done_) return;
  if (error.failure != OutboundFailure::kNone) return fail(error.failure, std::move(error.message));
  std::string inside = addresses.front().text();
  if (!means_.names_may_lead_inside) addresses = public_ones(std::move(addresses));
  if (addresses.empty()) {
    return fail(OutboundFailure::kDenied,
                fmt::format("{} leads to {}, which is not a public address; the function's "
                            "outbound list would have to name the address itself",
                            url_.host, inside));
  }
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
  std::reverse(addresses.begin(), addresses.end());
  addresses_ = std::move(addresses);
  try_next();
}

// Each address gets its share of the time that is left, lest a dead one use it all.
void Opening::try_next() {
  means_.poller.cancel(try_timer_);
  if (socket_.is_open()) means_.poller.unwatch(socket_.number());
  socket_ = {};
  if (addresses_.empty()) {
    return fail(OutboundFailure::kConnect,
                fmt::format("no connection to {}: {}", url_.authority(), last_error_));
  }
  if (addresses_.size() > 1) {
    auto share = std::chrono::duration_cast<std::chrono::milliseconds>(
        (deadline_ - std::chrono::steady_clock::now()) / static_cast<int>(addresses_.size()));
    try_timer_ = means_.poller.after(share, [self = shared_from_this()] {
      self->last_error_ = self->address_.text() + " does not answer";
      self->try_next();
    });
  }
  address_ = addresses_.back();
  addresses_.pop_back();
  try_address(address_);
}

void Opening::try_address(const SocketAddress& address) {
  socket_ = FileDescriptor(
      ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!socket_.is_open()) {
    last_error_ = "socket: " + error_text(errno);
    return try_next();
  }
  int one = 1;
  ::setsockopt(socket_.number(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(socket_.number(), &address.any, address.size_bytes()) == 0) return connected();
  if (errno == EINPROGRESS) return watch(EPOLLOUT, &Opening::connected);
  last_error_ = address.text() + ": " + error_text(errno);
  try_next();
}

void Opening::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    last_error_ = address_.text() + ": " + error_text(error);
    return try_next();
  }
  means_.poller.cancel(try_timer_);
  means_.poller.unwatch(socket_.number());
  if (!url_.is_https) {
    stream_ = plain_stream(std::move(socket_));
  } else {
    Result<TlsContext*> tls = means_.tls();
    if (!tls.ok())
      return fail(OutboundFailure::kTls, tls.error().message + "; " + tls.error().hint);
    stream_ = (*tls)->stream(std::move(socket_), url_);
    if (stream_ == nullptr) return fail(OutboundFailure::kTls, "TLS could not be set up");
  }
  shake_hands();
}

void Opening::shake_hands() {
  Io io = stream_->handshake();
  if (io.state == Io::State::kWantRead) return watch(EPOLLIN, &Opening::shake_hands);
  if (io.state == Io::State::kWantWrite) return watch(EPOLLOUT, &Opening::shake_hands);
  if (io.state != Io::State::kDone) {
    return fail(OutboundFailure::kTls,
                fmt::format("no secure connection to {}: {}", url_.authority(), io.error));
  }
  means_.poller.unwatch(stream_->socket());
  std::unique_ptr<Stream> stream = std::move(stream_);
  Done done = std::exchange(done_, nullptr);
  close();
  if (done) done(std::move(stream), {});
}

void Opening::watch(uint32_t events, void (Opening::*step)()) {
  int socket = stream_ != nullptr ? stream_->socket() : socket_.number();
  means_.poller.watch(socket, events, [self = shared_from_this(), step](uint32_t) {
    if (self->done_) ((*self).*step)();
  });
}

}  // namespace wherry::outbound
