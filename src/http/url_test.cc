#include "http/url.h"

#include <gtest/gtest.h>

namespace wherry::http {
namespace {

Url parsed(std::string_view text) {
  Result<Url> url = parse_url(text);
  if (url.ok()) return *url;
  ADD_FAILURE() << text << ": " << url.error().message;
  return {};
}

TEST(Url, SaysSchemeHostPortAndTarget) {
  Url url = parsed("HTTPS://API.Example.com:8443/a/b?c=d#fragment");
  EXPECT_TRUE(url.is_https);
  EXPECT_EQ(url.kind, HostKind::kName);
  EXPECT_EQ(url.host, "api.example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.target, "/a/b?c=d");
  EXPECT_EQ(url.authority(), "api.example.com:8443");
}

TEST(Url, KnowsTheSchemesPorts) {
  EXPECT_EQ(parsed("http://a").port, 80);
  EXPECT_EQ(parsed("https://a").port, 443);
  EXPECT_EQ(parsed("https://a:443/").authority(), "a");
  EXPECT_EQ(parsed("http://a:443/").authority(), "a:443");
}

TEST(Url, TargetsBeginWithASlash) {
  EXPECT_EQ(parsed("http://a").target, "/");
  EXPECT_EQ(parsed("http://a?x=/y").target, "/?x=/y");
  EXPECT_EQ(parsed("http://a#x").target, "/");
}

TEST(Url, AddressesAreWrittenInOneWay) {
  Url url = parsed("http://[0:0:0:0:0:0:0:1]:9000/");
  EXPECT_EQ(url.kind, HostKind::kIpv6);
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.authority(), "[::1]:9000");
  EXPECT_EQ(parsed("http://127.0.0.1:9000/").kind, HostKind::kIpv4);
}

TEST(Url, RefusesWhatCouldBeUnderstoodInTwoWays) {
  for (std::string_view text : {
           "http://127.1/",
           "http://2130706433/",
           "http://0x7f.0.0.1/",
           "http://0x7f000001/",
           "http://0177.0.0.1/",
           "http://1.2.3.4.5/",
           "http://a.0x1/",
           "http://user@host/",
           "http://user:password@host/",
           "http://a\\@b/",
           "http://a\\b/",
           "http://a b/",
           "http://a/b c",
           "http://a/\r\nHost: b",
           "http://a%2eb/",
           "http://a./",
           "http://.a/",
           "http:///a",
           "http://",
           "http:/a",
           "//a/",
           "ftp://a/",
           "a",
           "",
           "http://a:/",
           "http://a:0/",
           "http://a:65536/",
           "http://a:+1/",
           "http://a:1:2/",
           "http://::1/",
           "http://[::1/",
           "http://[::1]x/",
           "http://[fe80::1%25eth0]/",
           "http://\xc3\xa4/",
           "http://-a/",
           "http://a,b/",
       }) {
    EXPECT_FALSE(parse_url(text).ok()) << text;
  }
}

TEST(Url, RefusesZerosWithin) {
  EXPECT_FALSE(parse_url(std::string_view("http://127.0.0.1\0.example.com/", 30)).ok());
  Url url;
  EXPECT_FALSE(parse_host(std::string_view("127.0.0.1\0.example.com", 22), url));
}

TEST(Url, NamesMayEndWithLettersThatAreHexadecimal) {
  EXPECT_EQ(parsed("http://bad.cafe/").kind, HostKind::kName);
  EXPECT_EQ(parsed("http://7.example/").kind, HostKind::kName);
}

}  // namespace
}  // namespace wherry::http
