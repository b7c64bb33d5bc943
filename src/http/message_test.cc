#include "http/message.h"

#include <gtest/gtest.h>

#include "http/buffered_exchange.h"

namespace wherry::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string head(const Response& response, const Framing& framing) {
  std::string text;
  append_response_head(text, response, framing);
  return text;
}

TEST(Message, FindsHeadersIgnoringCase) {
  Request request{"GET", "/", {{"Content-Type", "a"}, {"content-type", "b"}}, ""};
  EXPECT_EQ(*request.find_header("CONTENT-TYPE"), "a");
  EXPECT_EQ(request.find_header("Content"), nullptr);
}

TEST(Message, ReadsLists) {
  EXPECT_TRUE(list_has("a, Close ,b", "close"));
  EXPECT_TRUE(list_has("close", "close"));
  EXPECT_FALSE(list_has("closed, un close", "close"));
  EXPECT_FALSE(list_has("", "close"));
}

TEST(Message, DecodesPercents) {
  EXPECT_EQ(percent_decode("a%20b%C3%bc+"), "a b\xc3\xbc+");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  for (const char* bad : {"%", "%4", "%4g", "a%g4", "%%41"}) {
    EXPECT_FALSE(percent_decode(bad).has_value()) << bad;
  }
}

TEST(Message, ReadsQueries) {
  EXPECT_EQ(query_pairs("a=1&b=x+y%2B&&c&=d&e=f=g&a=2"),
            (Pairs{{"a", "1"}, {"b", "x y+"}, {"c", ""}, {"", "d"}, {"e", "f=g"}, {"a", "2"}}));
  EXPECT_EQ(query_pairs("bad=%zz"), (Pairs{{"bad", "%zz"}}));
  EXPECT_EQ(query_pairs(""), Pairs{});
}

TEST(Message, HasReasonsForAllStatuses) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

TEST(ResponseHeadText, LeavesOutHeadersThatWouldSplitTheResponse) {
  Response response{200, {{"A", "b\r\nC: d"}, {"B\r\n", "c"}, {"", "d"}, {"E", "f"}}, ""};
  EXPECT_EQ(head(response, {}),
            "HTTP/1.1 200 OK\r\nE: f\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ResponseHeadText, LeavesFramingToTheServer) {
  Response response{200,
                    {{"content-length", "7"},
                     {"Transfer-Encoding", "gzip"},
                     {"Connection", "upgrade"},
                     {"Keep-Alive", "1"},
                     {"Upgrade", "h2c"}},
                    ""};
  EXPECT_EQ(head(response, {Framing::Kind::kLength, 12, true}),
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(head(response, {Framing::Kind::kChunked, 0, true}),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(head(response, {Framing::Kind::kUntilClose, 0, false}),
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(head({204, {}, ""}, {Framing::Kind::kNoBody, 0, true}),
            "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
}

TEST(BufferedExchange, CollectsAnAnswerGivenAtOnceOrInPieces) {
  BufferedExchange whole(Request{"GET", "/", {}, "body"});
  EXPECT_EQ(whole.request().body, "body");
  EXPECT_EQ(whole.outcome(), BufferedExchange::Outcome::kOpen);
  whole.respond(text_response(201, "hello"));
  whole.respond(text_response(202, "again"));
  EXPECT_EQ(whole.outcome(), BufferedExchange::Outcome::kComplete);
  EXPECT_EQ(whole.response().status, 201u);
  BufferedExchange pieces(Request{"GET", "/", {}, ""});
  pieces.start({200, {{"A", "b"}}, "ignored"}, 6);
  EXPECT_EQ(pieces.write(as_bytes("abc")), Exchange::State::kReady);
  EXPECT_EQ(pieces.write(as_bytes("defg")), Exchange::State::kReady);
  EXPECT_EQ(pieces.outcome(), BufferedExchange::Outcome::kOpen);
  pieces.finish();
  EXPECT_EQ(pieces.outcome(), BufferedExchange::Outcome::kComplete);
  EXPECT_EQ(pieces.response().body, "abcdef");
}

TEST(BufferedExchange, TellsIncompleteAndOversizedAnswers) {
  BufferedExchange aborted(Request{"GET", "/", {}, ""});
  aborted.start({200, {}, ""}, std::nullopt);
  aborted.abort();
  EXPECT_EQ(aborted.outcome(), BufferedExchange::Outcome::kAborted);
  BufferedExchange cut(Request{"GET", "/", {}, ""});
  cut.start({200, {}, ""}, 3);
  cut.finish();
  EXPECT_EQ(cut.outcome(), BufferedExchange::Outcome::kAborted);
  BufferedExchange large(Request{"GET", "/", {}, ""}, 5);
  large.start({200, {}, ""}, std::nullopt);
  EXPECT_EQ(large.write(as_bytes("abc")), Exchange::State::kReady);
  EXPECT_EQ(large.write(as_bytes("def")), Exchange::State::kBroken);
  EXPECT_EQ(large.outcome(), BufferedExchange::Outcome::kTooLarge);
}

TEST(BufferedExchange, RunsWorkAtOnce) {
  BufferedExchange exchange(Request{"GET", "/", {}, ""});
  int runs = 0;
  exchange.post([&] { runs++; }, true);
  exchange.wake([&] { runs++; });
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace wherry::http
