// CGI programs in C and Rust.
#include "fixture.h"

namespace wherry::test {
namespace {

FunctionPointer cgi(const std::string& guest = "cgi_c", FunctionOptions options = {}) {
  options.abi = Abi::kCgi;
  return function_of(guest, std::move(options));
}

TEST(Cgi, IsToldAllAboutItsRequest) {
  Event event;
  event.mount = "/shop";
  event.remote_address = "192.0.2.1";
  event.environment = {{"SECRET", "s"}, {"REQUEST_METHOD", "forged"}};
  http::Request request{"POST",
                        "/shop/environment?one%20x&two=2&%00",
                        {{"Host", "example.com:8443"},
                         {"Content-Type", "text/plain"},
                         {"Accept", "a"},
                         {"accept", "b"},
                         {"Cookie", "a=1"},
                         {"Cookie", "b=2"},
                         {"Proxy", "http://evil"},
                         {"X_Under", "1"},
                         {"Authorization", "Basic eA=="}},
                        "body"};
  FunctionOptions options;
  options.name = "shop";
  options.arguments = {"own"};
  Answered answered = call(cgi("cgi_c", options), request, event);
  EXPECT_EQ(answered.exchange->header("Content-type"), "text/plain");
  const std::string text = "\n" + answered.exchange->body;
  for (const char* line : {"argument shop",
                           "argument own",
                           "argument one x",
                           "argument two=2",
                           "REQUEST_METHOD=POST",
                           "SCRIPT_NAME=/shop",
                           "PATH_INFO=/environment",
                           "QUERY_STRING=one%20x&two=2&%00",
                           "SERVER_NAME=example.com",
                           "SERVER_PORT=8443",
                           "SERVER_PROTOCOL=HTTP/1.1",
                           "GATEWAY_INTERFACE=CGI/1.1",
                           "SERVER_SOFTWARE=wherry",
                           "REMOTE_ADDR=192.0.2.1",
                           "CONTENT_TYPE=text/plain",
                           "CONTENT_LENGTH=4",
                           "HTTP_ACCEPT=a, b",
                           "HTTP_COOKIE=a=1; b=2",
                           "HTTP_AUTHORIZATION=Basic eA==",
                           "SECRET=s",
                           "X_FULL_URL=http://example.com:8443/shop/environment?one%20x&two=2&%00",
                           "X_MATCHED_ROUTE=/shop/..."}) {
    EXPECT_NE(text.find("\n" + std::string(line) + "\n"), std::string::npos) << line << text;
  }
  for (const char* hidden : {"HTTP_PROXY", "X_UNDER", "forged", "HTTP_CONTENT"}) {
    EXPECT_EQ(text.find(hidden), std::string::npos) << hidden;
  }
}

TEST(Cgi, AnswersWhatItIsSent) {
  auto function = cgi();
  std::string binary;
  for (int i = 0; i < 256; i++) binary += static_cast<char>(i);
  for (const std::string& body :
       {std::string("é☕ text"), binary, std::string(), std::string(1 << 20, 'x') + "end"}) {
    Answered answered = call(function, post("/echo", body));
    EXPECT_EQ(answered.outcome.kind, OutcomeKind::kSuccess) << answered.outcome.message;
    EXPECT_EQ(answered.exchange->header("Content-Type"), "application/x");
    EXPECT_TRUE(answered.exchange->body == body) << body.size();
  }
}

TEST(Cgi, MayBeWrittenInRust) {
  Answered answered = call(cgi("cgi_rust"), post("/", "small é"));
  EXPECT_EQ(answered.exchange->body, "SMALL É");
  EXPECT_EQ(answered.exchange->header("X-Method"), "POST");
}

TEST(Cgi, SetsStatusAndLocation) {
  Answered answered = call(cgi(), get("/status"));
  EXPECT_EQ(answered.exchange->head.status, 404u);
  EXPECT_EQ(answered.exchange->header("X-Why"), "none");
  EXPECT_EQ(answered.exchange->header("Status"), "");
  EXPECT_EQ(answered.exchange->body, "gone\n");
  answered = call(cgi(), get("/redirect"));
  EXPECT_EQ(answered.exchange->head.status, 302u);
  EXPECT_EQ(answered.exchange->header("Location"), "/elsewhere");
}

TEST(Cgi, IsNoAnswerWithoutAHead) {
  auto function = cgi();
  for (const char* path : {"/malformed", "/none", "/endless", "/open", "/silent"}) {
    Answered answered = call(function, get(path));
    EXPECT_EQ(answered.outcome.kind, OutcomeKind::kNoResult) << path;
    EXPECT_EQ(answered.outcome.status, 0u);
    EXPECT_FALSE(answered.exchange->was_responded || answered.exchange->was_started) << path;
    EXPECT_NE(answered.outcome.message.find("no CGI answer"), std::string::npos);
  }
}

TEST(Cgi, SendsWhatItHasWhenItWaits) {
  Answered answered = call(cgi(), get("/wait"));
  EXPECT_EQ(answered.exchange->flushed_at, (std::vector<size_t>{6}));
  EXPECT_EQ(answered.exchange->body, "first\nsecond\n");
  EXPECT_TRUE(answered.exchange->was_finished);
}

TEST(Cgi, SaysHowItFailed) {
  Answered failed = call(cgi(), get("/fail"));
  EXPECT_EQ(failed.outcome.kind, OutcomeKind::kExit);
  EXPECT_EQ(failed.outcome.status, 0u);
  EXPECT_FALSE(failed.exchange->was_responded || failed.exchange->was_started);
  Answered late = call(cgi(), get("/late"));
  EXPECT_EQ(late.outcome.kind, OutcomeKind::kExit);
  EXPECT_EQ(late.outcome.status, 200u);
  EXPECT_TRUE(late.exchange->was_aborted);
}

TEST(Cgi, IsStoppedWhenItAnswersTooMuch) {
  FunctionOptions options;
  options.limits.body_bytes = 1 << 20;
  Answered answered = call(cgi("cgi_c", options), get("/much"));
  EXPECT_EQ(answered.outcome.kind, OutcomeKind::kOutputLimit);
  EXPECT_LE(answered.exchange->body.size(), 1u << 20);
}

TEST(Cgi, LogsItsStandardError) {
  EXPECT_EQ(log_of(call(cgi(), get("/log")).outcome), "E:a line|");
}

}  // namespace
}  // namespace wherry::test
