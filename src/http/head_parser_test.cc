#include "http/head_parser.h"

#include <gtest/gtest.h>

namespace wherry::http {
namespace {

using Outcome = HeadParser::Outcome;

struct Parsed {
  Outcome outcome = Outcome::kMore;
  unsigned status = 0;
  Request request;
  std::optional<uint64_t> length;
  bool is_chunked = false, keep_alive = false;
  size_t size = 0;

  bool operator==(const Parsed& other) const {
    return outcome == other.outcome && status == other.status && size == other.size &&
           request.method == other.request.method && request.target == other.request.target &&
           request.headers.size() == other.request.headers.size() && length == other.length &&
           is_chunked == other.is_chunked && keep_alive == other.keep_alive;
  }
};

// Fed in pieces of this size, each time in other memory.
Parsed parse(std::string_view text, size_t piece = SIZE_MAX) {
  Parsed parsed;
  RequestHeadParser parser;
  parser.reset(&parsed.request);
  for (size_t end = 0; parsed.outcome == Outcome::kMore && end < text.size();) {
    end += std::min(piece, text.size() - end);
    parsed.outcome = parser.parse(std::string(text.substr(0, end)));
  }
  if (parsed.outcome == Outcome::kRefused) parsed.status = parser.refusal().status;
  if (parsed.outcome != Outcome::kDone) return parsed;
  parsed.length = parser.content_length();
  parsed.is_chunked = parser.is_chunked();
  parsed.keep_alive = parser.keep_alive();
  parsed.size = parser.size_bytes();
  return parsed;
}

std::string with(std::string_view headers, std::string_view version = "HTTP/1.1") {
  return "GET / " + std::string(version) + "\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

TEST(RequestHead, HasItsPartsAndEndsWhereItEnds) {
  std::string head =
      "POST /a?b=c HTTP/1.1\r\nHost: example\r\nX-Empty:\r\nX-Space: \t a b \r\n\r\n";
  Parsed parsed = parse(head + "body");
  ASSERT_EQ(parsed.outcome, Outcome::kDone);
  EXPECT_EQ(parsed.size, head.size());
  EXPECT_EQ(parsed.request.method, "POST");
  EXPECT_EQ(parsed.request.target, "/a?b=c");
  EXPECT_EQ(parsed.request.path(), "/a");
  EXPECT_EQ(parsed.request.query(), "b=c");
  ASSERT_EQ(parsed.request.headers.size(), 3u);
  EXPECT_EQ(*parsed.request.find_header("x-empty"), "");
  EXPECT_EQ(*parsed.request.find_header("X-SPACE"), "a b");
  EXPECT_TRUE(parsed.keep_alive);
}

TEST(RequestHead, IsTheSameHoweverItIsCut) {
  for (const std::string& head :
       {std::string("\r\nPOST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nA: b\r\n\r\n"),
        std::string("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
        with("Transfer-Encoding: chunked\r\n"), with("A : b\r\n"), with("A: \x01\r\n")}) {
    Parsed whole = parse(head);
    ASSERT_NE(whole.outcome, Outcome::kMore);
    for (size_t piece = 1; piece < 20; piece++) {
      EXPECT_TRUE(parse(head, piece) == whole) << head << piece;
    }
  }
}

TEST(RequestHead, UsesTheMemoryOfTheLastOneWithoutKeepingAnythingOfIt) {
  Request request;
  RequestHeadParser parser;
  parser.reset(&request);
  ASSERT_EQ(parser.parse("PUT http://other/ HTTP/1.0\r\nHost: x\r\nContent-Length: 3\r\nExpect: "
                         "tea\r\nA: b\r\n\r\n"),
            Outcome::kDone);
  parser.reset(&request);
  ASSERT_EQ(parser.parse("GET /2 HTTP/1.1\r\nHost: y\r\n\r\n"), Outcome::kDone);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/2");
  ASSERT_EQ(request.headers.size(), 1u);
  EXPECT_EQ(request.headers[0].value, "y");
  EXPECT_FALSE(request.is_http_1_0);
  EXPECT_FALSE(parser.content_length().has_value());
  EXPECT_EQ(parser.expectation(), "");
}

TEST(RequestHead, ReducesWholeUrlsToPathsAndTakesTheirHost) {
  const std::pair<const char*, const char*> cases[] = {{"http://a.example/b?c", "/b?c"},
                                                       {"HTTP://a.example", "/"},
                                                       {"https://a.example:80/", "/"},
                                                       {"http://a.example?x=/", "/?x=/"}};
  for (auto [target, path] : cases) {
    Parsed parsed = parse("GET " + std::string(target) + " HTTP/1.1\r\nHost: b\r\n\r\n");
    ASSERT_EQ(parsed.outcome, Outcome::kDone) << target;
    EXPECT_EQ(parsed.request.target, path);
    EXPECT_TRUE(parsed.request.find_header("Host")->starts_with("a.example")) << target;
  }
  EXPECT_EQ(*parse("GET http://a/ HTTP/1.0\r\n\r\n").request.find_header("Host"), "a");
  EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "*");
}

TEST(RequestHead, KeepsTheConnectionAsVersionAndHeaderSay) {
  EXPECT_TRUE(parse(with("")).keep_alive);
  EXPECT_FALSE(parse(with("Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(parse(with("Connection: Keep-Alive, CLOSE\r\n")).keep_alive);
  EXPECT_FALSE(parse(with("", "HTTP/1.0")).keep_alive);
  EXPECT_TRUE(parse(with("Connection: te, Keep-Alive\r\n", "HTTP/1.0")).keep_alive);
  EXPECT_FALSE(parse(with("Connection: closed\r\nConnection: close\r\n")).keep_alive);
}

TEST(RequestHead, SaysHowTheBodyIsFramed) {
  EXPECT_EQ(parse(with("Content-Length: 18446744073709551615\r\n")).length, UINT64_MAX);
  EXPECT_EQ(parse(with("content-length: 5\r\nContent-Length: 5\r\n")).length, 5u);
  EXPECT_TRUE(parse(with("Transfer-Encoding: Chunked\r\n")).is_chunked);
}

TEST(RequestHead, RefusesWhatIsMalformedOrAmbiguous) {
  const std::pair<std::string, unsigned> cases[] = {
      {"GET\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {" GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400},
      {"G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET ftp://a/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET http://u@a/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {std::string("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 28), 400},
      {"GET /\x7f HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", 501},
      {"GET / http/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.11\r\nHost: x\r\n\r\n", 400},
      {"GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505},
      {"GET / HTTP/0.9\r\n\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\n", 505},
      {"GET / HTTP/1.1\nHost: x\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {with("Host: x\r\n"), 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n A: b\r\nHost: x\r\n\r\n", 400},
      {with("A: b\r\n c\r\n"), 400},
      {with("A: b\r\n\tc\r\n"), 400},
      {with("A : b\r\n"), 400},
      {with(": b\r\n"), 400},
      {with("A\r\n"), 400},
      {with("A(: b\r\n"), 400},
      {with("A: \x01\r\n"), 400},
      {with(std::string("A: a\0b\r\n", 8)), 400},
      {with("Content-Length: +5\r\n"), 400},
      {with("Content-Length: -5\r\n"), 400},
      {with("Content-Length: 0x10\r\n"), 400},
      {with("Content-Length: 5 5\r\n"), 400},
      {with("Content-Length: 5, 5\r\n"), 400},
      {with("Content-Length:\r\n"), 400},
      {with("Content-Length: 18446744073709551616\r\n"), 400},
      {with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Transfer-Encoding:\r\n"), 400},
      {with("Transfer-Encoding: gzip\r\n"), 501},
      {with("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {with("Transfer-Encoding: chunked, identity\r\n"), 501},
      {with("Transfer-Encoding: xchunked\r\n"), 501},
      {with("Transfer-Encoding: chunked\r\n", "HTTP/1.0"), 400},
      {"\x16\x03\x01", 400},
  };
  for (const auto& [head, status] : cases) {
    Parsed parsed = parse(head);
    EXPECT_EQ(parsed.outcome, Outcome::kRefused) << head;
    EXPECT_EQ(parsed.status, status) << head;
  }
}

TEST(RequestHead, TakesAHundredFieldsAndNoMore) {
  auto fields = [](size_t count) {
    std::string text;
    for (size_t i = 0; i < count; i++) text += "A: b\r\n";
    return text;
  };
  EXPECT_EQ(parse(with(fields(kMaxHeaders - 1))).outcome, Outcome::kDone);
  EXPECT_EQ(parse(with(fields(kMaxHeaders))).status, 431u);
}

TEST(ResponseHead, IsReadByTheClient) {
  Response response;
  ResponseHeadParser parser;
  parser.reset(&response);
  ASSERT_EQ(parser.parse("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc"), Outcome::kDone);
  EXPECT_EQ(response.status, 404u);
  EXPECT_EQ(parser.content_length(), 3u);
  for (const char* bad : {"HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000\r\n", "HTTP/2.0 200 OK\r\n",
                          "HTTP/1.1  200\r\n", "hello\r\n", "HTTP/1.1 099 A\r\n"}) {
    parser.reset(&response);
    EXPECT_EQ(parser.parse(bad), Outcome::kRefused) << bad;
  }
}

}  // namespace
}  // namespace wherry::http
