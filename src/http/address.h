// Listen addresses: numbers only. Looking names up needs the C library's resolver, which a static
// program cannot carry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wherry::http {

struct Address {
  std::string ip;  // "127.0.0.1" or "::1"
  uint16_t port = 0;
};

// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` (127.0.0.1) or `:8080` (every IPv4 address).
Result<Address> parse_address(std::string_view text);

// The form parse_address() reads.
std::string to_text(const Address& address);

}  // namespace wherry::http
