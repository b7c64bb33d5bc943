#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstring>

namespace wherry::http {

namespace {

bool is_ip(int family, const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(family, text.c_str(), bytes) == 1;
}

Error bad_address(std::string_view text, std::string_view why) {
  return make_error(ErrorKind::kInvalid, "listen address \"{}\": {}", text, why)
      .with_hint(
          "an address and a port in numbers, such as 127.0.0.1:8080, [::1]:8080 or :8080, or "
          "unix:PATH");
}

Result<Address> parse_local(std::string_view text, std::string_view path) {
  if (path.empty()) return bad_address(text, "no path");
  if (path.size() >= sizeof(sockaddr_un::sun_path) || path.find('\0') != std::string_view::npos) {
    return bad_address(
        text, fmt::format("the path is longer than {} bytes", sizeof(sockaddr_un::sun_path) - 1));
  }
  Address address;
  address.unix_path = path;
  return address;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  if (text.starts_with("unix:")) return parse_local(text, text.substr(5));
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
  if (address.is_local()) return "unix:" + address.unix_path;
  bool is_ipv6 = address.ip.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address.ip, address.port)
                 : fmt::format("{}:{}", address.ip, address.port);
}

SocketAddress socket_address(const Address& address) {
  SocketAddress result;
  if (address.is_local()) {
    auto* local = reinterpret_cast<sockaddr_un*>(&result.storage);
    local->sun_family = AF_UNIX;
    std::memcpy(local->sun_path, address.unix_path.c_str(), address.unix_path.size() + 1);
    result.size = sizeof(sockaddr_un);
  } else if (address.ip.find(':') != std::string::npos) {
    auto* internet = reinterpret_cast<sockaddr_in6*>(&result.storage);
    internet->sin6_family = AF_INET6;
    internet->sin6_port = htons(address.port);
    ::inet_pton(AF_INET6, address.ip.c_str(), &internet->sin6_addr);
    result.size = sizeof(sockaddr_in6);
  } else {
    auto* internet = reinterpret_cast<sockaddr_in*>(&result.storage);
    internet->sin_family = AF_INET;
    internet->sin_port = htons(address.port);
    ::inet_pton(AF_INET, address.ip.c_str(), &internet->sin_addr);
    result.size = sizeof(sockaddr_in);
  }
  return result;
}

Address address_of(const SocketAddress& address) {
  Address result;
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET) {
    auto* internet = reinterpret_cast<const sockaddr_in*>(&address.storage);
    ::inet_ntop(AF_INET, &internet->sin_addr, text, sizeof text);
    result.port = ntohs(internet->sin_port);
  } else if (address.storage.ss_family == AF_INET6) {
    auto* internet = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    ::inet_ntop(AF_INET6, &internet->sin6_addr, text, sizeof text);
    result.port = ntohs(internet->sin6_port);
  }
  result.ip = text;
  return result;
}

}  // namespace wherry::http
