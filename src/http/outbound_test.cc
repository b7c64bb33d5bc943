#include "http/outbound.h"

#include <gtest/gtest.h>

namespace wherry::http {
namespace {

TEST(OutboundRequest, TakesMethodsAndHeadersAsTheyAreUsual) {
  EXPECT_TRUE(check_outbound("GET", {}).ok());
  EXPECT_TRUE(check_outbound("PROPFIND", {{"Accept", "text/html, */*"}, {"X-Empty", ""}}).ok());
}

TEST(OutboundRequest, RefusesWhatEndsALineEarly) {
  EXPECT_FALSE(check_outbound("GET / HTTP/1.1\r\nX:", {}).ok());
  EXPECT_FALSE(check_outbound("", {}).ok());
  EXPECT_FALSE(check_outbound("GET", {{"A", "b\r\nC: d"}}).ok());
  EXPECT_FALSE(check_outbound("GET", {{"A", "b\nC: d"}}).ok());
  EXPECT_FALSE(check_outbound("GET", {{"A", std::string("b\0c", 3)}}).ok());
  EXPECT_FALSE(check_outbound("GET", {{"A: b\r\nC", "d"}}).ok());
  EXPECT_FALSE(check_outbound("GET", {{"", "d"}}).ok());
}

TEST(OutboundRequest, RefusesHeadersThatAreTheClients) {
  for (const char* name : {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Upgrade",
                           "Expect", "Proxy-Authorization", "TE", "Trailer", "Keep-Alive"}) {
    EXPECT_FALSE(check_outbound("GET", {{name, "x"}}).ok()) << name;
  }
  EXPECT_FALSE(check_outbound("CONNECT", {}).ok());
}

}  // namespace
}  // namespace wherry::http
