#include "function/cgi_head.h"

#include <gtest/gtest.h>

namespace wherry::function {
namespace {

TEST(CgiHead, EndsWithAnEmptyLineOfEitherKind) {
  EXPECT_EQ(end_of_cgi_head("A: 1\n\nbody", 0), 6u);
  EXPECT_EQ(end_of_cgi_head("A: 1\r\n\r\nbody", 0), 8u);
  EXPECT_EQ(end_of_cgi_head("A: 1\n\r\nbody", 0), 7u);
  EXPECT_EQ(end_of_cgi_head("\nbody", 0), 1u);
  EXPECT_EQ(end_of_cgi_head("\r\nbody", 0), 2u);
  EXPECT_EQ(end_of_cgi_head("A: 1\nB: 2\n", 0), std::nullopt);
  EXPECT_EQ(end_of_cgi_head("A: 1\r", 0), std::nullopt);
}

// Wherever a piece ends.
TEST(CgiHead, IsFoundHoweverItComes) {
  for (std::string_view text : {"A: 1\r\nB: 2\r\n\r\nx\n\ny", "A: 1\nB: 2\n\nx", "\r\nx", "\n"}) {
    const auto whole = end_of_cgi_head(text, 0);
    std::optional<size_t> found;
    for (size_t end = 1, before = 0; end <= text.size() && !found; before = end++) {
      found = end_of_cgi_head(text.substr(0, end), before);
    }
    EXPECT_EQ(found, whole) << text;
  }
}

TEST(CgiHead, SaysStatusHeadersAndLength) {
  CgiHead head =
      parse_cgi_head(
          "Status: 201 Made\r\nContent-Type:  text/plain \r\nX-Empty:\r\n"
          "content-length: 12\r\nConnection: close\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n")
          .value();
  EXPECT_EQ(head.response.status, 201u);
  EXPECT_EQ(head.length, 12u);
  std::string all;
  for (const http::Header& header : head.response.headers) {
    all += header.name + "=" + header.value + "|";
  }
  EXPECT_EQ(all, "Content-Type=text/plain|X-Empty=|Set-Cookie=a|Set-Cookie=b|");
  EXPECT_EQ(parse_cgi_head("Location: /x\n\n")->response.status, 302u);
  EXPECT_EQ(parse_cgi_head("Content-Type: a/b\n\n")->response.status, 200u);
  EXPECT_EQ(parse_cgi_head("Status: 204\n\n")->response.status, 204u);
}

TEST(CgiHead, RefusesWhatIsNone) {
  for (std::string_view head :
       {"X-Other: 1\n\n", "\n", "no field\nContent-Type: a\n\n", "Content Type: a\n\n", ": a\n\n",
        "Content-Type: a\n continued\n\n", "Status: ok\n\n", "Status: 99\n\n", "Status: 1000\n\n",
        "Status: 200x\n\n", "Status: 200\nContent-Length: -1\n\n",
        "Status: 200\nContent-Length: 1 2\n\n", "Content-Type: a\x01\n\n",
        "Content-Type: a\rb\n\n"}) {
    EXPECT_FALSE(parse_cgi_head(head).ok()) << head;
  }
}

}  // namespace
}  // namespace wherry::function
