#include "function/outbound_host.h"

#include <gtest/gtest.h>

namespace wherry::function {
namespace {

bool allowed(const std::vector<std::string>& hosts, std::string_view url) {
  Result<OutboundRules> rules = OutboundRules::create(hosts);
  Result<http::Url> parsed = http::parse_url(url);
  EXPECT_TRUE(rules.ok() && parsed.ok()) << url;
  return rules.ok() && parsed.ok() && rules->allow(*parsed);
}

TEST(OutboundRules, AllowNothingUnlessItIsNamed) {
  EXPECT_FALSE(allowed({}, "https://example.com/"));
  EXPECT_FALSE(allowed({"example.com"}, "https://example.org/"));
  EXPECT_FALSE(allowed({"example.com"}, "https://api.example.com/"));
  EXPECT_FALSE(allowed({"example.com"}, "https://notexample.com/"));
  EXPECT_FALSE(allowed({"example.com"}, "https://example.com.evil.org/"));
  EXPECT_TRUE(allowed({"example.org", "example.com"}, "https://EXAMPLE.com/"));
}

TEST(OutboundRules, PatternsAreForTheHostsBelow) {
  EXPECT_TRUE(allowed({"*.example.com"}, "https://a.example.com/"));
  EXPECT_TRUE(allowed({"*.example.com"}, "https://a.b.example.com/"));
  EXPECT_FALSE(allowed({"*.example.com"}, "https://example.com/"));
  EXPECT_FALSE(allowed({"*.example.com"}, "https://evilexample.com/"));
  EXPECT_FALSE(allowed({"*.example.com"}, "https://example.com.evil.org/"));
}

TEST(OutboundRules, PortsAreTheSchemesUnlessNamed) {
  EXPECT_TRUE(allowed({"example.com"}, "http://example.com/"));
  EXPECT_TRUE(allowed({"example.com"}, "https://example.com:443/"));
  EXPECT_FALSE(allowed({"example.com"}, "https://example.com:80/"));
  EXPECT_FALSE(allowed({"example.com"}, "https://example.com:22/"));
  EXPECT_TRUE(allowed({"example.com:8443"}, "https://example.com:8443/"));
  EXPECT_TRUE(allowed({"example.com:8443"}, "http://example.com:8443/"));
  EXPECT_FALSE(allowed({"example.com:8443"}, "https://example.com/"));
}

TEST(OutboundRules, SchemesCountWhereTheyAreNamed) {
  EXPECT_TRUE(allowed({"https://example.com"}, "https://example.com/"));
  EXPECT_FALSE(allowed({"https://example.com"}, "http://example.com/"));
  EXPECT_FALSE(allowed({"https://example.com"}, "http://example.com:443/"));
  EXPECT_FALSE(allowed({"http://example.com:443"}, "https://example.com/"));
}

TEST(OutboundRules, AddressesAreTheSameHoweverTheyAreWritten) {
  EXPECT_TRUE(allowed({"http://[0:0::1]:9000"}, "http://[::1]:9000/"));
  EXPECT_TRUE(allowed({"http://127.0.0.1:9000"}, "http://127.0.0.1:9000/"));
  EXPECT_FALSE(allowed({"http://127.0.0.1:9000"}, "http://127.0.0.1:9001/"));
  EXPECT_FALSE(allowed({"*.0.0.example"}, "http://127.0.0.1/"));
}

TEST(OutboundRules, RefuseWhatIsNoHost) {
  for (const char* text : {"", "*", "*.", "http://", "a/b", "a b", "user@a", "a:0", "a:x", "a:",
                           "*.127.0.0.1", "127.1", "*.[::1]", "::1", "a.*.b", "ftp://a", "*a.b"}) {
    EXPECT_FALSE(OutboundRules::create({text}).ok()) << text;
    EXPECT_FALSE(is_outbound_host(text)) << text;
  }
}

}  // namespace
}  // namespace wherry::function
