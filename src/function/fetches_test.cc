#include "function/fetches.h"

#include <gtest/gtest.h>

namespace wherry::function {
namespace {

using http::OutboundFailure;

// Notes what it was asked for, and answers nothing.
class NotingClient final : public http::Outbound {
 public:
  class Call final : public http::OutboundCall {
   public:
    explicit Call(int& open) : open_(open) { open_++; }
    ~Call() override { open_--; }
    State head() override { return State::kFailed; }
    const http::Response& response() const override { return response_; }
    Read read(std::span<uint8_t>) override { return {State::kFailed}; }
    const http::OutboundError& error() const override { return error_; }
    void wake(std::function<void()>) override {}

   private:
    int& open_;
    const http::Response response_;
    const http::OutboundError error_{OutboundFailure::kConnect, "nobody is there"};
  };
  std::unique_ptr<http::OutboundCall> call(http::OutboundRequest request) override {
    requests.push_back(std::move(request));
    return std::make_unique<Call>(open);
  }

  int open = 0;
  std::vector<http::OutboundRequest> requests;
};

class FetchesTest : public testing::Test {
 protected:
  int32_t begin(std::string_view url, std::string_view headers = {}, std::string_view body = {}) {
    return fetches_.begin("POST", url, headers, body);
  }
  void expect_refused(int32_t number, OutboundFailure failure) {
    EXPECT_EQ(number, -static_cast<int32_t>(failure));
    EXPECT_FALSE(fetches_.error_of(number).empty());
    EXPECT_EQ(client_.open, 0);
  }

  NotingClient client_;
  Fetches fetches_{*OutboundRules::create({"example.com"}), &client_};
};

TEST_F(FetchesTest, PassOnWhatTheGuestSaid) {
  EXPECT_GT(begin("https://example.com/a", "A: b\nC:d\t\r\nE:\n", "body"), 0);
  ASSERT_EQ(client_.requests.size(), 1u);
  const http::OutboundRequest& request = client_.requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.host, "example.com");
  EXPECT_EQ(request.body, "body");
  ASSERT_EQ(request.headers.size(), 3u);
  EXPECT_EQ(request.headers[0].value, "b");
  EXPECT_EQ(request.headers[1].name, "C");
  EXPECT_EQ(request.headers[1].value, "d");
  EXPECT_EQ(request.headers[2].value, "");
}

TEST_F(FetchesTest, RefuseWhatMayNotBeSent) {
  expect_refused(begin("https://example.org/"), OutboundFailure::kDenied);
  expect_refused(begin("https://example.com:444/"), OutboundFailure::kDenied);
  expect_refused(begin("nonsense"), OutboundFailure::kInvalid);
  expect_refused(begin("https://user@example.com/"), OutboundFailure::kInvalid);
  expect_refused(begin("https://example.com/", "A b"), OutboundFailure::kInvalid);
  expect_refused(begin("https://example.com/", "A: b\n\nC: d"), OutboundFailure::kInvalid);
  expect_refused(begin("https://example.com/", "A: b\rC: d"), OutboundFailure::kInvalid);
  expect_refused(begin("https://example.com/", "Content-Length: 3"), OutboundFailure::kInvalid);
  expect_refused(begin("https://example.com/", "A: " + std::string(70'000, 'x')),
                 OutboundFailure::kLimit);
  expect_refused(begin("https://example.com/", "", std::string((16 << 20) + 1, 'x')),
                 OutboundFailure::kLimit);
  EXPECT_EQ(fetches_.begin("CONNECT", "https://example.com/", "", ""), -1);
  EXPECT_EQ(client_.requests.size(), 0u);
}

TEST_F(FetchesTest, AClosedOneMakesRoomAndItsNumberIsNotUsedAgain) {
  for (int i = 0; i < 16; i++) EXPECT_GT(begin("https://example.com/"), 0);
  EXPECT_EQ(begin("https://example.com/"), -static_cast<int32_t>(OutboundFailure::kLimit));
  fetches_.close(3);
  EXPECT_EQ(client_.open, 15);
  EXPECT_EQ(fetches_.find(3), nullptr);
  EXPECT_EQ(begin("https://example.com/"), 17);
}

TEST_F(FetchesTest, SayWhatWentWrongWithEach) {
  int32_t number = begin("https://example.com/");
  EXPECT_EQ(fetches_.error_of(number), "nobody is there");
  EXPECT_EQ(fetches_.error_of(number + 1), "");
}

TEST_F(FetchesTest, EndWithTheInvocation) {
  begin("https://example.com/");
  begin("nonsense");
  fetches_.renew();
  EXPECT_EQ(client_.open, 0);
  EXPECT_EQ(fetches_.error_of(-1), "");
  EXPECT_EQ(begin("https://example.com/"), 1);
}

}  // namespace
}  // namespace wherry::function
