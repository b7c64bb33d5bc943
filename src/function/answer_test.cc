#include "function/answer.h"

#include <gtest/gtest.h>

#include "function/http_rules.h"

namespace wherry::function {
namespace {

using State = http::Exchange::State;
using Taken = Answer::Taken;

// Takes a number of pieces, then asks to wait or breaks off.
class Client final : public http::Exchange {
 public:
  const http::Request& request() const override { return asked; }
  bool body_is_streamed() const override { return false; }
  Read read_body(std::span<uint8_t>) override { return {}; }
  void respond(http::Response response) override { said += "respond " + response.body; }
  void start(http::Response, std::optional<uint64_t> length) override {
    said += length ? "start " + std::to_string(*length) : "start";
  }
  State write(Bytes bytes) override {
    if (pieces == 0) return otherwise;
    pieces--;
    body.append(as_text(bytes));
    return State::kReady;
  }
  void flush() override { said += " flush"; }
  void finish() override { said += " finish"; }
  void abort() override { said += " abort"; }
  void wake(std::function<void()>) override {}
  void post(std::function<void()>, bool) override {}

  size_t pieces = SIZE_MAX;
  State otherwise = State::kWait;
  std::string body, said;
  http::Request asked;
};

struct Under {
  Client client;
  Answer answer;
  explicit Under(uint64_t limit = UINT64_MAX) { answer.renew(&client, limit); }
};

TEST(Answer, IsHeldBackWhileItIsSmall) {
  Under test;
  EXPECT_EQ(test.answer.write(as_bytes("small")), Taken::kAll);
  EXPECT_EQ(test.answer.write(as_bytes(" answer")), Taken::kAll);
  EXPECT_EQ(test.client.said, "");
  EXPECT_EQ(test.answer.status(), 0u);
  EXPECT_TRUE(test.answer.finish());
  EXPECT_EQ(test.client.said, "respond small answer");
  EXPECT_EQ(test.answer.status(), 200u);
}

TEST(Answer, GoesOnWhereItWasAfterAWait) {
  Under test;
  test.client.pieces = 1;
  std::string large;
  while (large.size() < 5 * 65536) large += std::to_string(large.size()) + ",";
  int waits = 0;
  while (test.answer.write(as_bytes(large)) == Taken::kWait) {
    waits++;
    test.client.pieces = 1;
  }
  EXPECT_GE(waits, 4);
  EXPECT_TRUE(test.client.body == large);
  EXPECT_EQ(test.answer.write(as_bytes("end")), Taken::kWait);
  test.client.pieces = 1;
  EXPECT_EQ(test.answer.write(as_bytes("end")), Taken::kAll);
  EXPECT_TRUE(test.client.body == large + "end");
}

TEST(Answer, SendsWhatItHeldBeforeAnythingElse) {
  Under test;
  EXPECT_EQ(test.answer.write(as_bytes("held ")), Taken::kAll);
  test.client.pieces = 0;
  EXPECT_EQ(test.answer.flush(), Taken::kWait);
  EXPECT_FALSE(test.answer.is_sent());
  test.client.pieces = 5;
  EXPECT_EQ(test.answer.write(as_bytes("then")), Taken::kAll);
  EXPECT_EQ(test.client.body, "held then");
  EXPECT_TRUE(test.answer.is_sent());
}

TEST(Answer, KeepsToLimitAndLength) {
  Under limited(10);
  EXPECT_EQ(limited.answer.write(as_bytes("12345678")), Taken::kAll);
  EXPECT_EQ(limited.answer.write(as_bytes("123")), Taken::kTooMuch);
  EXPECT_TRUE(limited.answer.is_over_limit());
  Under stated;
  stated.answer.set_length(4);
  EXPECT_EQ(stated.answer.write(as_bytes("12345")), Taken::kTooMuch);
  EXPECT_FALSE(stated.answer.is_over_limit());
  EXPECT_EQ(stated.answer.write(as_bytes("123")), Taken::kAll);
  EXPECT_EQ(stated.answer.flush(), Taken::kAll);
  EXPECT_FALSE(stated.answer.finish());
  EXPECT_EQ(stated.client.said, "start 4 flush abort");
}

// The length of what GET would answer.
TEST(Answer, ToHeadHasALengthAndNoBody) {
  Under test;
  test.client.asked.method = "HEAD";
  test.answer.set_length(123);
  EXPECT_TRUE(test.answer.finish());
  EXPECT_EQ(test.client.said, "start 123 finish");
  Under flushed;
  flushed.client.asked.method = "HEAD";
  flushed.answer.set_length(123);
  EXPECT_EQ(flushed.answer.flush(), Taken::kAll);
  EXPECT_TRUE(flushed.answer.finish());
  EXPECT_EQ(flushed.client.said, "start 123 flush finish");
}

TEST(Answer, KnowsThatItsClientIsGone) {
  Under test;
  test.client.pieces = 0;
  test.client.otherwise = State::kBroken;
  EXPECT_EQ(test.answer.flush(), Taken::kAll);  // a head alone says nothing
  EXPECT_EQ(test.answer.write(as_bytes("x")), Taken::kGone);
  EXPECT_EQ(test.answer.write(as_bytes("x")), Taken::kGone);
  EXPECT_TRUE(test.answer.is_client_gone());
  EXPECT_FALSE(test.answer.finish());
}

TEST(Answer, IsAbortedOnlyIfItWasBegun) {
  Under begun;
  EXPECT_EQ(begun.answer.flush(), Taken::kAll);
  begun.answer.abort();
  begun.answer.abort();
  EXPECT_EQ(begun.client.said, "start flush abort");
  Under held;
  EXPECT_EQ(held.answer.write(as_bytes("x")), Taken::kAll);
  held.answer.abort();
  EXPECT_EQ(held.client.said, "");
  EXPECT_EQ(held.answer.status(), 0u);
}

TEST(HttpRules, KnowHeadersThatMayNotBeSet) {
  EXPECT_TRUE(is_header_name("X-Name_1"));
  for (std::string_view name : {"", "a b", "a:", "a\n", "é"}) EXPECT_FALSE(is_header_name(name));
  EXPECT_TRUE(is_header_value("words\tand é"));
  for (const std::string& value :
       {std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(is_header_value(value));
  }
  EXPECT_TRUE(is_hop_by_hop("TRANSFER-encoding"));
  EXPECT_FALSE(is_hop_by_hop("Content-Encoding"));
  EXPECT_EQ(parse_length("12"), 12u);
  for (std::string_view length : {"", "-1", "1 ", "18446744073709551616", "0x1"}) {
    EXPECT_FALSE(parse_length(length)) << length;
  }
}

}  // namespace
}  // namespace wherry::function
