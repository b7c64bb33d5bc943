// What the server's tests share: a plain client that sees every byte, a gate for handlers, a server
// that describes requests.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "base/files.h"
#include "http/address.h"
#include "http/server.h"

namespace wherry::http {

using std::chrono::milliseconds;

// A plain blocking client; every wait ends after 10 s so that a broken server fails the test.
class Client {
 public:
  explicit Client(const Server& server) {
    SocketAddress where = socket_address(parse_address(server.address()).value());
    socket_ = FileDescriptor(::socket(where.storage.ss_family, SOCK_STREAM, 0));
    connected_ = ::connect(socket_.number(), where.get(), where.size) == 0;
    timeval limit{10, 0};
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

  bool connected() const { return connected_; }

  // False if the server takes no more: errno says why.
  bool send(std::string_view text) {
    while (!text.empty()) {
      ssize_t put = ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      text.remove_prefix(static_cast<size_t>(put));
    }
    return true;
  }

  // Ends the connection at once, and whatever is on its way with it.
  void reset() {
    linger at_once{1, 0};
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_ = FileDescriptor();
  }

  void half_close() { ::shutdown(socket_.number(), SHUT_WR); }

  // Reads until `end` has arrived; what came so far if the connection ends or nothing comes.
  std::string read_until(std::string_view end) {
    std::string text;
    char c;
    while (!text.ends_with(end) && ::recv(socket_.number(), &c, 1, 0) == 1) text.push_back(c);
    return text;
  }

  // So many bytes, or fewer if there are no more.
  std::string read(size_t size) {
    std::string text(size, '\0');
    ssize_t got = ::recv(socket_.number(), text.data(), size, MSG_WAITALL);
    text.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return text;
  }

  // One response: head, and a body of Content-Length bytes.
  std::string response(bool has_body = true) {
    std::string text = read_until("\r\n\r\n");
    size_t at = text.find("Content-Length: ");
    size_t length = at == std::string::npos || !has_body ? 0 : std::stoul(text.substr(at + 16));
    std::string body(length, '\0');
    if (length > 0 && ::recv(socket_.number(), body.data(), length, MSG_WAITALL) < 0) body.clear();
    return text + body;
  }

  // What comes until the server closes.
  std::string rest() {
    std::string text;
    char buffer[4096];
    for (;;) {
      ssize_t got = ::recv(socket_.number(), buffer, sizeof buffer, 0);
      was_reset_ = got < 0 && errno == ECONNRESET;
      if (got <= 0) return text;
      text.append(buffer, static_cast<size_t>(got));
    }
  }
  // How rest() ended: not by an orderly close.
  bool was_reset() const { return was_reset_; }

 private:
  FileDescriptor socket_;
  bool connected_ = false, was_reset_ = false;
};

inline std::string status_of(const std::string& response) {
  return response.substr(0, response.find("\r\n"));
}

inline std::string body_of(const std::string& response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

inline Response describe(const Request& request) {
  return text_response(200, request.method + " " + request.target + " " +
                                std::to_string(request.body.size()) + " " +
                                request.body.substr(0, 20));
}

struct Fixture {
  // No grace at the end: most tests end with open connections.
  ServerOptions options{.listen = "127.0.0.1:0", .loops = 2, .drain_grace = milliseconds(0)};
  Handlers handlers{[](ExchangePtr exchange) { exchange->respond(describe(exchange->request())); },
                    [](const Request&) { return BodyPolicy{.limit_bytes = 1000}; }};
  Log log;

  std::unique_ptr<Server> start() {
    auto server = Server::create(options, handlers, log);
    EXPECT_TRUE(server.ok()) << server.error().message;
    return std::move(server).value();
  }
};

// Lets handlers wait until the test says go.
class Gate {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    waiting_++;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  // How many have come so far.
  int waiting() {
    std::lock_guard lock(mutex_);
    return waiting_;
  }
  void await_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

}  // namespace wherry::http
