// Guests that wait: suspended in a host function, resumed later, perhaps on another thread.
#include <fstream>
#include <thread>

#include "fixture.h"
#include "runtime/instance_pool.h"
#include "runtime/watchdog.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WHERRY_SANITIZED
#endif
#endif

namespace wherry::test {
namespace {

using contract::TrapCode;
using runtime::CallResult;
using runtime::Exit;
using runtime::HostCall;
using runtime::HostOutcome;
using runtime::InstancePool;
using runtime::PageReset;
using runtime::Trap;
using runtime::Value;

std::shared_ptr<const runtime::CompiledModule> guest() {
  static const auto module = compiled(read_file(WHERRY_SUSPEND_GUEST, 1 << 20).value());
  return module;
}

// The imports of suspend.wat. A wait is over when there is something to take.
class Host : public runtime::ImportResolver {
 public:
  uint32_t ready = 0;    // waits that may go on
  uint32_t called = 0;   // calls of `wait`
  uint32_t refused = 0;  // calls that could not wait
  bool always_suspend = false;

  std::optional<runtime::Extern> resolve(std::string_view, std::string_view name, wasm::ExternKind,
                                         const wasm::FuncType* type) override {
    auto* function = name == "wait"        ? wait
                     : name == "wait_wide" ? wait_wide
                     : name == "leave"     ? leave
                                           : call_back;
    return runtime::HostFunction{*type, function, this};
  }
  void* host_environment() const override { return const_cast<Host*>(this); }

 private:
  bool must_wait(const HostCall& call) {
    called++;
    if (!call.may_suspend()) refused++;
    if (ready == 0) return true;
    ready--;
    return false;
  }
  static HostOutcome wait(const HostCall& call) {
    if (static_cast<Host*>(call.environment)->must_wait(call)) return HostOutcome::kSuspend;
    call.slots[0] = call.arg32(0) * 2;
    return HostOutcome::kContinue;
  }
  // Answers with the vector, and clobbers what it can on the way.
  static HostOutcome wait_wide(const HostCall& call) {
    if (static_cast<Host*>(call.environment)->must_wait(call)) return HostOutcome::kSuspend;
    EXPECT_EQ(call.arg64(0), 1'000'000'007u);
    uint64_t low = call.slots[3], high = call.slots[4];
    call.slots[0] = low;
    call.slots[1] = high;
    return HostOutcome::kContinue;
  }
  static HostOutcome leave(const HostCall& call) { return call.exit(call.arg32(0)); }
  // The guest below is entered by Store::call().
  static HostOutcome call_back(const HostCall& call) {
    auto result =
        call.instance.store()
            .call(call.instance.find_function("wait_below").value(), {Value::i32(call.arg32(0))})
            .value();
    if (auto* trap = std::get_if<Trap>(&result)) return call.trap(trap->code, trap->detail);
    call.slots[0] = std::get<std::vector<Value>>(result).at(0).bits;
    return HostOutcome::kContinue;
  }
};

using Progress = std::optional<CallResult>;

struct Guest {
  Host host;
  std::unique_ptr<runtime::Store> store = runtime::Store::create().value();
  runtime::Instance* instance = store->instantiate(guest(), host)->instance;

  Progress begin(std::string_view name, const std::vector<Value>& arguments) {
    return store->begin(instance->find_function(name).value(), arguments).value();
  }
  Progress resume(uint32_t ready = 1) {
    host.ready += ready;
    return store->resume().value();
  }
  CallResult call(std::string_view name, const std::vector<Value>& arguments) {
    return store->call(instance->find_function(name).value(), arguments).value();
  }
};

uint64_t number(const Progress& progress) {
  if (!progress) {
    ADD_FAILURE() << "the guest waits";
    return 0;
  }
  auto* values = std::get_if<std::vector<Value>>(&*progress);
  if (!values) {
    ADD_FAILURE() << "the guest ended otherwise";
    return 0;
  }
  return values->empty() ? 0 : values->at(0).bits;
}

void on_another_thread(const std::function<void()>& work) { std::thread(work).join(); }

TEST(Suspend, LeavesTheGuestAndGoesOnWithIt) {
  Guest guest;
  EXPECT_FALSE(guest.begin("once", {Value::i32(4)}).has_value());
  EXPECT_TRUE(guest.store->is_suspended());
  EXPECT_EQ(number(guest.resume()), 9u);
  EXPECT_FALSE(guest.store->is_suspended());
  EXPECT_EQ(guest.host.called, 2u);  // the same call again
  EXPECT_EQ(guest.host.refused, 0u);
  // What never waits ends at once.
  guest.host.ready = 1;
  EXPECT_EQ(number(guest.begin("once", {Value::i32(5)})), 11u);
}

TEST(Suspend, AsksAgainForAsLongAsItTakes) {
  Guest guest;
  EXPECT_FALSE(guest.begin("many", {Value::i32(1000)}).has_value());
  Progress progress;
  for (int i = 0; i < 1000; i++) {
    EXPECT_FALSE(guest.resume(0).has_value());  // in vain
    progress = guest.resume();
    EXPECT_EQ(progress.has_value(), i == 999);
  }
  EXPECT_EQ(number(progress), 2u * 1000 * 1001 / 2);
}

TEST(Suspend, KeepsADeepStack) {
  Guest guest;
  EXPECT_FALSE(guest.begin("deep", {Value::i32(5000)}).has_value());
  EXPECT_EQ(number(guest.resume()), 42u + 5000 * 5001 / 2);
}

TEST(Suspend, KeepsValuesOfAllTypes) {
  const std::vector<Value> arguments = {Value::i32(3), Value::i64(1'000'000'007),
                                        Value{wasm::kF32, 0x41200000},           // 10
                                        Value{wasm::kF64, 0x4059000000000000}};  // 100
  Guest at_once;
  at_once.host.ready = 1;
  const uint64_t expected = number(at_once.begin("live", arguments));
  uint64_t bytes_times_3 = 0;
  for (uint64_t half = 0; half < 2; half++) {
    for (uint64_t i = 0; i < 8; i++) bytes_times_3 += (half * 8 + i + 1) * 3 << (8 * i);
  }
  EXPECT_EQ(expected,
            bytes_times_3 + 30ull * 1'000'000'007 + 3 * 26 + 150 + 25 + 100 + 1'000'000'007);
  Guest guest;
  EXPECT_FALSE(guest.begin("live", arguments).has_value());
  // Registers hold something else meanwhile.
  Guest other;
  EXPECT_FALSE(
      other
          .begin("live", {Value::i32(9), Value::i64(1'000'000'007), Value{wasm::kF32, 0x42000000},
                          Value{wasm::kF64, 0x4089000000000000}})
          .has_value());
  EXPECT_EQ(number(guest.resume()), expected);
  EXPECT_NE(number(other.resume()), expected);
}

TEST(Suspend, GoesOnOnAnotherThread) {
  Guest guest;
  on_another_thread([&] { EXPECT_FALSE(guest.begin("many", {Value::i32(100)}).has_value()); });
  for (int i = 0; i < 99; i++) {
    on_another_thread([&] { EXPECT_FALSE(guest.resume().has_value()); });
  }
  EXPECT_EQ(number(guest.resume()), 2u * 100 * 101 / 2);
}

TEST(Suspend, TrapsAfterwardsWithTheWholeBacktrace) {
  Guest guest;
  EXPECT_FALSE(guest.begin("trap_after", {Value::i32(1)}).has_value());
  Progress progress;
  on_another_thread([&] { progress = guest.resume(); });
  auto& trap = std::get<Trap>(progress.value());
  EXPECT_EQ(trap.code, TrapCode::kUnreachable);
  ASSERT_FALSE(trap.frames.empty());
  EXPECT_EQ(trap.frames.back().name, "trap_after");
}

TEST(Suspend, ThrowsAfterwardsToAHandlerFurtherOut) {
  Guest guest;
  EXPECT_FALSE(guest.begin("catch_after", {Value::i32(4)}).has_value());
  Progress progress;
  on_another_thread([&] { progress = guest.resume(); });
  EXPECT_EQ(number(progress), 1008u);
}

TEST(Suspend, ExitsAfterwards) {
  Guest guest;
  EXPECT_FALSE(guest.begin("exit_after", {Value::i32(21)}).has_value());
  EXPECT_EQ(std::get<Exit>(guest.resume().value()).code, 42u);
}

TEST(Suspend, IsInterruptedWhereItWaits) {
  Guest guest;
  EXPECT_FALSE(guest.begin("deep", {Value::i32(3)}).has_value());
  std::thread([&] { guest.store->interrupt(); }).join();
  EXPECT_TRUE(guest.store->is_suspended());
  Progress progress = guest.resume();
  auto& trap = std::get<Trap>(progress.value());
  EXPECT_EQ(trap.code, TrapCode::kInterrupted);
  EXPECT_FALSE(trap.frames.empty());
  EXPECT_EQ(guest.host.called, 1u);  // the function is not called again
  EXPECT_FALSE(guest.store->is_suspended());
}

TEST(Suspend, IsInterruptedInALoopAfterwards) {
  Guest guest;
  auto watchdog = runtime::Watchdog::create().value();
  EXPECT_FALSE(guest.begin("loop_after", {Value::i32(3)}).has_value());
  Progress progress;
  on_another_thread([&] {
    auto guard = watchdog->watch(*guest.store, std::chrono::steady_clock::now());
    guest.host.ready = 1;
    while (!progress) progress = guest.store->resume().value();
  });
  EXPECT_EQ(std::get<Trap>(progress.value()).code, TrapCode::kInterrupted);
}

TEST(Suspend, OnlyWhereItCan) {
  Guest guest;
  CallResult result = guest.call("once", {Value::i32(1)});
  EXPECT_NE(std::get<Trap>(result).detail.find("wait where it cannot"), std::string::npos);
  EXPECT_EQ(guest.host.refused, 1u);
  // Below a host function's own call neither, and above it can again.
  Guest outer;
  Progress below = outer.begin("call_back", {Value::i32(1)});
  EXPECT_NE(std::get<Trap>(below.value()).detail.find("wait where it cannot"), std::string::npos);
  EXPECT_EQ(outer.host.refused, 1u);
}

TEST(Suspend, LetsNothingElseRunInTheStore) {
  Guest guest;
  EXPECT_FALSE(guest.begin("once", {Value::i32(1)}).has_value());
  const runtime::Func once = guest.instance->find_function("once").value();
  EXPECT_FALSE(guest.store->call(once, {Value::i32(2)}).ok());
  EXPECT_FALSE(guest.store->begin(once, {Value::i32(2)}).ok());
  EXPECT_EQ(number(guest.resume()), 3u);
  EXPECT_FALSE(guest.store->resume().ok());
}

TEST(Suspend, MayEndWithoutBeingResumed) {
  {
    Guest guest;
    EXPECT_FALSE(guest.begin("deep", {Value::i32(100)}).has_value());
  }
  auto pool = InstancePool::create(guest());
  Host host;
  {
    auto lease = pool->acquire(host).value();
    EXPECT_FALSE(lease.start().value().has_value());
    auto function = lease.instance().find_function("once").value();
    EXPECT_FALSE(lease.store().begin(function, {Value::i32(1)})->has_value());
  }
  EXPECT_EQ(pool->idle(), 0u);
}

// What an instance wrote to after it was resumed elsewhere is not seen by the next, though the
// thread that it began and ended on had no page fault.
TEST(Suspend, ShowsNothingToTheNextInstance) {
  for (auto method : {PageReset::Method::kFaults, PageReset::Method::kScan}) {
    auto pool = InstancePool::create(guest(), {.reset = method});
    Host host;
    // Twice for the pages that all instances write to.
    for (uint32_t round = 0; round < 6; round++) {
      const uint32_t at = 65536 + 4096 * round;
      auto lease = pool->acquire(host).value();
      EXPECT_FALSE(lease.start().value().has_value());
      auto soil = lease.instance().find_function("soil").value();
      EXPECT_FALSE(lease.store().begin(soil, {Value::i32(at)})->has_value());
      host.ready = 1;
      on_another_thread([&] { EXPECT_FALSE(lease.store().resume()->has_value()); });
      host.ready = 1;
      EXPECT_TRUE(lease.store().resume()->has_value());
      {
        InstancePool::Lease ended = std::move(lease);
      }
      auto fresh = pool->acquire(host).value();
      EXPECT_FALSE(fresh.start().value().has_value());
      auto seen = fresh.store()
                      .call(fresh.instance().find_function("peek").value(), {Value::i32(at)})
                      .value();
      EXPECT_EQ(std::get<std::vector<Value>>(seen).at(0).bits, 0u) << "round " << round;
    }
    EXPECT_EQ(pool->idle(), 1u);
  }
}

uint64_t resident_kib() {
  std::ifstream status("/proc/self/status");
  uint64_t sum = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:") || line.starts_with("VmPTE:"))
      sum += std::stoull(line.substr(6));
  }
  return sum;
}

TEST(Suspend, ManyWaitAtATime) {
#ifdef WHERRY_SANITIZED
  constexpr uint32_t kGuests = 300;
#else
  constexpr uint32_t kGuests = 10'000;
#endif
  auto pool = InstancePool::create(guest());
  Host host;
  std::vector<InstancePool::Lease> leases;
  const uint64_t before = resident_kib();
  for (uint32_t i = 0; i < kGuests; i++) {
    leases.push_back(pool->acquire(host).value());
    EXPECT_FALSE(leases.back().start().value().has_value());
    auto once = leases.back().instance().find_function("once").value();
    EXPECT_FALSE(leases.back().store().begin(once, {Value::i32(i)})->has_value());
  }
#ifndef WHERRY_SANITIZED
  const uint64_t each = (resident_kib() - before) / kGuests;
  EXPECT_LT(each, 64u) << "KiB each";
  RecordProperty("kib_each", static_cast<int>(each));
  std::printf("%u suspended guests: %lu KiB each\n", kGuests, static_cast<unsigned long>(each));
#endif
  (void)before;
  host.ready = kGuests;
  on_another_thread([&] {
    for (uint32_t i = 0; i < kGuests; i++) {
      EXPECT_EQ(number(leases[i].store().resume().value()), 2 * i + 1);
    }
  });
}

}  // namespace
}  // namespace wherry::test
