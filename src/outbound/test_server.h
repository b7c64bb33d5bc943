// For tests: a server on 127.0.0.1 that does what a script says with each connection, a thread for
// each; calls that are waited for.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "base/files.h"
#include "http/outbound.h"

namespace wherry::outbound {

// A connection as the server has it.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}

  // The next request, with its body if it has a Content-Length; empty at the end.
  std::string read_request() {
    size_t end;
    while ((end = input_.find("\r\n\r\n")) == input_.npos) {
      if (!read_some()) return {};
    }
    size_t size = end + 4;
    size_t length = input_.find("Content-Length: ");
    if (length < end) size += std::stoul(input_.substr(length + 16));
    while (input_.size() < size) {
      if (!read_some()) return {};
    }
    std::string request = input_.substr(0, size);
    input_.erase(0, size);
    return request;
  }
  // False once the client is gone.
  bool send(std::string_view text) {
    while (!text.empty()) {
      ssize_t count = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      text.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }
  void wait_for_end() {
    while (read_some()) input_.clear();
  }
  // Ends the connection with a reset when the script is over.
  void reset_at_end() {
    linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  int socket() const { return socket_; }

 private:
  bool read_some() {
    char buffer[16384];
    ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count > 0) input_.append(buffer, static_cast<size_t>(count));
    return count > 0;
  }
  int socket_;
  std::string input_;
};

class TestServer {
 public:
  using Script = std::function<void(Peer&)>;
  explicit TestServer(Script script, const std::string& ip = "127.0.0.1", uint16_t port = 0)
      : script_(std::move(script)) {
    bool is_v6 = ip.find(':') != ip.npos;
    listener_ = FileDescriptor(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage address{};
    socklen_t size = is_v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
    address.ss_family = is_v6 ? AF_INET6 : AF_INET;
    v4->sin_port = htons(port);  // at the same place in both
    ::inet_pton(address.ss_family, ip.c_str(),
                is_v6 ? static_cast<void*>(&v6->sin6_addr) : &v4->sin_addr);
    is_listening_ =
        ::bind(listener_.number(), reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        ::listen(listener_.number(), 1024) == 0 &&
        ::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0;
    port_ = ntohs(v4->sin_port);
    if (is_listening_) acceptor_ = std::thread([this] { accept(); });
  }
  ~TestServer() {
    ::shutdown(listener_.number(), SHUT_RDWR);
    if (acceptor_.joinable()) acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
  }

  // Not on machines without IPv6, say.
  bool is_listening() const { return is_listening_; }
  uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/", const std::string& host = "127.0.0.1") const {
    return fmt::format("http://{}:{}{}", host, port_, path);
  }
  unsigned connections() const { return connections_; }

 private:
  void accept() {
    while (true) {
      int socket = ::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      connections_++;
      std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      threads_.emplace_back([this, socket] {
        Peer peer(socket);
        script_(peer);
        std::lock_guard lock(mutex_);
        std::erase(sockets_, socket);
        FileDescriptor closed(socket);
      });
    }
  }

  Script script_;
  FileDescriptor listener_;
  bool is_listening_ = false;
  uint16_t port_ = 0;
  std::atomic<unsigned> connections_ = 0;
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
};

// A script that gives the same answer to every request.
inline TestServer::Script always(std::string answer) {
  return [answer](Peer& peer) {
    while (!peer.read_request().empty() && peer.send(answer)) {
    }
  };
}
// A script that gives one answer and closes the connection.
inline TestServer::Script once(std::string answer) {
  return [answer](Peer& peer) {
    peer.read_request();
    peer.send(answer);
  };
}

// Waits until `call` has something to say.
inline void wait_for(http::OutboundCall& call) {
  auto woken = std::make_shared<std::binary_semaphore>(0);
  call.wake([woken] { woken->release(); });
  woken->acquire();
}

struct Answer {
  unsigned status = 0;
  std::vector<http::Header> headers;
  std::string body;
  http::OutboundError error;
};

inline Answer answer_of(http::OutboundCall& call, size_t buffer_bytes = 4096) {
  using State = http::OutboundCall::State;
  Answer answer;
  State state;
  while ((state = call.head()) == State::kWait) wait_for(call);
  if (state == State::kReady) {
    answer.status = call.response().status;
    answer.headers = call.response().headers;
    std::vector<uint8_t> buffer(buffer_bytes);
    while (state != State::kEnd && state != State::kFailed) {
      auto read = call.read(buffer);
      state = read.state;
      answer.body.append(reinterpret_cast<char*>(buffer.data()), read.bytes);
      if (state == State::kWait) wait_for(call);
    }
  }
  if (state == State::kFailed) answer.error = call.error();
  return answer;
}

inline http::OutboundRequest request_of(std::string method, const std::string& url,
                                        std::string body = {},
                                        std::vector<http::Header> headers = {}) {
  Result<http::Url> parsed = http::parse_url(url);
  EXPECT_TRUE(parsed.ok()) << url;
  return {parsed.ok() ? *parsed : http::Url{}, std::move(method), std::move(headers),
          std::move(body)};
}

inline Answer fetch(http::Outbound& client, std::string method, const std::string& url,
                    std::string body = {}, std::vector<http::Header> headers = {}) {
  auto call = client.call(request_of(std::move(method), url, std::move(body), std::move(headers)));
  return answer_of(*call);
}

// What went wrong by its short name; `none` if nothing did.
inline std::string failure_of(const Answer& answer) { return name_of(answer.error.failure); }

}  // namespace wherry::outbound
