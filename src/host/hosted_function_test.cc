#include "host/hosted_function.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "host/testing.h"

namespace wherry::host {
namespace {

class Waiter : public HostedFunction::Waiter {
 public:
  void take_turn(HostedFunction::Ticket given, std::chrono::microseconds) override {
    ticket.emplace(std::move(given));
  }
  std::optional<HostedFunction::Ticket> ticket;
};

class Admission : public testing::Test {
 protected:
  std::shared_ptr<HostedFunction> function(unsigned concurrency, unsigned queue) {
    return std::make_shared<HostedFunction>("f", nullptr, HostedSettings{concurrency, queue, {}},
                                            loader_, streams_, platform::ServiceOptions{});
  }
  NoLoader loader_;
  NoStreams streams_;
  using Answer = HostedFunction::Admission;
};

TEST_F(Admission, LetsInWhatMayRunThenQueuesThenRefuses) {
  auto f = function(2, 1);
  auto a = std::make_shared<Waiter>(), b = std::make_shared<Waiter>(),
       c = std::make_shared<Waiter>(), d = std::make_shared<Waiter>();
  EXPECT_EQ(f->admit(a, a->ticket), Answer::kNow);
  EXPECT_EQ(f->admit(b, b->ticket), Answer::kNow);
  EXPECT_EQ(f->admit(c, c->ticket), Answer::kQueued);
  EXPECT_EQ(f->admit(d, d->ticket), Answer::kFull);
  EXPECT_EQ(f->running(), 2u);
  EXPECT_EQ(f->waiting(), 1u);

  a->ticket.reset();
  EXPECT_TRUE(c->ticket) << "who waits is next";
  EXPECT_EQ(f->running(), 2u);
  b->ticket.reset();
  c->ticket.reset();
  EXPECT_EQ(f->running(), 0u);
  EXPECT_EQ(f->admit(d, d->ticket), Answer::kNow);
}

TEST_F(Admission, TakesTurnsInOrder) {
  auto f = function(1, 10);
  std::vector<std::shared_ptr<Waiter>> waiters;
  for (int i = 0; i < 5; i++) {
    waiters.push_back(std::make_shared<Waiter>());
    f->admit(waiters.back(), waiters.back()->ticket);
  }
  for (int i = 0; i < 5; i++) {
    ASSERT_TRUE(waiters[i]->ticket) << i;
    EXPECT_TRUE(i == 4 || !waiters[i + 1]->ticket) << i;
    waiters[i]->ticket.reset();
  }
}

// Who comes just when the last one leaves gets in or gets a turn.
TEST_F(Admission, LosesNobodyAmongManyThreads) {
  constexpr unsigned kAtATime = 2;
  constexpr int kThreads = 4, kCalls = 5000;
  auto f = function(kAtATime, kThreads);
  std::atomic<unsigned> running = 0, most = 0;
  std::atomic<int> turns = 0;
  struct Caller : HostedFunction::Waiter {
    void take_turn(HostedFunction::Ticket given, std::chrono::microseconds) override {
      std::lock_guard lock(mutex);
      ticket.emplace(std::move(given));
      changed.notify_one();
    }
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<HostedFunction::Ticket> ticket;
  };
  const auto call = [&] {
    auto caller = std::make_shared<Caller>();
    std::optional<HostedFunction::Ticket> ticket;
    if (f->admit(caller, ticket) == Answer::kQueued) {
      std::unique_lock lock(caller->mutex);
      caller->changed.wait(lock, [&] { return caller->ticket.has_value(); });
      ticket.emplace(std::move(*caller->ticket));
      turns++;
    }
    ASSERT_TRUE(ticket);
    const unsigned now = ++running;
    for (unsigned seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    std::this_thread::yield();
    running--;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([&] {
      for (int j = 0; j < kCalls; j++) call();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, kAtATime);
  EXPECT_GT(turns, 0);
  EXPECT_EQ(f->running(), 0u);
  EXPECT_EQ(f->waiting(), 0u);
}

TEST_F(Admission, FollowsNewSettings) {
  auto f = function(2, 0);
  auto a = std::make_shared<Waiter>(), b = std::make_shared<Waiter>(),
       c = std::make_shared<Waiter>();
  f->admit(a, a->ticket);
  f->admit(b, b->ticket);
  f->replace(nullptr, {1, 1, {}});
  EXPECT_EQ(f->admit(c, c->ticket), Answer::kQueued);
  a->ticket.reset();
  EXPECT_FALSE(c->ticket) << "one is still under way, and one is as many as may be";
  b->ticket.reset();
  EXPECT_TRUE(c->ticket);
}

using std::chrono::microseconds;

TEST_F(Admission, TakesTwoSlowCallsToBeSlowAndSomeQuickOnesToBeQuick) {
  auto f = function(1, 0);
  const HostedFunction::Times slow{microseconds(2000), microseconds(2000), microseconds(2000)};
  const HostedFunction::Times quick{microseconds(10), microseconds(10), microseconds(10)};
  f->note(slow);
  EXPECT_FALSE(f->is_slow()) << "it may just have waited for a processor";
  f->note(quick);
  f->note(slow);
  EXPECT_TRUE(f->is_slow());
  f->note(slow);
  for (int i = 0; i < 15; i++) f->note(quick);
  EXPECT_TRUE(f->is_slow());
  f->note(quick);
  EXPECT_FALSE(f->is_slow());
  for (int i = 0; i < 100; i++) f->note(quick);
  f->note(slow);
  EXPECT_FALSE(f->is_slow()) << "the one before is long ago";
}

TEST_F(Admission, LooksAtProcessorTimeWhereThreadsHaveToWait) {
  auto f = function(1, 0);
  const HostedFunction::Times starved{microseconds(90'000), microseconds(90'000), microseconds(10),
                                      true};
  const HostedFunction::Times asleep{microseconds(90'000), microseconds(90'000), microseconds(10),
                                     false};
  for (int i = 0; i < 3; i++) f->note(starved);
  EXPECT_FALSE(f->is_slow());
  for (int i = 0; i < 3; i++) f->note(asleep);
  EXPECT_TRUE(f->is_slow());
}

TEST_F(Admission, LetsFewComputeAndMoreWait) {
  constexpr unsigned kMany = 10'000;
  auto f = function(kMany, 1);
  std::vector<std::shared_ptr<Waiter>> waiters;
  auto admit_all = [&] {
    waiters.clear();
    for (unsigned i = 0; i < kMany + 1; i++) {
      waiters.push_back(std::make_shared<Waiter>());
      EXPECT_NE(f->admit(waiters.back(), waiters.back()->ticket), Answer::kFull) << i;
    }
    auto one_more = std::make_shared<Waiter>();
    EXPECT_EQ(f->admit(one_more, one_more->ticket), Answer::kFull);
    size_t running = f->running();
    for (auto& waiter : waiters) waiter->ticket.reset();
    EXPECT_EQ(f->running(), 0u);
    return running;
  };
  size_t few = admit_all();
  EXPECT_LT(few, kMany) << "nothing is known of it yet";
  f->note({microseconds(10), microseconds(10), microseconds(10)});
  EXPECT_EQ(admit_all(), kMany) << "it is quick";
  f->note({microseconds(5000), microseconds(5000), microseconds(1500)});
  EXPECT_EQ(admit_all(), few) << "it computes, and had to share the processor";
  f->note({microseconds(50000), microseconds(50000), microseconds(10)});
  EXPECT_EQ(admit_all(), kMany) << "it waits on its thread";
  f->note({microseconds(50000), microseconds(5000), microseconds(5000)});
  EXPECT_EQ(admit_all(), kMany) << "it waits without one";
}

TEST_F(Admission, LetsMoreInWhenTheFirstWait) {
  auto f = function(100, 0);
  std::vector<std::shared_ptr<Waiter>> waiters;
  for (int i = 0; i < 100; i++) {
    waiters.push_back(std::make_shared<Waiter>());
    ASSERT_NE(f->admit(waiters.back(), waiters.back()->ticket), Answer::kFull) << i;
  }
  EXPECT_LT(f->running(), 100u);
  f->note_waiting();
  EXPECT_EQ(f->running(), 100u);
  for (auto& waiter : waiters) EXPECT_TRUE(waiter->ticket);
}

TEST_F(Admission, FindsFunctionsByName) {
  Catalog catalog;
  EXPECT_EQ(catalog.only(), nullptr);
  auto f = function(1, 0);
  catalog.put(f);
  EXPECT_EQ(catalog.find("f"), f);
  EXPECT_EQ(catalog.only(), f);
  EXPECT_EQ(catalog.find("g"), nullptr);
  catalog.remove("g");
  EXPECT_EQ(catalog.all().size(), 1u);
  catalog.remove("f");
  EXPECT_EQ(catalog.find("f"), nullptr);
}

}  // namespace
}  // namespace wherry::host
