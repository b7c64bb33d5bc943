// Addresses that connections are made to, and which of them names may lead to.
//
// A name that a function may call is somebody's to point where they like, into the host's own
// network for one (DNS rebinding). So names lead to public addresses only. Addresses of other
// networks must be named as such, in digits or as `localhost`, by who allows the call.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "http/url.h"

namespace wherry::outbound {

struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  SocketAddress() : v6{} {}
  int family() const { return any.sa_family; }
  socklen_t size_bytes() const { return family() == AF_INET ? sizeof v4 : sizeof v6; }
  void set_port(uint16_t port);
  std::string text() const;  // `127.0.0.1:80`, `[::1]:80`

  // Of digits, as Url::host has them.
  static SocketAddress of(http::HostKind kind, const std::string& host, uint16_t port);
};

// False for this machine, private and link-local networks, and everything else that is set apart
// (RFC 6890 and its successors), also where it is wrapped into an IPv6 address.
bool is_public(const SocketAddress& address);

// Those of the addresses that are.
std::vector<SocketAddress> public_ones(std::vector<SocketAddress> addresses);

// The addresses of a URL's host if nobody need be asked: digits and `localhost`.
std::vector<SocketAddress> known_addresses(const http::Url& url);

}  // namespace wherry::outbound
