// The server on Boost.Asio and Beast's request parser; the only file that sees Boost. Beast's own
// asynchronous operations are not used: reading a request is a loop over parser.put(), which
// compiles to a third of the code and makes every state and timeout visible below.
//
// Everything here runs on the one thread in Implementation::thread_, except where a comment says
// worker. A Connection is kept alive by the operations that are under way on it.
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_set>

#include "http/address.h"
#include "http/server.h"
#include "http/worker_pool.h"

namespace wherry::http {

namespace asio = boost::asio;
namespace beast = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

// How long, and how much, is still read from a client after an answer that it did not expect, so
// that the answer is not lost to a connection reset.
constexpr milliseconds kLingerTime{2'000};
constexpr size_t kLingerBytes = 16u << 20;
// Chunk headers and the first part of a body are read behind the header.
constexpr size_t kReadAheadBytes = 16 * 1024;
constexpr milliseconds kAcceptRetry{100};

struct Refusal {
  unsigned status;
  std::string why;
};

Refusal refusal_for(const error_code& error) {
  if (error == beast::error::header_limit) return {431, "the request's header is too large"};
  if (error == beast::error::body_limit) return {413, "the request's body is too large"};
  if (error == beast::error::bad_version)
    return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, "malformed request: " + error.message()};
}

}  // namespace

class Connection;

class Server::Implementation {
 public:
  Implementation(ServerOptions options, Handlers handlers, Log log)
      : options_(std::move(options)), handlers_(std::move(handlers)), log_(std::move(log)) {}
  ~Implementation() { stop(); }

  Status start();
  void stop();
  const std::string& address() const { return address_; }

 private:
  friend class Connection;
  void accept();
  void accept_later();
  void begin_drain();
  void remove(Connection* connection);
  void finish_if_drained();

  const ServerOptions options_;
  const Handlers handlers_;
  const Log log_;
  std::string address_;
  asio::io_context io_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  tcp::acceptor acceptor_{io_};
  asio::steady_timer accept_timer_{io_};
  asio::steady_timer drain_timer_{io_};
  std::unordered_set<Connection*> connections_;
  bool accepting_ = false;
  bool draining_ = false;
  std::unique_ptr<WorkerPool> workers_;
  std::thread thread_;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server::Implementation& server, tcp::socket socket)
      : server_(server),
        socket_(std::move(socket)),
        timer_(server.io_),
        buffer_(server.options_.header_limit_bytes + kReadAheadBytes) {}

  void start() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    next_request();
  }

  // Drain: a connection between requests ends now, the others after their answer.
  void close_if_idle() {
    if (phase_ == Phase::kIdle) close();
  }

  void close() {
    if (phase_ == Phase::kClosed) return;
    phase_ = Phase::kClosed;
    disarm();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    server_.remove(this);
  }

 private:
  enum class Phase { kIdle, kHeader, kBody, kHandling, kWriting, kLingering, kClosed };
  using Parser = beast::request_parser<beast::string_body>;

  void next_request() {
    parser_.emplace();
    parser_->header_limit(server_.options_.header_limit_bytes);
    parser_->body_limit(boost::none);  // set when the header is known
    request_ = {};
    phase_ = Phase::kIdle;
    if (used_ > 0) return parse();  // the next request came with the previous one
    if (server_.draining_) return close();
    arm(server_.options_.idle_timeout);
    read();
  }

  void read() {
    auto free_space = asio::buffer(buffer_.data() + used_, buffer_.size() - used_);
    socket_.async_read_some(free_space, [self = shared_from_this()](error_code error, size_t got) {
      self->on_read(error, got);
    });
  }

  void on_read(error_code error, size_t got) {
    if (phase_ == Phase::kClosed) return;
    if (phase_ == Phase::kLingering) return linger(error, got);
    // A timeout may already be answering; the bytes are not wanted any more.
    if (phase_ == Phase::kWriting) return;
    if (error) {
      if (error != asio::error::eof || phase_ == Phase::kIdle) return close();
      return refuse({400, "the connection ended within a request"});
    }
    used_ += got;
    parse();
  }

  // Feeds the parser all it takes, then reads more, or goes on to the body or the handler.
  void parse() {
    if (phase_ == Phase::kIdle) {
      phase_ = Phase::kHeader;
      arm(server_.options_.header_timeout);
    }
    while (used_ > 0 && !parser_->is_done()) {
      error_code error;
      size_t taken = parser_->put(asio::buffer(buffer_.data(), used_), error);
      consume(taken);
      if (error && error != beast::error::need_more) return refuse(refusal_for(error));
      if (phase_ == Phase::kHeader && parser_->is_header_done()) {
        if (!on_header()) return;
        continue;
      }
      if (error == beast::error::need_more || taken == 0) break;
    }
    if (parser_->is_done()) return handle();
    if (used_ == buffer_.size()) return refuse({431, "the request's header is too large"});
    read();
  }

  void consume(size_t taken) {
    used_ -= taken;
    std::memmove(buffer_.data(), buffer_.data() + taken, used_);
  }

  // The head is complete: decides about the body. False if the request was refused.
  bool on_header() {
    const auto& message = parser_->get();
    request_.method = message.method_string();
    request_.target = message.target();
    for (const auto& field : message) {
      request_.headers.push_back({field.name_string(), field.value()});
    }
    const std::string* host = request_.find_header("Host");
    if (message.version() == 11 && host == nullptr) {
      refuse({400, "malformed request: no Host header"});
      return false;
    }
    uint64_t limit = server_.handlers_.body_limit_bytes(request_);
    if (parser_->content_length().value_or(0) > limit) {
      refuse({413, fmt::format("the request's body of {} bytes is larger than the limit of {}",
                               *parser_->content_length(), limit)});
      return false;
    }
    parser_->body_limit(limit);
    parser_->eager(true);
    phase_ = Phase::kBody;
    arm(server_.options_.body_timeout);
    return expect_continue();
  }

  // RFC 9110 section 10.1.1. Also false (but unrefused: reading goes on) while "100 Continue" is
  // being sent.
  bool expect_continue() {
    const std::string* expectation = request_.find_header("Expect");
    if (expectation == nullptr || parser_->is_done()) return true;
    if (*expectation != "100-continue" && *expectation != "100-Continue") {
      refuse({417, "the only expectation known here is 100-continue"});
      return false;
    }
    if (used_ > 0) return true;  // the client did not wait
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(kContinue),
                      [self = shared_from_this()](error_code error, size_t) {
                        if (self->phase_ != Phase::kBody) return;
                        if (error) return self->close();
                        self->read();
                      });
    return false;
  }

  void handle() {
    phase_ = Phase::kHandling;
    disarm();
    request_.body = std::move(parser_->get().body());
    keep_alive_ = parser_->get().keep_alive();
    bool accepted = server_.workers_->try_post([self = shared_from_this()] { self->work(); });
    if (accepted) return;
    Response busy = error_response(429, "every worker is busy and the queue is full");
    busy.headers.push_back({"Retry-After", "1"});
    respond(std::move(busy));
  }

  // On a worker. `request_` is not touched by the other thread in this phase.
  void work() {
    Response response;
    try {
      response = server_.handlers_.answer(request_);
    } catch (const std::exception& error) {  // out of memory, say: ends the request, not the server
      server_.log_.event("handler failed",
                         {{"path", std::string(request_.path())}, {"why", error.what()}});
      response = error_response(500, "internal error");
    }
    asio::post(server_.io_, [self = shared_from_this(), response = std::move(response)]() mutable {
      if (self->phase_ == Phase::kHandling) self->respond(std::move(response));
    });
  }

  void refuse(Refusal refusal) {
    keep_alive_ = false;
    lingering_ = true;
    respond(error_response(refusal.status, refusal.why));
  }

  void respond(Response response) {
    phase_ = Phase::kWriting;
    if (server_.draining_) keep_alive_ = false;
    arm(server_.options_.write_timeout);
    head_ = response_head(response, keep_alive_);
    body_ = request_.method == "HEAD" ? std::string() : std::move(response.body);
    std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(body_)};
    asio::async_write(socket_, parts, [self = shared_from_this()](error_code error, size_t) {
      self->on_written(error);
    });
  }

  void on_written(error_code error) {
    if (phase_ == Phase::kClosed) return;
    if (error) return close();
    if (keep_alive_) return next_request();
    if (!lingering_) return close();
    phase_ = Phase::kLingering;
    arm(kLingerTime);
    socket_.shutdown(tcp::socket::shutdown_send, error);
    used_ = 0;
    read();
  }

  void linger(error_code error, size_t got) {
    lingered_bytes_ += got;
    if (error || lingered_bytes_ > kLingerBytes) return close();
    read();
  }

  void arm(milliseconds time) {
    uint64_t generation = ++timer_generation_;
    timer_.expires_after(time);
    timer_.async_wait([self = shared_from_this(), generation](error_code) {
      // A wait that was replaced may already be queued; its generation is old.
      if (generation == self->timer_generation_) self->on_timeout();
    });
  }

  void disarm() {
    timer_generation_++;
    timer_.cancel();
  }

  void on_timeout() {
    if (phase_ != Phase::kHeader && phase_ != Phase::kBody) return close();
    // The outstanding read ends with this; its handler sees that an answer is being written.
    error_code ignored;
    socket_.cancel(ignored);
    bool in_header = phase_ == Phase::kHeader;
    refuse({408, in_header ? "the request's header did not arrive in time"
                           : "the request's body did not arrive in time"});
  }

  Server::Implementation& server_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  uint64_t timer_generation_ = 0;
  std::vector<char> buffer_;  // buffer_[0, used_) is read but not parsed
  size_t used_ = 0;
  std::optional<Parser> parser_;
  Phase phase_ = Phase::kIdle;
  bool keep_alive_ = false;
  bool lingering_ = false;
  size_t lingered_bytes_ = 0;
  Request request_;
  std::string head_, body_;  // of the response being written
};

Status Server::Implementation::start() {
  Address address = TRY(parse_address(options_.listen));
  auto refused = [&](const error_code& error) {
    Error result = errno_error(error.value(), fmt::format("cannot listen on {}", options_.listen));
    result.kind = ErrorKind::kIo;
    if (error.value() == EADDRINUSE) result.hint = "another port, or port 0 to have one chosen";
    if (error.value() == EACCES) result.hint = "a port from 1024 on";
    return result;
  };
  error_code error;
  tcp::endpoint endpoint(asio::ip::make_address(address.ip, error), address.port);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return refused(error);
  address.port = acceptor_.local_endpoint(error).port();
  address_ = to_text(address);

  unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  unsigned workers = options_.workers != 0 ? options_.workers : std::max(4u, 2 * cores);
  workers_ = TRY(WorkerPool::create(workers, options_.queue_limit));
  work_.emplace(io_.get_executor());
  accept();
  try {
    thread_ = std::thread([this] { io_.run(); });
  } catch (const std::system_error& failure) {
    return errno_error(failure.code().value(), "cannot start the server's thread");
  }
  return ok_status();
}

void Server::Implementation::accept() {
  if (draining_ || accepting_ || connections_.size() >= options_.max_connections) return;
  accepting_ = true;
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    accepting_ = false;
    if (draining_) return;
    if (error) {
      // Out of descriptors, most likely: trying again at once would only spin.
      log_.event("accept failed", {{"why", error.message()}});
      return accept_later();
    }
    auto connection = std::make_shared<Connection>(*this, std::move(socket));
    connections_.insert(connection.get());
    connection->start();
    accept();
  });
}

void Server::Implementation::accept_later() {
  accept_timer_.expires_after(kAcceptRetry);
  accept_timer_.async_wait([this](error_code error) {
    if (!error) accept();
  });
}

void Server::Implementation::remove(Connection* connection) {
  connections_.erase(connection);
  if (draining_) return finish_if_drained();
  accept();
}

void Server::Implementation::begin_drain() {
  draining_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  accept_timer_.cancel();
  auto connections = connections_;  // closing changes the set
  for (Connection* connection : connections) connection->close_if_idle();
  drain_timer_.expires_after(options_.drain_timeout);
  drain_timer_.async_wait([this](error_code error) {
    if (error) return;
    auto rest = connections_;
    log_.event("drain timed out", {{"connections", std::to_string(rest.size())}});
    for (Connection* connection : rest) connection->close();
  });
  finish_if_drained();
}

void Server::Implementation::finish_if_drained() {
  if (!connections_.empty()) return;
  drain_timer_.cancel();
  work_.reset();
}

void Server::Implementation::stop() {
  if (!thread_.joinable()) return;
  asio::post(io_, [this] { begin_drain(); });
  thread_.join();
  // Workers may still be running requests whose connection was closed by the drain timeout.
  workers_.reset();
}

Server::Server(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, Handlers handlers, Log log) {
  auto implementation =
      std::make_unique<Implementation>(std::move(options), std::move(handlers), std::move(log));
  TRY(implementation->start());
  return std::unique_ptr<Server>(new Server(std::move(implementation)));
}

const std::string& Server::address() const { return implementation_->address(); }

void Server::stop() { implementation_->stop(); }

}  // namespace wherry::http
