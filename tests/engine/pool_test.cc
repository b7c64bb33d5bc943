// Instances from a pool are as fresh as new ones, whatever was done in their slots before.
#include <fcntl.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "fixture.h"
#include "runtime/instance_pool.h"

namespace wherry::test {
namespace {

using runtime::HostCall;
using runtime::HostOutcome;
using runtime::InstancePool;
using runtime::PageReset;
using runtime::PoolOptions;
using runtime::Value;

std::shared_ptr<const runtime::CompiledModule> guest() {
  static const auto module = compiled(read_file(WHERRY_POOL_GUEST, 1 << 20).value());
  return module;
}

// The imports of pool.wat.
class Host : public runtime::ImportResolver {
 public:
  explicit Host(uint32_t number = 0) : number_(number) {}

  std::optional<runtime::Extern> resolve(std::string_view, std::string_view name, wasm::ExternKind,
                                         const wasm::FuncType* type) override {
    return runtime::HostFunction{*type, name == "who" ? who : fill, this};
  }
  void* host_environment() const override { return const_cast<Host*>(this); }

 private:
  static HostOutcome who(const HostCall& call) {
    call.slots[0] = static_cast<Host*>(call.environment)->number_;
    return HostOutcome::kContinue;
  }
  static HostOutcome fill(const HostCall& call) {
    uint8_t* at = call.instance.memory()->at(call.arg32(0), call.arg32(1));
    EXPECT_NE(at, nullptr);
    FileDescriptor random(::open("/dev/urandom", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(::read(random.number(), at, call.arg32(1)), static_cast<ssize_t>(call.arg32(1)));
    return HostOutcome::kContinue;
  }
  uint32_t number_;
};

InstancePool::Lease started(InstancePool& pool, Host& host) {
  auto lease = pool.acquire(host).value();
  EXPECT_FALSE(lease.start().value().has_value());
  return lease;
}

runtime::CallResult call(const InstancePool::Lease& lease, std::string_view name,
                         std::vector<uint32_t> arguments = {}) {
  std::vector<Value> values;
  for (uint32_t argument : arguments) values.push_back(Value::i32(argument));
  return lease.store().call(lease.instance().find_function(name).value(), values).value();
}

uint64_t number(const InstancePool::Lease& lease, std::string_view name,
                std::vector<uint32_t> arguments = {}) {
  runtime::CallResult result = call(lease, name, std::move(arguments));
  if (auto* trap = std::get_if<runtime::Trap>(&result)) {
    ADD_FAILURE() << name << " trapped: " << trap->message();
    return 0;
  }
  auto& values = std::get<std::vector<Value>>(result);
  return values.empty() ? 0 : values[0].bits;
}

uint64_t fresh_fingerprint() {
  Host host;
  auto pool = InstancePool::create(guest());
  return number(started(*pool, host), "fingerprint");
}

// Leaves as much behind as a guest can.
void soil(const InstancePool::Lease& lease, std::mt19937& random) {
  const auto pick = [&random](uint32_t below) { return static_cast<uint32_t>(random()) % below; };
  for (uint32_t todo = pick(6); todo > 0; todo--) {
    switch (pick(6)) {
      case 0: number(lease, "soil", {pick(1 << 30), 1 + pick(4)}); break;
      case 1: number(lease, "soil", {pick(1 << 30), 1 + pick(200)}); break;
      case 2: number(lease, "grow", {pick(5)}); break;
      case 3: number(lease, "fill", {pick(100'000), 1 + pick(50'000)}); break;
      case 4: number(lease, "soil_state"); break;
      case 5: number(lease, "deep", {pick(4000)}); break;
    }
  }
}

void use_again_and_again(InstancePool& pool, uint64_t fresh, uint32_t seed, int rounds) {
  std::mt19937 random(seed);
  Host host;
  for (int round = 0; round < rounds; round++) {
    auto lease = started(pool, host);
    // Not always: looking at a page makes it present, too.
    if (random() % 4 != 0) {
      ASSERT_EQ(number(lease, "fingerprint"), fresh) << "seed " << seed << ", round " << round;
      number(lease, "use_segments");
    }
    soil(lease, random);
  }
}

class InstancePoolReset : public ::testing::TestWithParam<std::tuple<PageReset::Method, uint64_t>> {
 protected:
  PoolOptions options() const {
    PoolOptions options;
    options.reset = std::get<0>(GetParam());
    options.keep_bytes = std::get<1>(GetParam());
    return options;
  }
};

TEST_P(InstancePoolReset, ShowsNothingOfEarlierInstances) {
  auto pool = InstancePool::create(guest(), options());
  for (uint32_t seed = 1; seed <= 20; seed++) {
    use_again_and_again(*pool, fresh_fingerprint(), seed, 60);
  }
  EXPECT_EQ(pool->idle(), 1u);
}

TEST_P(InstancePoolReset, ServesManyThreads) {
  auto pool = InstancePool::create(guest(), options());
  const uint64_t fresh = fresh_fingerprint();
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < 4; i++) {
    threads.emplace_back([&, i] { use_again_and_again(*pool, fresh, 1000 + i, 200); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(pool->idle(), 1u);
  EXPECT_LE(pool->idle(), 4u);
}

INSTANTIATE_TEST_SUITE_P(AllMethods, InstancePoolReset,
                         ::testing::Combine(::testing::Values(PageReset::Method::kFaults,
                                                              PageReset::Method::kScan,
                                                              PageReset::Method::kDiscard),
                                            ::testing::Values(uint64_t{8192}, uint64_t{1} << 20)));

TEST(InstancePool, GivesEachLeaseItsOwnImports) {
  auto pool = InstancePool::create(guest());
  for (uint32_t i = 0; i < 3; i++) {
    Host host(i);
    EXPECT_EQ(number(started(*pool, host), "who"), i);
  }
  EXPECT_EQ(pool->idle(), 1u);
}

TEST(InstancePool, KeepsLeasesOfOneTimeApart) {
  auto pool = InstancePool::create(guest());
  Host host;
  const uint64_t fresh = fresh_fingerprint();
  for (int round = 0; round < 5; round++) {
    auto first = started(*pool, host);
    auto second = started(*pool, host);
    number(first, "soil", {1, 30});
    {
      auto third = started(*pool, host);
      number(third, "soil", {2, 30});
    }
    EXPECT_EQ(number(second, "fingerprint"), fresh);
    number(second, "soil", {3, 30});
  }
  EXPECT_EQ(pool->idle(), 3u);
}

TEST(InstancePool, DoesNotUseAgainWhatEndedBadly) {
  auto pool = InstancePool::create(guest());
  Host host;
  {
    auto lease = started(*pool, host);
    EXPECT_TRUE(std::holds_alternative<runtime::Trap>(call(lease, "trap")));
  }
  EXPECT_EQ(pool->idle(), 0u);
  {
    auto lease = started(*pool, host);
  }
  EXPECT_EQ(pool->idle(), 1u);
}

TEST(InstancePool, KeepsNoMoreThanItIsTold) {
  auto pool = InstancePool::create(guest(), {.idle_slots = 0});
  Host host;
  {
    EXPECT_EQ(number(started(*pool, host), "who"), 0u);
  }
  EXPECT_EQ(pool->idle(), 0u);
}

// Its memory lies elsewhere, too: a slot alone cannot bring it back.
TEST(InstancePool, MakesModulesAnewWhoseStateLiesElsewhere) {
  const auto two_memories = compiled(module_of(
      {section(1, list({function_type({{}, {wasm::kI32}})})), section(3, list({leb(0)})),
       section(5, list({bytes({0, 1}), bytes({0, 1})})),
       section(7, list({exported("count", 0, 0)})),
       section(10, list({body(i32(0) + i32(0) + op("i32.load") + bytes({0x42, 1, 0}) + i32(1) +
                              op("i32.add") + op("i32.store") + bytes({0x42, 1, 0}) + i32(0) +
                              op("i32.load") + bytes({0x42, 1, 0}))}))}));
  ASSERT_NE(two_memories, nullptr);
  auto pool = InstancePool::create(two_memories);
  Host host;
  for (int i = 0; i < 3; i++) EXPECT_EQ(number(started(*pool, host), "count"), 1u);
  EXPECT_EQ(pool->idle(), 0u);
}

}  // namespace
}  // namespace wherry::test
