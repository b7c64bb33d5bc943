// Instances from a pool are as fresh as new ones, whatever was done in their slots before.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "fixture.h"
#include "runtime/instance_pool.h"
#include "runtime/traps.h"
#include "runtime/write_watch.h"

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
    runtime::let_kernel_write(at, call.arg32(1));
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

// After as many that leave nothing new behind, a slot is watched for writes.
void use_quietly(InstancePool& pool, uint64_t fresh) {
  Host host;
  for (int round = 0; round < 50; round++) {
    auto lease = started(pool, host);
    ASSERT_EQ(number(lease, "fingerprint"), fresh) << "round " << round;
    number(lease, "soil", {7, 2});
    number(lease, "soil_state");
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

TEST_P(InstancePoolReset, SeesTheFirstWriteAfterManyQuietInstances) {
  auto pool = InstancePool::create(guest(), options());
  const uint64_t fresh = fresh_fingerprint();
  for (uint32_t seed = 1; seed <= 20; seed++) {
    use_quietly(*pool, fresh);
    use_again_and_again(*pool, fresh, seed, 1 + seed % 3);
  }
  EXPECT_EQ(pool->idle(), 1u);
}

TEST_P(InstancePoolReset, SeesTheHostsWritesAfterManyQuietInstances) {
  auto pool = InstancePool::create(guest(), options());
  const uint64_t fresh = fresh_fingerprint();
  Host host;
  for (uint64_t place : {uint64_t{3}, uint64_t{70'000}, uint64_t{130'000}}) {
    use_quietly(*pool, fresh);
    {
      auto lease = started(*pool, host);
      uint8_t* at = lease.instance().memory()->at(place, 10'000);
      ASSERT_NE(at, nullptr);
      for (size_t i = 0; i < 10'000; i++) at[i] = static_cast<uint8_t>(at[i] + 1);
      EXPECT_NE(number(lease, "fingerprint"), fresh);
    }
    EXPECT_EQ(number(started(*pool, host), "fingerprint"), fresh);
  }
}

TEST_P(InstancePoolReset, SeesTrapsAndGrowthAfterManyQuietInstances) {
  auto pool = InstancePool::create(guest(), options());
  const uint64_t fresh = fresh_fingerprint();
  Host host;
  for (uint32_t pages : {1u, 4u}) {
    use_quietly(*pool, fresh);
    {
      auto lease = started(*pool, host);
      EXPECT_EQ(number(lease, "grow", {pages}), 3u);
      number(lease, "write", {3 * 65536});
    }
    use_quietly(*pool, fresh);
    {
      // Behind the end is out of bounds as ever.
      auto lease = started(*pool, host);
      auto result = call(lease, "write", {3 * 65536 - 4});
      const auto* trap = std::get_if<runtime::Trap>(&result);
      ASSERT_NE(trap, nullptr);
      EXPECT_EQ(trap->message(), "out of bounds memory access");
    }
  }
}

TEST_P(InstancePoolReset, ServesManyThreadsQuietly) {
  auto pool = InstancePool::create(guest(), options());
  const uint64_t fresh = fresh_fingerprint();
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < 4; i++) {
    threads.emplace_back([&, i] {
      for (uint32_t round = 0; round < 4; round++) {
        use_quietly(*pool, fresh);
        use_again_and_again(*pool, fresh, 2000 + 10 * i + round, 2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
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

TEST(InstancePool, UsesAnInstancesOwnImportsAgainWithIt) {
  uint32_t made = 0;
  PoolOptions options;
  options.make_imports = [&made]() -> Result<std::unique_ptr<runtime::ImportResolver>> {
    if (made == 2) return make_error(ErrorKind::kLimit, "no more");
    return std::unique_ptr<runtime::ImportResolver>(std::make_unique<Host>(made++));
  };
  auto pool = InstancePool::create(guest(), options);
  const auto who = [](InstancePool::Lease& lease) {
    EXPECT_FALSE(lease.start().value().has_value());
    return number(lease, "who");
  };
  for (int i = 0; i < 3; i++) {
    auto lease = pool->acquire().value();
    EXPECT_EQ(who(lease), 0u);
    EXPECT_EQ(lease.is_new(), i == 0);
    EXPECT_EQ(static_cast<Host&>(lease.imports()).host_environment(), &lease.imports());
  }
  {
    auto first = pool->acquire().value(), second = pool->acquire().value();
    EXPECT_EQ(who(first), 0u);
    EXPECT_EQ(who(second), 1u);
    EXPECT_EQ(pool->acquire().error().message, "no more");
    first.spoil();
  }
  EXPECT_EQ(pool->idle(), 1u);
  auto lease = pool->acquire().value();
  EXPECT_EQ(who(lease), 1u);
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

TEST(WriteWatch, OpensWhatTheKernelIsLetWriteTo) {
  ASSERT_TRUE(runtime::prepare_thread_for_guests().ok());
  constexpr uint64_t kPage = 4096;
  void* mapped =
      ::mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  auto* base = static_cast<uint8_t*>(mapped);
  FileDescriptor random(::open("/dev/urandom", O_RDONLY | O_CLOEXEC));
  const auto kernel_writes = [&](uint64_t at) {
    return ::read(random.number(), base + at, 8) == 8;
  };
  runtime::WriteWatch watch;
  const runtime::MemoryRun second_page{kPage, 2 * kPage};
  ASSERT_TRUE(watch.begin(base, 3 * kPage, {&second_page, 1}));
  EXPECT_EQ(watch.bytes(), 3 * kPage);
  EXPECT_TRUE(kernel_writes(kPage));
  EXPECT_TRUE(kernel_writes(3 * kPage));
  EXPECT_FALSE(kernel_writes(0));
  EXPECT_FALSE(kernel_writes(2 * kPage));
  runtime::let_kernel_write(base + 3 * kPage, 8);
  runtime::let_kernel_write(base + kPage, kPage);
  EXPECT_FALSE(watch.has_tripped());
  EXPECT_FALSE(runtime::trip_write_watch(reinterpret_cast<uint64_t>(base + 3 * kPage)));
  const uint8_t before = base[2 * kPage - 1];
  runtime::let_kernel_write(base + 2 * kPage - 1, 2);
  EXPECT_EQ(base[2 * kPage - 1], before);
  EXPECT_TRUE(watch.has_tripped());
  EXPECT_TRUE(kernel_writes(0));
  EXPECT_TRUE(kernel_writes(2 * kPage));
  // A fault of another thread may come late.
  EXPECT_TRUE(runtime::trip_write_watch(reinterpret_cast<uint64_t>(base)));
  EXPECT_TRUE(watch.end());
  EXPECT_FALSE(runtime::trip_write_watch(reinterpret_cast<uint64_t>(base)));
  ::munmap(mapped, 4 * kPage);
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
