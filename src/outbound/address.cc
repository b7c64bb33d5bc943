#include "outbound/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace wherry::outbound {

namespace {

struct Block4 {
  uint32_t address;
  unsigned bits;
};

constexpr uint32_t v4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr Block4 kSetApart[] = {
    {v4(0, 0, 0, 0), 8},        // this network
    {v4(10, 0, 0, 0), 8},       // private
    {v4(100, 64, 0, 0), 10},    // behind providers' translation
    {v4(127, 0, 0, 0), 8},      // loopback
    {v4(169, 254, 0, 0), 16},   // link-local; clouds' metadata
    {v4(172, 16, 0, 0), 12},    // private
    {v4(192, 0, 0, 0), 24},     // protocols
    {v4(192, 0, 2, 0), 24},     // documentation
    {v4(192, 88, 99, 0), 24},   // relays to IPv6
    {v4(192, 168, 0, 0), 16},   // private
    {v4(198, 18, 0, 0), 15},    // benchmarks
    {v4(198, 51, 100, 0), 24},  // documentation
    {v4(203, 0, 113, 0), 24},   // documentation
    {v4(224, 0, 0, 0), 3},      // multicast, reserved, broadcast
};

bool is_public_v4(uint32_t address) {
  return std::none_of(std::begin(kSetApart), std::end(kSetApart), [address](const Block4& block) {
    return (address ^ block.address) >> (32 - block.bits) == 0;
  });
}

uint32_t load_be32(const uint8_t* from) { return v4(from[0], from[1], from[2], from[3]); }

bool starts_with(const uint8_t* bytes, std::initializer_list<uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes);
}

bool is_public_v6(const uint8_t* b) {
  // IPv4 in disguise: mapped (::ffff:0:0/96), translated (64:ff9b::/96), tunnelled (2002::/16).
  if (starts_with(b, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}))
    return is_public_v4(load_be32(b + 12));
  if (starts_with(b, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return is_public_v4(load_be32(b + 12));
  }
  if (starts_with(b, {0x20, 0x02})) return is_public_v4(load_be32(b + 2));
  // Of the rest only 2000::/3 is handed out, without protocols (2001::/23, Teredo among them) and
  // documentation (2001:db8::/32, 3fff::/20).
  if ((b[0] & 0xe0) != 0x20) return false;
  if (starts_with(b, {0x20, 0x01, 0x0d, 0xb8})) return false;
  if (starts_with(b, {0x20, 0x01}) && b[2] < 2) return false;
  return !(starts_with(b, {0x3f, 0xff}) && b[2] < 0x10);
}

}  // namespace

void SocketAddress::set_port(uint16_t port) {
  if (family() == AF_INET) {
    v4.sin_port = htons(port);
  } else {
    v6.sin6_port = htons(port);
  }
}

std::string SocketAddress::text() const {
  char text[INET6_ADDRSTRLEN] = "?";
  if (family() == AF_INET) {
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return fmt::format("{}:{}", text, ntohs(v4.sin_port));
  }
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return fmt::format("[{}]:{}", text, ntohs(v6.sin6_port));
}

SocketAddress SocketAddress::of(http::HostKind kind, const std::string& host, uint16_t port) {
  SocketAddress address;
  if (kind == http::HostKind::kIpv4) {
    address.v4 = {};
    address.v4.sin_family = AF_INET;
    ::inet_pton(AF_INET, host.c_str(), &address.v4.sin_addr);
  } else {
    address.v6.sin6_family = AF_INET6;
    ::inet_pton(AF_INET6, host.c_str(), &address.v6.sin6_addr);
  }
  address.set_port(port);
  return address;
}

bool is_public(const SocketAddress& address) {
  if (address.family() == AF_INET) return is_public_v4(ntohl(address.v4.sin_addr.s_addr));
  return is_public_v6(address.v6.sin6_addr.s6_addr);
}

std::vector<SocketAddress> public_ones(std::vector<SocketAddress> addresses) {
  std::erase_if(addresses, [](const SocketAddress& address) { return !is_public(address); });
  return addresses;
}

std::vector<SocketAddress> known_addresses(const http::Url& url) {
  using http::HostKind;
  if (url.kind != HostKind::kName) return {SocketAddress::of(url.kind, url.host, url.port)};
  if (url.host != "localhost") return {};
  return {SocketAddress::of(HostKind::kIpv4, "127.0.0.1", url.port),
          SocketAddress::of(HostKind::kIpv6, "::1", url.port)};
}

}  // namespace wherry::outbound
