// Addresses of servers: numbers, or a local socket's path. Looking names up needs the C library's
// resolver, which a static program cannot carry.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wherry::http {

struct Address {
  std::string ip;  // "127.0.0.1" or "::1"; empty for a local socket
  uint16_t port = 0;
  std::string unix_path;

  bool is_local() const { return !unix_path.empty(); }
};

// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (127.0.0.1), `:8080` (every IPv4 address), or
// `unix:PATH`.
Result<Address> parse_address(std::string_view text);

// The form parse_address() reads.
std::string to_text(const Address& address);

// The same for the system's calls.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};
SocketAddress socket_address(const Address& address);
// What the system said of an internet socket; nothing in it for others.
Address address_of(const SocketAddress& address);

}  // namespace wherry::http
