// Functions that wait for their clients: without a thread, and not for ever.
#include <atomic>
#include <random>

#include "fixture.h"

namespace wherry::test {
namespace {

struct Kind {
  const char* guest;
  Abi abi;
};
std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.guest; }

class Waiting : public ::testing::TestWithParam<Kind> {
 protected:
  FunctionPointer function(FunctionOptions options = {}) {
    options.abi = GetParam().abi;
    return function_of(GetParam().guest, std::move(options));
  }
};
INSTANTIATE_TEST_SUITE_P(Guests, Waiting,
                         ::testing::Values(Kind{"handler_c", Abi::kHandler},
                                           Kind{"handler_rust", Abi::kHandler},
                                           Kind{"cgi_c", Abi::kCgi}));

TEST_P(Waiting, ReadsItsRequestAsItComes) {
  Steps steps(function(), TestExchange::streamed(post("/echo", "")));
  EXPECT_EQ(steps.run(), Progress::kWaiting);
  for (int i = 0; i < 50; i++) {
    steps.exchange->send(fmt::format("piece {}\n", i));
    EXPECT_EQ(steps.go_on(), Progress::kWaiting);
  }
  steps.exchange->end_body();
  EXPECT_EQ(steps.go_on(), Progress::kDone);
  Outcome outcome = steps.outcome();
  EXPECT_EQ(outcome.kind, OutcomeKind::kSuccess) << outcome.message;
  EXPECT_EQ(steps.resumed, 51);
  EXPECT_TRUE(steps.exchange->body.starts_with("piece 0\npiece 1\n"));
  EXPECT_TRUE(steps.exchange->body.ends_with("piece 49\n"));
}

TEST_P(Waiting, WritesItsAnswerAtTheClientsPace) {
  std::string body;
  while (body.size() < 300'000) body += fmt::format("{}\n", body.size());
  auto exchange = std::make_shared<TestExchange>(post("/echo", body));
  exchange->limit_room();
  Steps steps(function(), exchange);
  Progress progress = steps.run();
  int waits = 0;
  while (progress == Progress::kWaiting) {
    waits++;
    exchange->make_room(65536);
    progress = steps.go_on();
  }
  Outcome outcome = steps.outcome();
  EXPECT_EQ(outcome.kind, OutcomeKind::kSuccess) << outcome.message;
  EXPECT_TRUE(exchange->body == body);
  EXPECT_GE(waits, 4);
  EXPECT_TRUE(exchange->was_finished);
}

// Whatever comes in whatever pieces, at whatever pace, goes out as it came.
TEST_P(Waiting, LosesNothingWhateverThePace) {
  auto function = this->function();
  for (unsigned seed = 1; seed <= 40; seed++) {
    std::mt19937 random(seed);
    std::string body, left;
    for (auto size = random() % 200'000; body.size() < size;) body += std::to_string(random());
    left = body;
    auto exchange = TestExchange::streamed(post("/echo", ""));
    exchange->limit_room();
    Steps steps(function, exchange);
    Progress progress = steps.run();
    bool is_open = true;
    while (progress == Progress::kWaiting) {
      if (random() % 2 == 0) exchange->make_room(65536 + random() % 65536);
      const size_t count = std::min<size_t>(left.size(), 1 + random() % 30'000);
      if (random() % 2 == 0 && count > 0) {
        exchange->send(left.substr(0, count));
        left.erase(0, count);
      } else if (left.empty() && std::exchange(is_open, false)) {
        exchange->end_body();
      }
      if (exchange->has_due()) progress = steps.go_on();
    }
    Outcome outcome = steps.outcome();
    ASSERT_EQ(outcome.kind, OutcomeKind::kSuccess) << "seed " << seed << ": " << outcome.message;
    ASSERT_TRUE(exchange->body == body) << "seed " << seed;
  }
}

TEST_P(Waiting, EndsAtItsDeadline) {
  FunctionOptions options;
  options.limits.time = std::chrono::milliseconds(30);
  Steps steps(function(options), TestExchange::streamed(post("/echo", "")));
  EXPECT_EQ(steps.run(), Progress::kWaiting);
  // Nobody sends anything: it is the watchdog that posts.
  EXPECT_EQ(steps.go_on(), Progress::kDone);
  Outcome outcome = steps.outcome();
  EXPECT_EQ(outcome.kind, OutcomeKind::kTimeout) << outcome.message;
  EXPECT_FALSE(outcome.backtrace.empty());
  EXPECT_EQ(steps.resumed, 1);
}

TEST_P(Waiting, SeesThatTheClientIsGone) {
  Steps reading(function(), TestExchange::streamed(post("/echo", "")));
  EXPECT_EQ(reading.run(), Progress::kWaiting);
  reading.exchange->break_off();
  EXPECT_EQ(reading.go_on(), Progress::kDone);
  EXPECT_EQ(reading.outcome().kind, OutcomeKind::kClientGone);

  auto exchange = std::make_shared<TestExchange>(post("/echo", std::string(300'000, 'x')));
  exchange->limit_room();
  Steps writing(function(), exchange);
  EXPECT_EQ(writing.run(), Progress::kWaiting);
  exchange->break_off();
  EXPECT_EQ(writing.go_on(), Progress::kDone);
  EXPECT_EQ(writing.outcome().kind, OutcomeKind::kClientGone);
}

TEST_P(Waiting, MayBeGivenUp) {
  auto function = this->function();
  {
    Steps steps(function, TestExchange::streamed(post("/echo", "")));
    EXPECT_EQ(steps.run(), Progress::kWaiting);
  }
  Answered answered = call(function, post("/echo", "again"));
  EXPECT_EQ(answered.exchange->body, "again");
}

// The exchange still holds what it was told to call; that keeps nothing alive.
TEST_P(Waiting, LeavesNothingBehindInItsExchange) {
  FunctionOptions options;
  options.limits.time = std::chrono::milliseconds(10);
  auto function = this->function(options);
  auto exchange = TestExchange::streamed(post("/echo", ""));
  struct Keeper : Invocation::Owner {
    std::shared_ptr<int> owned = std::make_shared<int>(1);
    std::function<void()> resumer() override {
      return [kept = std::move(owned)] {};
    }
  } keeper;
  std::weak_ptr<int> observed = keeper.owned;
  const Event event;
  auto invocation = function->begin(event, exchange, keeper);
  EXPECT_EQ(invocation->run(), Progress::kWaiting);
  exchange->take_due()();  // the watchdog's, not the client's
  EXPECT_EQ(invocation->run(), Progress::kDone);
  EXPECT_FALSE(observed.expired());
  invocation.reset();
  EXPECT_TRUE(observed.expired());
  exchange->send("too late");
  exchange->take_due()();
}

TEST_P(Waiting, ManyAtATime) {
  auto function = this->function();
  std::vector<std::unique_ptr<Steps>> all;
  for (int i = 0; i < 200; i++) {
    all.push_back(std::make_unique<Steps>(function, TestExchange::streamed(post("/echo", ""))));
    EXPECT_EQ(all.back()->run(), Progress::kWaiting);
  }
  for (int i = 0; i < 200; i++) all[static_cast<size_t>(i)]->exchange->send(std::to_string(i));
  for (auto& steps : all) EXPECT_EQ(steps->go_on(), Progress::kWaiting);
  for (int i = 0; i < 200; i++) {
    Steps& steps = *all[static_cast<size_t>(i)];
    steps.exchange->end_body();
    EXPECT_EQ(steps.go_on(), Progress::kDone);
    EXPECT_EQ(steps.exchange->body, std::to_string(i));
  }
}

// An answer that was held back and does not fit at the end of the guest.
TEST(WaitingAtTheEnd, IsOfTheInvocation) {
  for (bool is_read : {true, false}) {
    FunctionOptions options;
    options.abi = Abi::kCgi;
    if (!is_read) options.limits.time = std::chrono::milliseconds(30);
    auto exchange = std::make_shared<TestExchange>(get("/wait"));
    exchange->limit_room();
    Steps steps(function_of("cgi_c", options), exchange);
    EXPECT_EQ(steps.run(), Progress::kWaiting);
    if (is_read) exchange->make_room(100);
    EXPECT_EQ(steps.go_on(), Progress::kDone);
    EXPECT_EQ(steps.outcome().kind, is_read ? OutcomeKind::kSuccess : OutcomeKind::kTimeout);
    EXPECT_EQ(exchange->body, is_read ? "first\nsecond\n" : "");
    EXPECT_EQ(exchange->was_aborted, !is_read);
  }
}

// A client's readiness and the deadline at the same time, from two threads: told once.
TEST(WaitingForTwoThings, IsToldOnce) {
  FunctionOptions options;
  options.limits.time = std::chrono::milliseconds(5);
  auto function = function_of("handler_c", options);
  for (int round = 0; round < 100; round++) {
    Steps steps(function, TestExchange::streamed(post("/echo", "")));
    std::atomic<bool> done = false;
    std::thread client([&] {
      while (!done) steps.exchange->send("x");
    });
    Progress progress = steps.run();
    while (progress == Progress::kWaiting) progress = steps.go_on();
    done = true;
    client.join();
    EXPECT_EQ(steps.outcome().kind, OutcomeKind::kTimeout);
  }
}

}  // namespace
}  // namespace wherry::test
