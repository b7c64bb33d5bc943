#include "outbound/poller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace wherry::outbound {
namespace {

using std::chrono::milliseconds;

class PollerTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    out_ = FileDescriptor(ends[0]);
    in_ = FileDescriptor(ends[1]);
  }
  void put(char c) { ASSERT_EQ(::write(in_.number(), &c, 1), 1); }
  char take() {
    char c = 0;
    return ::read(out_.number(), &c, 1) == 1 ? c : 0;
  }

  std::shared_ptr<Poller> poller_ = *Poller::create();
  FileDescriptor out_, in_;
  std::string seen_;
};

TEST_F(PollerTest, RunsWhatIsPostedInOrder) {
  for (char c : {'a', 'b', 'c'}) poller_->post([this, c] { seen_ += c; });
  poller_->post([this] { poller_->stop(); });
  poller_->run();
  EXPECT_EQ(seen_, "abc");
}

TEST_F(PollerTest, RunsWhatWasPostedBeforeTheEndAndNothingAfter) {
  poller_->post([this] {
    poller_->post([this] { seen_ += 'a'; });
    poller_->stop();
  });
  poller_->run();
  EXPECT_EQ(seen_, "a");
  EXPECT_FALSE(poller_->post([] {}));
}

TEST_F(PollerTest, RunsTimersInTheOrderOfTheirTimes) {
  poller_->after(milliseconds(2), [this] { seen_ += 'b'; });
  poller_->after(milliseconds(1), [this] { seen_ += 'a'; });
  Poller::Timer cancelled = poller_->after(milliseconds(1), [this] { seen_ += 'x'; });
  poller_->after(milliseconds(3), [this] { poller_->stop(); });
  poller_->cancel(cancelled);
  poller_->cancel(cancelled);
  poller_->run();
  EXPECT_EQ(seen_, "ab");
}

TEST_F(PollerTest, TellsAgainUntilWhatIsThereIsTaken) {
  put('a');
  int times = 0;
  poller_->watch(out_.number(), EPOLLIN, [&](uint32_t events) {
    EXPECT_NE(events & EPOLLIN, 0u);
    if (++times == 2) poller_->stop();
  });
  poller_->run();
  EXPECT_EQ(times, 2);
}

TEST_F(PollerTest, AWatchMayReplaceItself) {
  put('a');
  poller_->watch(out_.number(), EPOLLIN, [this](uint32_t) {
    seen_ += take();
    put('b');
    poller_->watch(out_.number(), EPOLLIN, [this](uint32_t) {
      seen_ += take();
      poller_->unwatch(out_.number());
      put('c');
      poller_->after(milliseconds(1), [this] { poller_->stop(); });
    });
  });
  poller_->run();
  EXPECT_EQ(seen_, "ab");
}

// Both events may come in one batch; the second must not meet what has been removed.
TEST_F(PollerTest, WhatIsNoLongerWatchedIsNotTold) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  FileDescriptor other_out(ends[0]), other_in(ends[1]);
  put('a');
  ASSERT_EQ(::write(other_in.number(), "a", 1), 1);
  int told = 0;
  auto tell = [&](uint32_t) {
    told++;
    poller_->unwatch(out_.number());
    poller_->unwatch(other_out.number());
    poller_->stop();
  };
  poller_->watch(out_.number(), EPOLLIN, tell);
  poller_->watch(other_out.number(), EPOLLIN, tell);
  poller_->run();
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace wherry::outbound
