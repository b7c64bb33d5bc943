// Handlers in C and Rust: what they are told, and what becomes of what they answer.
#include "fixture.h"

namespace wherry::test {
namespace {

class HandlerInAnyLanguage : public ::testing::TestWithParam<const char*> {
 protected:
  FunctionPointer function() { return function_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Guests, HandlerInAnyLanguage,
                         ::testing::Values("handler_c", "handler_rust"));

TEST_P(HandlerInAnyLanguage, IsFoundByItsExport) { EXPECT_EQ(function()->abi(), Abi::kHandler); }

TEST_P(HandlerInAnyLanguage, AnswersWhatItIsSent) {
  auto function = this->function();
  std::string binary;
  for (int i = 0; i < 256; i++) binary += static_cast<char>(i);
  for (const std::string& body :
       {std::string("é☕ text"), binary, std::string(), std::string(1 << 20, 'x') + "end"}) {
    for (const char* path : {"/echo", "/whole"}) {
      Answered answered = call(function, post(path, body));
      EXPECT_EQ(answered.outcome.kind, OutcomeKind::kSuccess) << answered.outcome.message;
      EXPECT_EQ(answered.outcome.status, 200u);
      EXPECT_TRUE(answered.exchange->body == body) << path << " " << body.size();
      // What is small comes in one piece.
      EXPECT_EQ(answered.exchange->was_responded, body.size() < 65536);
      EXPECT_EQ(answered.exchange->was_finished, body.size() >= 65536);
    }
  }
}

TEST_P(HandlerInAnyLanguage, StreamsWhatItFlushes) {
  Answered answered = call(function(), get("/stream"));
  EXPECT_EQ(answered.exchange->body, "piece 0\npiece 1\npiece 2\n");
  EXPECT_EQ(answered.exchange->flushed_at, (std::vector<size_t>{8, 16, 24}));
  EXPECT_TRUE(answered.exchange->was_finished);
  EXPECT_FALSE(answered.exchange->was_responded);
}

TEST_P(HandlerInAnyLanguage, WritesJson) {
  EXPECT_EQ(call(function(), get("/json")).exchange->body, "\"\\\"a\\\\\\n\\u0001é☕\"");
}

TEST_P(HandlerInAnyLanguage, AnswersAnyStatus) {
  Answered answered = call(function(), get("/elsewhere"));
  EXPECT_EQ(answered.outcome.kind, OutcomeKind::kSuccess);
  EXPECT_EQ(answered.exchange->head.status, 404u);
  EXPECT_EQ(answered.outcome.status, 404u);
}

TEST(Handler, IsToldAllAboutItsRequest) {
  Event event;
  event.id = "id-1";
  event.mount = "/shop";
  event.remote_address = "192.0.2.1";
  auto request = get("/shop/describe?name=a%20b+c&x=1",
                     {{"Accept", "text/html"}, {"accept", "*/*"}, {"traceparent", "00-ab-cd-01"}});
  Answered answered = call(function_of("handler_c"), request, event);
  EXPECT_EQ(answered.exchange->body,
            "method=GET\npath=/describe\nquery=name=a%20b+c&x=1\nmount=/shop\nremote=192.0.2.1\n"
            "id=id-1\ntrace=00-ab-cd-01\ntarget=/shop/describe?name=a%20b+c&x=1\nunknown=-1\n"
            "size=0\naccept=text/html, */*\nabsent=(none)\nAccept:text/html:9\naccept:*/*:3\n"
            "traceparent:00-ab-cd-01:11\nname=a b c\n");
}

TEST(Handler, IsTheRootOfItsMount) {
  const auto path_of = [](std::string mount, std::string target) {
    Event event;
    event.mount = std::move(mount);
    return call(function_of("handler_c"), get(std::move(target)), event).exchange->body;
  };
  EXPECT_EQ(path_of("/shop", "/shop"), "no /\n");
  EXPECT_EQ(path_of("/shop", "/shop/a/b?c"), "no /a/b\n");
  EXPECT_EQ(path_of("/shop", "/shopping"), "no /shopping\n");
  EXPECT_EQ(path_of("", "/"), "no /\n");
}

TEST(Handler, SetsHeadersUntilTheyAreSent) {
  Answered answered = call(function_of("handler_c"), get("/headers"));
  EXPECT_EQ(answered.exchange->head.status, 203u);
  EXPECT_EQ(answered.exchange->header("X-One"), "1");
  EXPECT_EQ(answered.exchange->header("Set-Cookie"), "a=1|b=2");
  EXPECT_EQ(answered.exchange->head.headers.size(), 3u);
  EXPECT_EQ(answered.exchange->body, "-3 -3 -3 -3 -3 -3\n-2 -2\n");
}

TEST(Handler, MayAnswerNothing) {
  Answered answered = call(function_of("handler_c"), get("/nothing"));
  EXPECT_TRUE(answered.exchange->was_responded);
  EXPECT_EQ(answered.exchange->head.status, 204u);
  EXPECT_EQ(answered.exchange->body, "");
}

TEST(Handler, IsFreshForEachRequest) {
  auto function = function_of("handler_c");
  for (int i = 0; i < 5; i++) EXPECT_EQ(call(function, get("/count")).exchange->body, "1");
}

TEST(Handler, Logs) {
  Answered answered = call(function_of("handler_c"), get("/logs"));
  EXPECT_EQ(
      log_of(answered.outcome),
      "E:error: an error|E:warning: a warning|E:words 1|E:debug: a detail|O:printed|E:and said|");
}

TEST(Handler, KeepsToItsContentLength) {
  Answered answered = call(function_of("handler_c"), get("/short"));
  EXPECT_EQ(answered.exchange->length, 10u);
  EXPECT_EQ(answered.exchange->body, "12345-3");
  EXPECT_TRUE(answered.exchange->was_aborted);
  EXPECT_EQ(answered.outcome.kind, OutcomeKind::kNoResult);
  answered = call(function_of("handler_c"), get("/long"));
  EXPECT_EQ(answered.exchange->body, "12345");
  EXPECT_TRUE(answered.exchange->was_aborted);
}

TEST(Handler, SaysHowItFailed) {
  auto function = function_of("handler_c");
  Answered failed = call(function, get("/fail"));
  EXPECT_EQ(failed.outcome.kind, OutcomeKind::kExit);
  EXPECT_EQ(failed.outcome.exit_code, 3u);
  EXPECT_EQ(failed.outcome.status, 0u);
  EXPECT_FALSE(failed.exchange->was_responded);
  Answered exited = call(function, get("/exit"));
  EXPECT_EQ(exited.outcome.kind, OutcomeKind::kExit);
  EXPECT_EQ(exited.outcome.exit_code, 4u);
  EXPECT_EQ(call(function, get("/trap")).outcome.kind, OutcomeKind::kTrap);
  // Of an answer that has begun the client is told that it has no end.
  Answered late = call(function, get("/late"));
  EXPECT_EQ(late.outcome.kind, OutcomeKind::kExit);
  EXPECT_EQ(late.outcome.status, 200u);
  EXPECT_TRUE(late.exchange->was_aborted);
  EXPECT_FALSE(late.exchange->was_finished);
}

TEST(Handler, FailsWithItsErrorInTheLog) {
  auto function = function_of("handler_rust");
  Answered failed = call(function, get("/error"));
  EXPECT_EQ(failed.outcome.kind, OutcomeKind::kExit);
  EXPECT_EQ(log_of(failed.outcome), "E:error: it did not work|");
  EXPECT_EQ(call(function, get("/panic")).outcome.kind, OutcomeKind::kTrap);
  EXPECT_EQ(log_of(call(function, get("/late")).outcome),
            "E:error: the answer's head was sent already|");
}

TEST(Handler, TrapsOnPointersOutOfItsMemory) {
  auto function = function_of("handler_c");
  for (const char* path : {"/pointer", "/pointer_in"}) {
    Outcome outcome = call(function, get(path)).outcome;
    EXPECT_EQ(outcome.kind, OutcomeKind::kTrap);
    EXPECT_NE(outcome.message.find("out of bounds"), std::string::npos) << outcome.message;
  }
}

TEST(Handler, IsStoppedWhenItAnswersTooMuch) {
  FunctionOptions options;
  options.limits.body_bytes = 1 << 20;
  Answered answered = call(function_of("handler_c", options), get("/much"));
  EXPECT_EQ(answered.outcome.kind, OutcomeKind::kOutputLimit);
  EXPECT_LE(answered.exchange->body.size(), 1u << 20);
  EXPECT_TRUE(answered.exchange->was_aborted);
}

TEST(Handler, IsStoppedAtItsDeadline) {
  FunctionOptions options;
  options.limits.time = std::chrono::milliseconds(20);
  EXPECT_EQ(call(function_of("handler_c", options), get("/loop")).outcome.kind,
            OutcomeKind::kTimeout);
}

TEST(Handler, NeedsARequest) {
  EXPECT_EQ(function_of("handler_c")->invoke({}).kind, OutcomeKind::kBadEvent);
}

}  // namespace
}  // namespace wherry::test
