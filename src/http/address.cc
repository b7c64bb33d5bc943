#include "http/address.h"

#include <arpa/inet.h>

#include <charconv>

namespace wherry::http {

namespace {

bool is_ip(int family, const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(family, text.c_str(), bytes) == 1;
}

Error bad_address(std::string_view text, std::string_view why) {
  return make_error(ErrorKind::kInvalid, "listen address \"{}\": {}", text, why)
      .with_hint("an address and a port in numbers, such as 127.0.0.1:8080, [::1]:8080 or :8080");
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_address(text, "no port");
  std::string_view port_text = text.substr(colon + 1);
  std::string_view host = text.substr(0, colon);

  Address address;
  auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), address.port);
  if (error != std::errc() || end != port_text.data() + port_text.size()) {
    return bad_address(text, "the port is not a number from 0 to 65535");
  }
  if (host.empty()) {
    address.ip = "0.0.0.0";
  } else if (host == "localhost") {
    address.ip = "127.0.0.1";
  } else if (host.starts_with('[') && host.ends_with(']')) {
    address.ip = host.substr(1, host.size() - 2);
    if (!is_ip(AF_INET6, address.ip)) return bad_address(text, "not an IPv6 address in brackets");
  } else {
    address.ip = host;
    if (!is_ip(AF_INET, address.ip)) return bad_address(text, "not an IPv4 address");
  }
  return address;
}

std::string to_text(const Address& address) {
  bool is_ipv6 = address.ip.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address.ip, address.port)
                 : fmt::format("{}:{}", address.ip, address.port);
}

}  // namespace wherry::http
