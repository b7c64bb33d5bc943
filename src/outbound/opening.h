// A connection in the making: the name looked up, its addresses tried one after another, TLS.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "http/outbound.h"
#include "outbound/address.h"
#include "outbound/poller.h"
#include "outbound/resolver.h"
#include "outbound/stream.h"
#include "outbound/tls.h"

namespace wherry::outbound {

// What connections are made with; outlives them.
struct Means {
  Poller& poller;
  Resolver& resolver;
  // Read when the first secure connection is made: it takes 15 ms, and most need it never or often.
  std::function<Result<TlsContext*>()> tls;
  std::chrono::milliseconds connect_timeout;
  bool names_may_lead_inside;
};

// For the poller's thread.
class Opening : public std::enable_shared_from_this<Opening> {
 public:
  // Called once, unless cancel() is called before: with a stream, or with an error.
  using Done = std::function<void(std::unique_ptr<Stream>, http::OutboundError)>;
  static std::shared_ptr<Opening> start(Means& means, const http::Url& url, Done done);
  void cancel();

 private:
  Opening(Means& means, const http::Url& url, Done done);
  void look_up();
  void take_addresses(std::vector<SocketAddress> addresses, http::OutboundError error);
  void try_next();
  void try_address(const SocketAddress& address);
  void connected();
  void shake_hands();
  void watch(uint32_t events, void (Opening::*step)());
  void fail(http::OutboundFailure failure, std::string message);
  void close();

  Means& means_;
  const http::Url url_;
  Done done_;  // empty once it is over
  Poller::Timer timer_, try_timer_;
  std::vector<SocketAddress> addresses_;  // still to be tried, the next one last
  SocketAddress address_;
  std::string last_error_;
  Poller::Time deadline_;
  FileDescriptor socket_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace wherry::outbound
