// An HTTP/1.1 server: a loop per core serves sockets and calls the handler in place.
//
// The handler may block for as long as it likes. A loop whose handler computes for longer than a
// millisecond, or sleeps, is taken over by another thread, so that one slow call holds up no other
// request; the thread it is on runs when no other wants its processor, and leaves when the call is
// over (decision 16). What is known to be slow is better posted (Exchange::post).
//
// Slow, silent and malformed clients are dealt with here, before the handler is called: 400, 408,
// 413, 417, 431, 501, 505; a streamed body's after that, and the handler finds its exchange broken.
// Never 503: to OpenWhisk that means the container is broken.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "http/exchange.h"
#include "http/message.h"

namespace wherry::http {

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";    // http/address.h; port 0: any; `unix:PATH`, `fd:3`
  unsigned loops = 0;                       // 0: one a core this process may run on
  unsigned max_threads = 256;               // that run handlers, the loops' own included
  unsigned max_connections = 16'384;        // more wait in the system's backlog
  uint32_t header_limit_bytes = 16 * 1024;  // request line and headers
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte to the empty line
  std::chrono::milliseconds body_timeout{60'000};    // from the empty line to the last byte; of a
                                                     // streamed body, between two pieces
  std::chrono::milliseconds write_timeout{60'000};   // without any progress of an answer
  std::chrono::milliseconds idle_timeout{75'000};    // between requests of a connection
  std::chrono::milliseconds drain_timeout{30'000};   // for requests in flight at stop()
  std::chrono::milliseconds drain_grace{100};  // at stop(), for an idle connection's next request
};

struct BodyPolicy {
  uint64_t limit_bytes = 0;  // 413 beyond
  // Larger bodies than this are streamed: the handler is called before they are complete.
  uint64_t stream_above_bytes = UINT64_MAX;
};

struct Handlers {
  // Called once a request whose head has arrived, with its body if it is not streamed. The answer
  // may be given now or later, from any thread.
  std::function<void(ExchangePtr)> handle;
  // Called on a loop when a request's head has arrived, where it must not block.
  std::function<BodyPolicy(const Request&)> body_policy;
  // Not about bodies known to be no longer than this, which are taken whole.
  uint64_t short_body_bytes = 0;
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

  // Accepts what waits in the backlog and nothing more, answers what has been received or arrives
  // within drain_grace (`Connection: close` with each connection's last answer), closes all
  // connections, joins all threads: also those of handlers that outlive drain_timeout. From one
  // thread; a second call does nothing.
  void stop();

 private:
  explicit Server(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace wherry::http
