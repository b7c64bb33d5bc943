// Calls to other HTTP servers, as functions make them: what the room `outbound` implements, and
// what programs without it lack.
//
// Nothing here blocks. Where something must be waited for, the call says so, and wake() asks to be
// told when it is worth trying again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "http/url.h"

namespace wherry::http {

struct OutboundRequest {
  Url url;
  std::string method;
  std::vector<Header> headers;  // but for those that are the client's: check_outbound()
  std::string body;
};

// Why there is no answer, or no complete one. Guests see these numbers, negative
// (docs/function-abi.md).
enum class OutboundFailure : uint8_t {
  kNone = 0,
  kInvalid = 1,   // the request is malformed; it was not sent
  kDenied = 2,    // the host, or the address its name leads to, is not allowed
  kLimit = 3,     // too many calls at a time, or too much in one
  kName = 4,      // no such host, or no answer about its name
  kConnect = 5,   // nothing at the host's addresses takes connections
  kTls = 6,       // no secure connection, or not with whom it should be
  kTimeout = 7,   // connecting, or the server, took too long
  kProtocol = 8,  // the answer is not HTTP/1.1 as it should be
  kClosed = 9,    // the connection ended before the answer was complete
  kStopped = 10,  // the host is going down
};

const char* name_of(OutboundFailure failure);

struct OutboundError {
  OutboundFailure failure = OutboundFailure::kNone;
  std::string message;  // one sentence, lower case, no period
};

// One call under way. One thread at a time may use it; it may be another each time. Destroying it
// ends the call, whatever its state.
class OutboundCall {
 public:
  virtual ~OutboundCall() = default;

  enum class State : uint8_t {
    kReady,   // the head; for read(): some bytes
    kWait,    // nothing yet: wake() tells when
    kEnd,     // read() only: the body is complete
    kFailed,  // error() says why
  };
  virtual State head() = 0;
  // Status and headers, after head() said kReady once.
  virtual const Response& response() const = 0;

  struct Read {
    State state = State::kWait;
    size_t bytes = 0;
  };
  // The next bytes of the body, at most `into.size()`; what was read is gone from here. The server
  // is held up while nobody reads.
  virtual Read read(std::span<uint8_t> into) = 0;

  // After kFailed.
  virtual const OutboundError& error() const = 0;

  // After a kWait: `again` is called once, when trying again is worthwhile; from a thread that must
  // not be held up, perhaps before wake() has returned. At most one is outstanding. It may still be
  // running when the call has been destroyed.
  virtual void wake(std::function<void()> again) = 0;
};

// Safe from many threads.
class Outbound {
 public:
  virtual ~Outbound() = default;
  // Never null. `request` has passed check_outbound(), and its host is allowed.
  virtual std::unique_ptr<OutboundCall> call(OutboundRequest request) = 0;
};

// Whether the method and the headers may be sent: nothing that ends a line early, none of the
// headers that say how a message travels, which are the client's.
Status check_outbound(std::string_view method, const std::vector<Header>& headers);

// GET, HEAD, OPTIONS, PUT, DELETE, TRACE: may be sent again where it is unknown what became of
// them.
bool is_idempotent(std::string_view method);

}  // namespace wherry::http
