#include "http/address.h"

#include <gtest/gtest.h>

namespace wherry::http {
namespace {

std::string round_trip(std::string_view input) {
  auto address = parse_address(input);
  return address.ok() ? to_text(*address) : "error: " + address.error().message;
}

TEST(Address, ReadsNumericAddressesOnly) {
  EXPECT_EQ(round_trip("127.0.0.1:8080"), "127.0.0.1:8080");
  EXPECT_EQ(round_trip("[::1]:80"), "[::1]:80");
  EXPECT_EQ(round_trip("localhost:0"), "127.0.0.1:0");
  EXPECT_EQ(round_trip(":8080"), "0.0.0.0:8080");
  EXPECT_EQ(round_trip("8080"), "error: listen address \"8080\": no port");
  EXPECT_EQ(round_trip("example.org:80"),
            "error: listen address \"example.org:80\": not an IPv4 address");
  EXPECT_EQ(round_trip("::1:80"), "error: listen address \"::1:80\": not an IPv4 address");
  EXPECT_EQ(round_trip("127.0.0.1:65536"),
            "error: listen address \"127.0.0.1:65536\": the port is not a number from 0 to 65535");
}

TEST(Address, ReadsPathsOfLocalSockets) {
  EXPECT_EQ(round_trip("unix:/tmp/a:b"), "unix:/tmp/a:b");
  EXPECT_EQ(parse_address("unix:/tmp/a:b")->unix_path, "/tmp/a:b");
  EXPECT_EQ(round_trip("unix:"), "error: listen address \"unix:\": no path");
  std::string longest(107, 'a');
  EXPECT_TRUE(parse_address("unix:" + longest).ok());
  EXPECT_FALSE(parse_address("unix:" + longest + "a").ok());
}

TEST(Address, SurvivesTheSystemsForm) {
  for (std::string_view text : {"127.0.0.1:8080", "[::1]:80"}) {
    EXPECT_EQ(to_text(address_of(socket_address(parse_address(text).value()))), text);
  }
}

}  // namespace
}  // namespace wherry::http
