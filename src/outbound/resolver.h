// Names to addresses by c-ares, which works in a static program, unlike the C library's resolver:
// /etc/hosts, then the name servers of /etc/resolv.conf, as they were at the start. Names are taken
// as they are: no search domains, no HOSTALIASES.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/outbound.h"
#include "outbound/address.h"
#include "outbound/poller.h"

namespace wherry::outbound {

struct ResolverOptions {
  std::string servers;  // `127.0.0.1:5353,…` instead of those of /etc/resolv.conf
  std::chrono::milliseconds try_timeout{2'500};
  int tries = 3;
};

// For the poller's thread.
class Resolver {
 public:
  // `poller` outlives it.
  static Result<std::unique_ptr<Resolver>> create(Poller& poller, const ResolverOptions& options);
  // Drops what is under way.
  ~Resolver();
  Resolver(const Resolver&) = delete;

  // Calls `done` once, perhaps at once, with addresses in the order to try them, or with an error.
  using Done = std::function<void(std::vector<SocketAddress>, http::OutboundError)>;
  void resolve(const std::string& name, uint16_t port, Done done);

 private:
  struct Channel;
  Resolver(Poller& poller, std::unique_ptr<Channel> channel);
  void watch(int socket, bool readable, bool writable);
  void arm_timer();

  Poller& poller_;
  std::unique_ptr<Channel> channel_;
  Poller::Timer timer_;
};

}  // namespace wherry::outbound
