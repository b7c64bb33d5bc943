#include "outbound/address.h"

#include <gtest/gtest.h>

namespace wherry::outbound {
namespace {

using http::HostKind;

bool is_public(const std::string& host) {
  HostKind kind = host.find(':') == host.npos ? HostKind::kIpv4 : HostKind::kIpv6;
  return outbound::is_public(SocketAddress::of(kind, host, 80));
}

TEST(Address, MachinesOfTheInternetArePublic) {
  for (const char* host : {"1.1.1.1",
                           "8.8.8.8",
                           "11.0.0.1",
                           "9.255.255.255",
                           "100.63.255.255",
                           "100.128.0.0",
                           "126.255.255.255",
                           "128.0.0.1",
                           "169.253.1.1",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.167.1.1",
                           "192.169.0.1",
                           "198.17.0.1",
                           "198.20.0.1",
                           "223.255.255.255",
                           "2606:4700::1111",
                           "2a00:1450:4001::1",
                           "2001:4860:4860::8888",
                           "::ffff:8.8.8.8",
                           "64:ff9b::808:808",
                           "2002:808:808::1"}) {
    EXPECT_TRUE(is_public(host)) << host;
  }
}

TEST(Address, NetworksSetApartAreNot) {
  for (const char* host :
       {"0.0.0.0",         "0.1.2.3",        "10.0.0.1",        "10.255.255.255",  "100.64.0.1",
        "100.127.255.255", "127.0.0.1",      "127.255.255.255", "169.254.169.254", "172.16.0.1",
        "172.31.255.255",  "192.0.0.1",      "192.0.2.1",       "192.88.99.1",     "192.168.0.1",
        "198.18.0.1",      "198.19.255.255", "198.51.100.1",    "203.0.113.1",     "224.0.0.1",
        "239.1.1.1",       "240.0.0.1",      "255.255.255.255"}) {
    EXPECT_FALSE(is_public(host)) << host;
  }
  for (const char* host :
       {"::", "::1", "::127.0.0.1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "100::1",
        "2001:db8::1", "2001::1", "2001:1ff::1", "3fff::1", "4000::1", "64:ff9b:1::1"}) {
    EXPECT_FALSE(is_public(host)) << host;
  }
}

TEST(Address, WrappingAnAddressDoesNotMakeItPublic) {
  for (const char* host :
       {"::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::1"}) {
    EXPECT_FALSE(is_public(host)) << host;
  }
}

TEST(Address, OfANamesAddressesThePublicOnesRemain) {
  auto v4 = [](const char* host) { return SocketAddress::of(HostKind::kIpv4, host, 80); };
  auto left = public_ones({v4("127.0.0.1"), v4("1.1.1.1"), v4("10.0.0.1")});
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].text(), "1.1.1.1:80");
}

TEST(Address, DigitsAndLocalhostNeedNobodyToAsk) {
  auto known = [](const char* url) { return known_addresses(*http::parse_url(url)); };
  ASSERT_EQ(known("http://10.1.2.3:81/").size(), 1u);
  EXPECT_EQ(known("http://10.1.2.3:81/")[0].text(), "10.1.2.3:81");
  EXPECT_EQ(known("https://[fe80::1]/")[0].text(), "[fe80::1]:443");
  ASSERT_EQ(known("http://localhost:9000/").size(), 2u);
  EXPECT_EQ(known("http://localhost:9000/")[0].text(), "127.0.0.1:9000");
  EXPECT_EQ(known("http://localhost:9000/")[1].text(), "[::1]:9000");
  EXPECT_TRUE(known("http://a.localhost/").empty());
  EXPECT_TRUE(known("http://example.com/").empty());
}

}  // namespace
}  // namespace wherry::outbound
