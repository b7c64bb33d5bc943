// URLs of other HTTP servers, RFC 3986 as narrowly as it does for calls to them: what two readers
// could understand differently is refused, since a list of allowed hosts is checked against what
// parse_url() says and the connection is made by it, too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wherry::http {

enum class HostKind : uint8_t { kName, kIpv4, kIpv6 };

struct Url {
  bool is_https = false;
  HostKind kind = HostKind::kName;
  std::string host;  // a name in lower case, or an address as inet_ntop writes it, without brackets
  uint16_t port = 0;
  std::string target;  // path and query, `/` at least; a fragment is not sent

  bool has_default_port() const { return port == (is_https ? 443 : 80); }
  // As the Host header wants it: `example.com`, `[::1]:8080`.
  std::string authority() const;
};

// `https://example.com:8443/path?query`. Refuses other schemes, user names, spaces and control
// characters, and ways of writing numeric addresses that are not the usual one (`127.1`, `0x7f.1`).
Result<Url> parse_url(std::string_view text);

// A host as it stands in a URL, with brackets around an IPv6 address; puts it into `url`.
bool parse_host(std::string_view text, Url& url);
// Digits only, 1 to 65535; otherwise 0.
uint16_t parse_port(std::string_view text);

}  // namespace wherry::http
