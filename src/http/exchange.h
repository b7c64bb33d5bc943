// One request and the answer to it, with bodies that may be streamed both ways: what an HTTP server
// gives its handler, and what a command line or a test gives a function that speaks HTTP.
//
// Nothing here blocks. Where something must be waited for (more of the request's body, room for the
// answer's), the call says so, and wake() asks to be told when it is worth trying again.
//
// One thread at a time may use an exchange; it may be another each time. It lives at least until
// its answer is complete: until respond(), finish() or abort(). If the last pointer to it goes
// earlier, the answer is a 500, or aborted if it has begun. What comes after the end is ignored.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "http/message.h"

namespace wherry::http {

class Exchange {
 public:
  virtual ~Exchange() = default;

  // The head, and the whole body unless body_is_streamed().
  virtual const Request& request() const = 0;
  virtual bool body_is_streamed() const = 0;

  // The next bytes of a streamed body, at most `into.size()`; what was read is gone from here.
  enum class State : uint8_t {
    kReady,   // some bytes; for write(): taken
    kWait,    // none yet: wake() tells when; for write(): not taken
    kEnd,     // none any more: the body is complete; not for write()
    kBroken,  // the client is gone, too slow, or sent too much: no answer will reach it. Once an
              // answer has begun to go out, a client that says it has nothing more to say is gone.
  };
  struct Read {
    State state = State::kEnd;
    size_t bytes = 0;
  };
  virtual Read read_body(std::span<uint8_t> into) = 0;

  // The whole answer at once. The server adds what belongs to the connection, and Content-Length.
  virtual void respond(Response response) = 0;

  // An answer in pieces: start(), write() any number of times, finish(). Without a length it is
  // chunked, or for HTTP/1.0 ended by closing. What is written may be held back for a moment;
  // flush() sends it (from within a handler's call, when that is over or has taken a millisecond or
  // two). What is beyond the length is cut; with less, finish() is an abort(). `abort()` instead of
  // finish(): the client can tell that it is incomplete.
  virtual void start(Response head, std::optional<uint64_t> length) = 0;
  virtual State write(Bytes bytes) = 0;
  virtual void flush() = 0;
  virtual void finish() = 0;
  virtual void abort() = 0;

  // After a kWait: `again` is called once, as a handler is (server.h), when trying again is
  // worthwhile, also because the client is gone. At most one is outstanding.
  virtual void wake(std::function<void()> again) = 0;
  // Calls `work` as a handler, soon, on any thread. May be called from every thread, also while
  // another uses the exchange. `may_be_slow` keeps it off the threads that serve sockets.
  virtual void post(std::function<void()> work, bool may_be_slow) = 0;
};

using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace wherry::http
