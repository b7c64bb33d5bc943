// Deadlines by the wall and by the processor, and who is told of them.
#include "runtime/watchdog.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "fixture.h"

namespace wherry::test {
namespace {

using Clock = std::chrono::steady_clock;
using runtime::Trap;
using runtime::Watchdog;
using std::chrono::hours;
using std::chrono::milliseconds;

// A function that loops for ever.
struct Looping {
  World world;
  runtime::Instance* instance = world.instantiate(
      "loop",
      module_of({section(1, list({function_type({})})), section(3, list({leb(0)})),
                 section(7, list({exported("loop", 0, 0)})),
                 section(10, list({body(op("loop") + bytes({0x40}) + op("br", 0) + op("end"))}))}));
  runtime::Store& store() { return world.store(); }
  Trap run() { return world.trap(instance, "loop"); }
};

// A signal between threads.
struct Event {
  std::mutex mutex;
  std::condition_variable changed;
  int count = 0;
  std::function<void()> setter() {
    return [this] {
      std::lock_guard lock(mutex);
      count++;
      changed.notify_all();
    };
  }
  void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return count > 0; });
  }
};

TEST(Watchdog, TakesAnEarlierDeadlineWhileItWaitsForALaterOne) {
  auto watchdog = Watchdog::create().value();
  Looping late, early;
  auto guard = watchdog->watch(late.store(), Clock::now() + hours(1));
  for (int i = 0; i < 20; i++) {
    auto earlier = watchdog->watch(early.store(), Clock::now() + milliseconds(1));
    EXPECT_EQ(early.run().code, contract::TrapCode::kInterrupted);
    EXPECT_TRUE(earlier.has_expired());
    early.store().clear_interrupt();
  }
  EXPECT_FALSE(guard.has_expired());
  EXPECT_FALSE(late.store().interrupt_requested());
}

TEST(Watchdog, LimitsProcessorTime) {
  auto watchdog = Watchdog::create().value();
  Looping guest;
  auto guard = watchdog->watch(guest.store(), Clock::time_point::max());
  guard.limit_cpu(milliseconds(5));
  EXPECT_EQ(guest.run().code, contract::TrapCode::kInterrupted);
  EXPECT_TRUE(guard.cpu_limit_reached());
}

TEST(Watchdog, SaysWhatIsLeftOfProcessorTime) {
  auto watchdog = Watchdog::create().value();
  Looping guest;
  auto guard = watchdog->watch(guest.store(), Clock::time_point::max());
  guard.limit_cpu(hours(1));
  const auto left = guard.pause_cpu();
  EXPECT_LT(left, hours(1));
  EXPECT_GT(left, hours(1) - std::chrono::minutes(10));
  EXPECT_FALSE(guard.cpu_limit_reached());
}

TEST(Watchdog, TellsWhoWaitsWhenTheDeadlinePasses) {
  auto watchdog = Watchdog::create().value();
  Looping guest;
  Event passed;
  {
    auto guard = watchdog->watch(guest.store(), Clock::now() + milliseconds(2));
    guard.when_expired(passed.setter());
    passed.wait();
    EXPECT_TRUE(guest.store().interrupt_requested());
    // It has passed: at once, and not again.
    Event at_once;
    guard.when_expired(at_once.setter());
    EXPECT_EQ(at_once.count, 1);
  }
  EXPECT_EQ(passed.count, 1);
}

TEST(Watchdog, TellsNobodyAfterTheGuardIsGone) {
  auto watchdog = Watchdog::create().value();
  Looping guest;
  Event passed;
  for (int i = 0; i < 200; i++) {
    std::optional<Watchdog::Guard> guard(
        watchdog->watch(guest.store(), Clock::now() + std::chrono::microseconds(i * 5)));
    guard->when_expired(passed.setter());
    guard.reset();
    const int before = passed.count;
    std::this_thread::yield();
    EXPECT_EQ(passed.count, before);
  }
}

// The deadline passes just when the guard goes: once it is gone the store is left alone.
TEST(Watchdog, LeavesAStoreAloneAfterItsGuardIsGone) {
  auto watchdog = Watchdog::create().value();
  Looping guest;
  int interrupted = 0;
  for (int i = 0; i < 20'000; i++) {
    const auto deadline = Clock::now() + std::chrono::microseconds(i % 60);
    {
      auto guard = watchdog->watch(guest.store(), deadline);
      while (Clock::now() < deadline) {
      }
    }
    interrupted += guest.store().interrupt_requested() ? 1 : 0;
    guest.store().clear_interrupt();
    for (int j = 0; j < 20; j++) ASSERT_FALSE(guest.store().interrupt_requested());
    EXPECT_FALSE(watchdog->watch(guest.store(), Clock::now() + hours(1)).has_expired());
  }
  EXPECT_GT(interrupted, 0);
}

TEST(Watchdog, TellsTwoGuardsOfOneStoreApart) {
  auto watchdog = Watchdog::create().value();
  Looping guest;
  auto later = watchdog->watch(guest.store(), Clock::now() + hours(1));
  {
    auto soon = watchdog->watch(guest.store(), Clock::now() + milliseconds(1));
    EXPECT_EQ(guest.run().code, contract::TrapCode::kInterrupted);
    EXPECT_TRUE(soon.has_expired());
  }
  EXPECT_FALSE(later.has_expired());
}

TEST(Watchdog, MayGoBeforeTheStoresThatItWatched) {
  Looping guest;
  for (int i = 0; i < 3; i++) {
    auto watchdog = Watchdog::create().value();
    auto guard = watchdog->watch(guest.store(), Clock::now() + milliseconds(1));
    EXPECT_EQ(guest.run().code, contract::TrapCode::kInterrupted);
    EXPECT_TRUE(guard.has_expired());
    guest.store().clear_interrupt();
  }
}

TEST(Watchdog, WatchesManyStoresOfManyThreads) {
  auto watchdog = Watchdog::create().value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([&] {
      Looping guest;
      for (int round = 0; round < 50; round++) {
        // Most end by themselves long before.
        for (int j = 0; j < 20; j++) watchdog->watch(guest.store(), Clock::now() + hours(1));
        auto guard = watchdog->watch(guest.store(), Clock::now() + std::chrono::microseconds(100));
        EXPECT_EQ(guest.run().code, contract::TrapCode::kInterrupted);
        guest.store().clear_interrupt();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace wherry::test
