// Tail calls, 64-bit and shared memories: what the specification's tests cannot show.
#include <atomic>
#include <thread>

#include "fixture.h"
#include "runtime/watchdog.h"

namespace wherry::test {
namespace {

using contract::TrapCode;
using runtime::Trap;
using runtime::Value;

constexpr uint8_t kI32 = 0x7f, kI64 = 0x7e, kVoid = 0x40, kEnd = 0x0b, kFunc = 0, kMemory = 2;

ByteVector get(uint64_t local) { return op("local.get", local); }

// bounce(n, seven more…) -> five results: calls the function it imports or, first in the chain,
// takes from its own table with n-1, until n is 0. More results than registers, and arguments on
// the stack.
ByteVector wide_type() {
  return bytes({0x60, 8, kI32, kI64, kI64, kI64, kI64, kI64, kI64, kI64,  //
                5, kI32, kI64, kI64, kI64, kI64});
}
ByteVector bouncer(bool has_partner) {
  ByteVector all_but_first;
  for (int i = 1; i < 8; i++) all_but_first = all_but_first + get(static_cast<uint64_t>(i));
  ByteVector code = get(0) + op("i32.eqz") + bytes({0x04, kVoid}) + get(0) + get(1) + get(3) +
                    get(5) + get(7) + op("return") + bytes({kEnd}) + get(0) + i32(1) +
                    op("i32.sub") + all_but_first + i32(0) + op("return_call_indirect") +
                    bytes({0, 0});
  const ByteVector table_import = text("shared") + text("table") + bytes({1, 0x70, 0, 1});
  const ByteVector table = section(4, list({bytes({0x70, 0, 1})}));
  ByteVector elements = section(9, list({bytes({0, 0x41, 0, kEnd, 1, 0})}));
  if (has_partner) {
    return module_of({section(1, list({wide_type()})), section(2, list({table_import})),
                      section(3, list({bytes({0})})),
                      section(7, list({exported("bounce", kFunc, 0)})),
                      section(10, list({body(code)}))});
  }
  return module_of({section(1, list({wide_type()})), section(3, list({bytes({0})})), table,
                    section(7, list({exported("bounce", kFunc, 0), exported("table", 1, 0)})),
                    elements, section(10, list({body(code)}))});
}

std::vector<Value> wide_arguments(uint32_t n) {
  std::vector<Value> values{Value::i32(n)};
  for (uint64_t i = 1; i < 8; i++) values.push_back(Value::i64(i << 33 | i));
  return values;
}

void expect_wide_results(const runtime::CallResult& result) {
  auto* values = std::get_if<std::vector<Value>>(&result);
  ASSERT_TRUE(values) << std::get<Trap>(result).message();
  ASSERT_EQ(values->size(), 5u);
  EXPECT_EQ((*values)[0].bits, 0u);
  for (uint64_t i = 1; i < 5; i++) {
    const uint64_t given = 2 * i - 1;
    EXPECT_EQ((*values)[i].bits, given << 33 | given);
  }
}

TEST(TailCalls, TakeNoStackHoweverManyAndWhateverTheyCarry) {
  World world({.stack_bytes = 64 * 1024});
  runtime::Instance* instance = world.instantiate("shared", bouncer(false));
  ASSERT_TRUE(instance);
  expect_wide_results(world.call(instance, "bounce", wide_arguments(10'000'000)));
}

TEST(TailCalls, TakeNoStackBetweenModules) {
  World world({.stack_bytes = 64 * 1024});
  runtime::Instance* one = world.instantiate("shared", bouncer(false));
  runtime::Instance* other = world.instantiate("other", bouncer(true));
  ASSERT_TRUE(one && other);
  // The table of the first now leads to the second, whose table is the first's: both bounce on.
  auto function = *other->find_function("bounce");
  auto table = std::get<runtime::Table*>(*one->find_export("table"));
  ASSERT_TRUE(table->set_element(0, reinterpret_cast<uint64_t>(function.ref)));
  expect_wide_results(world.call(one, "bounce", wide_arguments(1'000'000)));
}

// swap(n, a, b, … j): calls itself with its arguments in turn, until n is 0; the answer is the
// last. v128s among them take two slots where they have no register.
TEST(TailCalls, CarryVectorsAndWhatHasNoRegister) {
  constexpr uint8_t kV128 = 0x7b;
  ByteVector params = bytes({0x60, 21, kI32});
  for (int i = 0; i < 10; i++) params = params + bytes({kI64, kV128});
  const ByteVector type = params + bytes({2, kI64, kV128});
  ByteVector code = get(0) + op("i32.eqz") + bytes({0x04, kVoid}) + get(19) + get(20) +
                    op("return") + bytes({kEnd}) + get(0) + i32(1) + op("i32.sub");
  for (uint64_t i = 0; i < 10; i++)
    code = code + get(1 + (2 * i + 2) % 20) + get(2 + (2 * i + 2) % 20);
  code = code + op("return_call", 0);
  World world;
  runtime::Instance* instance = world.instantiate(
      "swap",
      module_of({section(1, list({type})), section(3, list({bytes({0})})),
                 section(7, list({exported("swap", kFunc, 0)})), section(10, list({body(code)}))}));
  ASSERT_TRUE(instance);
  for (uint32_t n : {0u, 1u, 7u, 10u, 123u}) {
    std::vector<Value> values{Value::i32(n)};
    for (uint64_t i = 0; i < 10; i++) {
      values.push_back(Value::i64(100 + i));
      values.push_back({wasm::kV128, 200 + i, 300 + i});
    }
    runtime::CallResult result = world.call(instance, "swap", values);
    auto* answers = std::get_if<std::vector<Value>>(&result);
    ASSERT_TRUE(answers);
    const uint64_t last = (9 + n) % 10;
    EXPECT_EQ((*answers)[0].bits, 100 + last) << n;
    EXPECT_EQ((*answers)[1].bits, 200 + last) << n;
    EXPECT_EQ((*answers)[1].high, 300 + last) << n;
  }
}

// ---- memory64

// A memory of 64-bit addresses, 1 to 0x20000 pages (8 GiB): load8(a), store8(a, v), grow(n).
ByteVector large_memory() {
  const ByteVector types =
      section(1, list({bytes({0x60, 1, kI64, 1, kI32}), bytes({0x60, 2, kI64, kI32, 0}),
                       bytes({0x60, 1, kI64, 1, kI64})}));
  const ByteVector far = op("i32.load8_u") + bytes({0}) + leb(uint64_t{0xffffffffffffff00});
  return module_of(
      {types, section(3, list({bytes({0}), bytes({1}), bytes({2}), bytes({0})})),
       section(5, list({bytes({5, 1}) + leb(0x20000)})),
       section(7, list({exported("load8", kFunc, 0), exported("store8", kFunc, 1),
                        exported("grow", kFunc, 2), exported("far", kFunc, 3)})),
       section(10, list({body(get(0) + op("i32.load8_u") + bytes({0, 0})),
                         body(get(0) + get(1) + op("i32.store8") + bytes({0, 0})),
                         body(get(0) + op("memory.grow") + bytes({0})), body(get(0) + far)}))});
}

TEST(Memory64, HoldsMoreThanFourGibibytes) {
  World world({.memory_limit_bytes = uint64_t{8} << 30});
  runtime::Instance* instance = world.instantiate("large", large_memory());
  ASSERT_TRUE(instance);
  constexpr uint64_t kPage = 65536, kPages = 0x12000;  // 4.5 GiB
  EXPECT_EQ(world.result(instance, "grow", {Value::i64(kPages - 1)}), 1u);
  const uint64_t last = kPages * kPage - 1;
  world.call(instance, "store8", {Value::i64(last), Value::i32(42)});
  EXPECT_EQ(world.result(instance, "load8", {Value::i64(last)}), 42u);
  EXPECT_EQ(world.result(instance, "load8", {Value::i64(last & 0xffffffff)}), 0u);
  for (uint64_t address :
       {last + 1, last + kPage, uint64_t{1} << 33, uint64_t{1} << 47, ~uint64_t{0}}) {
    EXPECT_EQ(world.trap(instance, "load8", {Value::i64(address)}).code,
              TrapCode::kMemoryOutOfBounds)
        << address;
    EXPECT_EQ(world.trap(instance, "store8", {Value::i64(address), Value::i32(1)}).code,
              TrapCode::kMemoryOutOfBounds);
  }
  EXPECT_EQ(world.result(instance, "grow", {Value::i64(0x20000)}), ~uint64_t{0});
}

TEST(Memory64, OffsetsThatWrapAreOutOfBounds) {
  World world;
  runtime::Instance* instance = world.instantiate("large", large_memory());
  ASSERT_TRUE(instance);
  for (uint64_t address : {uint64_t{0}, uint64_t{0x100}, uint64_t{0x200}, ~uint64_t{0}}) {
    EXPECT_EQ(world.trap(instance, "far", {Value::i64(address)}).code,
              TrapCode::kMemoryOutOfBounds);
  }
}

// ---- several memories

TEST(Memories, HaveOneLimitTogether) {
  // Three memories of one page that may grow; grow_1() and grow_2() grow two of them by a page.
  const auto grow = [](uint8_t memory) {
    return body(i32(1) + op("memory.grow") + bytes({memory}));
  };
  const ByteVector module = module_of(
      {section(1, list({bytes({0x60, 0, 1, kI32})})), section(3, list({bytes({0}), bytes({0})})),
       section(5, list({bytes({0, 1}), bytes({0, 1}), bytes({0, 1})})),
       section(7, list({exported("grow_1", kFunc, 0), exported("grow_2", kFunc, 1)})),
       section(10, list({grow(1), grow(2)}))});
  World world({.memory_limit_bytes = 5 * 65536});
  runtime::Instance* instance = world.instantiate("three", module);
  ASSERT_TRUE(instance);
  EXPECT_EQ(world.result(instance, "grow_1"), 1u);
  EXPECT_EQ(world.result(instance, "grow_2"), 1u);
  EXPECT_EQ(world.result(instance, "grow_1"), 0xffffffffu);
  EXPECT_EQ(world.result(instance, "grow_2"), 0xffffffffu);

  World small({.memory_limit_bytes = 2 * 65536});
  auto refused = small.store().instantiate(compiled(module), small);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kLimit);
}

// ---- shared memories

// Imports shared memory m.memory, 1 to 2 pages: add(n) adds 1 to address 0 n times; wait(t) waits
// while address 8 is 0; wake() sets it and notifies; grow().
ByteVector counter() {
  const ByteVector types =
      section(1, list({bytes({0x60, 1, kI32, 0}), bytes({0x60, 1, kI64, 1, kI32}),
                       bytes({0x60, 0, 1, kI32})}));
  const ByteVector add = bytes({0x03, kVoid}) + i32(0) + i32(1) + op("i32.atomic.rmw.add") +
                         bytes({2, 0}) + op("drop") + get(0) + i32(1) + op("i32.sub") +
                         op("local.tee", 0) + op("br_if", 0) + bytes({kEnd});
  const ByteVector wait = i32(8) + i32(0) + get(0) + op("memory.atomic.wait32") + bytes({2, 0});
  const ByteVector wake = i32(8) + i32(1) + op("i32.atomic.store") + bytes({2, 0}) + i32(8) +
                          i32(100) + op("memory.atomic.notify") + bytes({2, 0});
  const ByteVector grow = i32(1) + op("memory.grow") + bytes({0});
  return module_of({types,
                    section(2, list({text("m") + text("memory") + bytes({kMemory, 3, 1, 2})})),
                    section(3, list({bytes({0}), bytes({1}), bytes({2}), bytes({2})})),
                    section(7, list({exported("add", kFunc, 0), exported("wait", kFunc, 1),
                                     exported("wake", kFunc, 2), exported("grow", kFunc, 3)})),
                    section(10, list({body(add), body(wait), body(wake), body(grow)}))});
}

class SharedMemories : public ::testing::Test {
 protected:
  runtime::Instance* instance_in(World& world) {
    world.define("m.memory", world.store().add_memory(memory_));
    return world.instantiate("counter", counter());
  }
  std::shared_ptr<runtime::SharedMemory> memory_ =
      runtime::SharedMemory::create({.limits = {1, 2}, .is_shared = true}, uint64_t{1} << 32)
          .value();
};

TEST_F(SharedMemories, AreOneForTheStoresOfTwoThreads) {
  constexpr uint32_t kTimes = 500'000;
  auto work = [this] {
    World world;
    runtime::Instance* instance = instance_in(world);
    ASSERT_TRUE(instance);
    world.call(instance, "add", {Value::i32(kTimes)});
  };
  std::thread other(work);
  work();
  other.join();
  World world;
  uint32_t sum = 0;
  std::memcpy(&sum, world.store().add_memory(memory_)->at(0, 4), 4);
  EXPECT_EQ(sum, 2 * kTimes);
}

TEST_F(SharedMemories, WakeThoseWhoWait) {
  std::atomic<bool> waits = false;
  uint64_t answer = 99;
  std::thread waiter([&] {
    World world;
    runtime::Instance* instance = instance_in(world);
    ASSERT_TRUE(instance);
    waits = true;
    answer = world.result(instance, "wait", {Value::i64(~uint64_t{0})});
  });
  World world;
  runtime::Instance* instance = instance_in(world);
  ASSERT_TRUE(instance);
  while (!waits) std::this_thread::yield();
  world.call(instance, "wake");
  waiter.join();
  EXPECT_LE(answer, 1u);  // woken, or the store was there before the wait
}

TEST_F(SharedMemories, WaitsEndByTimeoutAndByDeadline) {
  World world;
  runtime::Instance* instance = instance_in(world);
  ASSERT_TRUE(instance);
  EXPECT_EQ(world.result(instance, "wait", {Value::i64(1'000'000)}), 2u);
  auto watchdog = runtime::Watchdog::create().value();
  auto guard = watchdog->watch(world.store(),
                               std::chrono::steady_clock::now() + std::chrono::milliseconds(5));
  EXPECT_EQ(world.trap(instance, "wait", {Value::i64(~uint64_t{0})}).code, TrapCode::kInterrupted);
}

TEST_F(SharedMemories, GrowForAll) {
  World one, other;
  runtime::Instance* in_one = instance_in(one);
  runtime::Instance* in_other = instance_in(other);
  ASSERT_TRUE(in_one && in_other);
  EXPECT_EQ(one.result(in_one, "grow"), 1u);
  EXPECT_EQ(other.result(in_other, "grow"), 0xffffffffu);  // two pages are all it may have
}

}  // namespace
}  // namespace wherry::test
