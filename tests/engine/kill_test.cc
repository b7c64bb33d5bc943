// Guests that do not end by themselves, ended a thousand times: by deadlines and by hand, in loops,
// in host calls, in the depth of the stack and in services, while their neighbours go on. For the
// sanitizers as much as for itself.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <list>
#include <random>
#include <thread>

#include "fixture.h"
#include "runtime/instance_pool.h"
#include "runtime/watchdog.h"

namespace wherry::test {
namespace {

using Clock = std::chrono::steady_clock;
using contract::TrapCode;
using runtime::HostCall;
using runtime::HostOutcome;
using runtime::InstancePool;
using runtime::Value;

// The imports of guest.c.
class Host : public runtime::ImportResolver {
 public:
  std::optional<runtime::Extern> resolve(std::string_view, std::string_view name, wasm::ExternKind,
                                         const wasm::FuncType* type) override {
    return runtime::HostFunction{*type, name == "wait" ? wait : twice, this};
  }
  void* host_environment() const override { return const_cast<Host*>(this); }

 private:
  static HostOutcome twice(const HostCall& call) {
    call.slots[0] = call.arg32(0) * 2;
    return HostOutcome::kContinue;
  }
  static HostOutcome wait(const HostCall&) {
    ::usleep(10'000'000);
    return HostOutcome::kContinue;
  }
};

runtime::CallResult call(InstancePool::Lease& lease, std::string_view name,
                         const std::vector<Value>& arguments = {}) {
  EXPECT_FALSE(lease.start().value().has_value());
  return lease.store().call(lease.instance().find_function(name).value(), arguments).value();
}

// Calls that must succeed, one after the other, until it is destroyed.
struct Neighbour {
  std::atomic<uint64_t> calls = 0;
  std::atomic<bool> stop = false;
  std::thread thread;

  explicit Neighbour(InstancePool& pool) : thread([this, &pool] { run(pool); }) {}
  ~Neighbour() {
    stop = true;
    thread.join();
  }
  void run(InstancePool& pool) {
    Host host;
    for (uint32_t i = 0; !stop; i++) {
      auto lease = pool.acquire(host).value();
      auto result = call(lease, "add", {Value::i32(i), Value::i32(1)});
      auto* values = std::get_if<std::vector<Value>>(&result);
      ASSERT_NE(values, nullptr);
      ASSERT_EQ(values->at(0).as_i32(), i + 1);
      calls++;
    }
  }
};

TEST(Kills, EndAThousandGuestsWhileOthersGoOn) {
  static constexpr const char* kWays[] = {"loop",         "tight_loop",    "loop_in_host",
                                          "dive",         "fill_for_ever", "loop_through_host",
                                          "grow_for_ever"};
  auto module = compiled(read_file(WHERRY_ENGINE_GUEST, 1 << 20).value());
  ASSERT_NE(module, nullptr);
  auto pool = InstancePool::create(module);
  auto watchdog = runtime::Watchdog::create().value();
  // With the guest that is ended, as many as there are cores: how late an end is says something
  // about the watchdog then, not about the scheduler.
  std::list<Neighbour> neighbours;
  for (unsigned i = 0; i < std::max(2u, std::thread::hardware_concurrency()) - 1; i++) {
    neighbours.emplace_back(*pool);
  }
  std::mt19937 random(4);
  Host host;
  std::vector<double> late_us;
  for (int i = 0; i < 1000; i++) {
    const char* way = kWays[static_cast<size_t>(i) % std::size(kWays)];
    auto lease = pool->acquire(host).value();
    const auto deadline = Clock::now() + std::chrono::microseconds(random() % 2000);
    std::optional<runtime::Watchdog::Guard> guard;
    std::thread killer;
    std::atomic<bool> ended = false;
    if (i % 4 == 3) {
      // Like the watchdog more than once: a system call may begin just after the signal.
      killer = std::thread([&lease, &ended, deadline] {
        std::this_thread::sleep_until(deadline);
        for (; !ended; ::usleep(1000)) lease.store().interrupt();
      });
    } else {
      guard.emplace(watchdog->watch(lease.store(), deadline));
    }
    runtime::CallResult result = call(lease, way);
    late_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - deadline).count());
    ended = true;
    if (killer.joinable()) killer.join();
    auto* trap = std::get_if<runtime::Trap>(&result);
    ASSERT_NE(trap, nullptr) << way;
    ASSERT_EQ(trap->code, TrapCode::kInterrupted) << way;
  }
  uint64_t calls = 0;
  for (const Neighbour& neighbour : neighbours) {
    EXPECT_GT(neighbour.calls, 0u);
    calls += neighbour.calls;
  }
  std::sort(late_us.begin(), late_us.end());
  std::printf("ended after the deadline: median %.0f us, at most %.0f us; neighbours: %lu calls\n",
              late_us[late_us.size() / 2], late_us.back(), static_cast<unsigned long>(calls));
}

}  // namespace
}  // namespace wherry::test
