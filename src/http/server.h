// An HTTP/1.1 server: one thread does all socket work, a fixed pool of workers runs the handler.
//
// The handler may block for as long as it likes; slow, silent and malformed clients are dealt with
// here, before it is called: 400, 408, 413, 417, 431, 505, and 429 when every worker is busy and
// the queue is full.
// Never 503: to OpenWhisk that means the container is broken.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "http/message.h"

namespace wherry::http {

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";    // http/address.h; port 0 lets the system choose
  unsigned workers = 0;                     // 0: twice the cores, at least 4
  size_t queue_limit = 1024;                // requests waiting for a worker
  unsigned max_connections = 1024;          // more wait in the system's backlog
  uint32_t header_limit_bytes = 16 * 1024;  // request line and headers
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte to the empty line
  std::chrono::milliseconds body_timeout{60'000};    // from the empty line to the last byte
  std::chrono::milliseconds write_timeout{60'000};   // of a whole response
  std::chrono::milliseconds idle_timeout{75'000};    // between requests of a connection
  std::chrono::milliseconds drain_timeout{30'000};   // for requests in flight at stop()
};

// `answer` is called on workers, several at a time; `body_limit_bytes` on the socket thread, where
// it must not block.
struct Handlers {
  std::function<Response(const Request&)> answer;
  // The largest body to accept for a request whose head has arrived.
  std::function<uint64_t(const Request&)> body_limit_bytes;
};

class Server {
 public:
  class Implementation;

  // Listens and serves at once. kIo if the address cannot be had, kInvalid if it is none.
  static Result<std::unique_ptr<Server>> create(ServerOptions options, Handlers handlers, Log log);
  // Stops.
  ~Server();
  Server(const Server&) = delete;

  // Where it listens, with the real port: "127.0.0.1:40123".
  const std::string& address() const;

  // Stops accepting, lets requests in flight finish, closes all connections, joins all threads.
  // From one thread; a second call does nothing.
  void stop();

 private:
  explicit Server(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace wherry::http
