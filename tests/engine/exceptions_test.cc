// Exceptions as the engine's users see them: across functions, modules and the host, and what
// becomes of those that are kept.
#include "fixture.h"
#include "runtime/store_state.h"
#include "runtime/watchdog.h"

namespace wherry::test {
namespace {

using contract::TrapCode;
using runtime::HostCall;
using runtime::HostOutcome;
using runtime::Trap;
using runtime::Value;

constexpr uint8_t kI32 = 0x7f, kExnRef = 0x69, kVoid = 0x40, kEnd = 0x0b;
constexpr uint8_t kCatch = 0, kCatchRef = 1, kCatchAll = 2, kCatchAllRef = 3;

// Types of all modules here: 0: () -> (), 1: (i32) -> (), 2: (i32) -> (i32), 3: () -> (i32).
ByteVector types() {
  return section(1, list({bytes({0x60, 0, 0}), bytes({0x60, 1, kI32, 0}),
                          bytes({0x60, 1, kI32, 1, kI32}), bytes({0x60, 0, 1, kI32})}));
}
ByteVector imported(std::string_view module, std::string_view name, ByteVector type) {
  return text(module) + text(name) + type;
}
constexpr uint8_t kFunc = 0, kTable = 1, kGlobal = 3, kTag = 4;

// Defines tag 0 (i32); throw_it(x) throws x.
ByteVector thrower() {
  return module_of({types(), section(3, list({bytes({1})})), section(13, list({bytes({0, 1})})),
                    section(7, list({exported("throw_it", kFunc, 0), exported("tag", kTag, 0)})),
                    section(10, list({body(op("local.get", 0) + op("throw", 0))}))});
}

// catch_it(x): what came with the tag it imports, or 1000 for another exception.
ByteVector catcher() {
  ByteVector code = bytes({0x02, kI32}) + bytes({0x02, kVoid}) +           // block i32, block
                    bytes({0x1f, kVoid, 2, kCatch, 0, 1, kCatchAll, 0}) +  // try_table
                    op("local.get", 0) + op("call", 0) + bytes({kEnd}) + i32(1) + op("return") +
                    bytes({kEnd}) + i32(1000) + bytes({kEnd});
  return module_of({types(),
                    section(2, list({imported("thrower", "throw_it", bytes({kFunc, 1})),
                                     imported("thrower", "tag", bytes({kTag, 0, 1}))})),
                    section(3, list({bytes({2})})),
                    section(7, list({exported("catch_it", kFunc, 1)})),
                    section(10, list({body(code)}))});
}

TEST(Exceptions, CrossModules) {
  World world;
  ASSERT_TRUE(world.instantiate("thrower", thrower()));
  runtime::Instance* instance = world.instantiate("catcher", catcher());
  ASSERT_TRUE(instance);
  EXPECT_EQ(world.result(instance, "catch_it", {Value::i32(7)}), 7u);
}

TEST(Exceptions, AreToldApartByTheirTagsAndNotByTheirTypes) {
  World world;
  runtime::Instance* one = world.instantiate("thrower", thrower());
  runtime::Extern function = *one->find_export("throw_it");
  // The tag is another thrower's: of the same type, but not the same.
  ASSERT_TRUE(world.instantiate("thrower", thrower()));
  world.define("thrower.throw_it", function);
  runtime::Instance* instance = world.instantiate("catcher", catcher());
  ASSERT_TRUE(instance);
  EXPECT_EQ(world.result(instance, "catch_it", {Value::i32(7)}), 1000u);
}

TEST(Exceptions, ThatNoOneCatchesEndTheCallWithABacktrace) {
  World world;
  runtime::Instance* instance = world.instantiate("thrower", thrower());
  ASSERT_TRUE(instance);
  Trap trap = world.trap(instance, "throw_it", {Value::i32(7)});
  EXPECT_EQ(trap.code, TrapCode::kUncaughtException);
  EXPECT_EQ(trap.message(), "uncaught exception");
  ASSERT_EQ(trap.frames.size(), 1u);
  EXPECT_EQ(trap.frames[0].name, "throw_it");
  // And the next call is a call like any other.
  EXPECT_EQ(world.trap(instance, "throw_it", {Value::i32(8)}).code, TrapCode::kUncaughtException);
}

TEST(Exceptions, AreCaughtInFunctionsThatMakeTailCalls) {
  World world({.stack_bytes = 64 * 1024});
  ASSERT_TRUE(world.instantiate("thrower", thrower()));
  // countdown(n): has n thrown at itself, then goes on with n-1, until n is 0; the answer is 5.
  ByteVector code = op("local.get", 0) + op("i32.eqz") + bytes({0x04, kVoid}) + i32(5) +
                    op("return") + bytes({kEnd}) + bytes({0x02, kI32}) +
                    bytes({0x1f, kVoid, 1, kCatch, 0, 0}) + op("local.get", 0) + op("call", 0) +
                    bytes({kEnd}) + op("unreachable") + bytes({kEnd}) + i32(1) + op("i32.sub") +
                    op("return_call", 1);
  runtime::Instance* instance = world.instantiate(
      "countdown", module_of({types(),
                              section(2, list({imported("thrower", "throw_it", bytes({kFunc, 1})),
                                               imported("thrower", "tag", bytes({kTag, 0, 1}))})),
                              section(3, list({bytes({2})})),
                              section(7, list({exported("countdown", kFunc, 1)})),
                              section(10, list({body(code)}))}));
  ASSERT_TRUE(instance);
  EXPECT_EQ(world.result(instance, "countdown", {Value::i32(100'000)}), 5u);
}

// catch_all around a call of a host function that calls a guest that throws, or that traps.
ByteVector around_host() {
  ByteVector code = bytes({0x02, kVoid}) + bytes({0x1f, kVoid, 1, kCatchAll, 0}) + op("call", 0) +
                    bytes({kEnd}) + i32(1) + op("return") + bytes({kEnd}) + i32(2);
  return module_of({types(), section(2, list({imported("host", "function", bytes({kFunc, 0}))})),
                    section(3, list({bytes({3})})), section(7, list({exported("run", kFunc, 1)})),
                    section(10, list({body(code)}))});
}

TEST(Exceptions, DoNotCrossTheHostUnseen) {
  World world;
  runtime::Instance* inner = world.instantiate("thrower", thrower());
  struct Environment {
    World* world;
    runtime::Instance* inner;
    TrapCode seen = TrapCode::kNone;
  } environment{&world, inner};
  world.define("host.function",
               runtime::HostFunction{{},
                                     [](const HostCall& call) {
                                       auto& e = *static_cast<Environment*>(call.environment);
                                       e.seen =
                                           e.world->trap(e.inner, "throw_it", {Value::i32(1)}).code;
                                       return HostOutcome::kContinue;
                                     },
                                     &environment});
  runtime::Instance* outer = world.instantiate("outer", around_host());
  ASSERT_TRUE(outer);
  EXPECT_EQ(world.result(outer, "run"), 1u);
  EXPECT_EQ(environment.seen, TrapCode::kUncaughtException);
}

TEST(Exceptions, HandlersDoNotCatchTraps) {
  World world;
  world.define(
      "host.function",
      runtime::HostFunction{
          {}, [](const HostCall& call) { return call.trap(TrapCode::kHost, "no"); }, nullptr});
  runtime::Instance* instance = world.instantiate("outer", around_host());
  ASSERT_TRUE(instance);
  EXPECT_EQ(world.trap(instance, "run").code, TrapCode::kHost);
  // recurse: catch_all around a call of itself.
  ByteVector code = bytes({0x02, kVoid}) + bytes({0x1f, kVoid, 1, kCatchAll, 0}) + op("call", 0) +
                    bytes({kEnd}) + bytes({kEnd});
  runtime::Instance* deep =
      world.instantiate("deep", module_of({types(), section(3, list({bytes({0})})),
                                           section(7, list({exported("recurse", kFunc, 0)})),
                                           section(10, list({body(code)}))}));
  ASSERT_TRUE(deep);
  EXPECT_EQ(world.trap(deep, "recurse").code, TrapCode::kStackExhausted);
}

// Tag 0 (i32), global 0 an exnref, table 0 of exnref:
//   keep(x)   global = the exception of a throw of x
//   churn(n)  n throws, each caught with a reference that is dropped
//   store(i)  table[i] = the exception of a throw of i
//   read()    throws the global again: what was in it
ByteVector keeper() {
  const ByteVector caught_ref = bytes({0x02, kExnRef}) + bytes({0x1f, kVoid, 1, kCatchAllRef, 0}) +
                                op("local.get", 0) + op("throw", 0) + bytes({kEnd}) +
                                op("unreachable") + bytes({kEnd});
  const ByteVector churn = bytes({0x03, kVoid}) + caught_ref + op("drop") + op("local.get", 0) +
                           i32(1) + op("i32.sub") + op("local.tee", 0) + op("br_if", 0) +
                           bytes({kEnd});
  const ByteVector read = bytes({0x02, kI32}) + bytes({0x1f, kVoid, 1, kCatch, 0, 0}) +
                          op("global.get", 0) + op("throw_ref") + bytes({kEnd}) +
                          op("unreachable") + bytes({kEnd});
  return module_of(
      {types(), section(3, list({bytes({1}), bytes({1}), bytes({1}), bytes({3})})),
       section(4, list({bytes({kExnRef, 0}) + leb(100'000)})), section(13, list({bytes({0, 1})})),
       section(6, list({bytes({kExnRef, 1, 0xd0, kExnRef, kEnd})})),
       section(7, list({exported("keep", kFunc, 0), exported("churn", kFunc, 1),
                        exported("store", kFunc, 2), exported("read", kFunc, 3)})),
       section(10,
               list({body(caught_ref + op("global.set", 0)), body(churn),
                     body(op("local.get", 0) + caught_ref + op("table.set", 0)), body(read)}))});
}

TEST(Exceptions, ThatAreReferredToLiveAndOthersDoNot) {
  World world;
  runtime::Instance* instance = world.instantiate("keeper", keeper());
  ASSERT_TRUE(instance);
  world.call(instance, "keep", {Value::i32(42)});
  world.call(instance, "churn", {Value::i32(1'000'000)});
  EXPECT_LT(world.store().state().exceptions.live(), 10'000u);
  EXPECT_EQ(world.result(instance, "read"), 42u);
}

// hold(x): throws x, keeps the exception while a host function has another instance throw, and
// throws it again.
ByteVector holder() {
  const ByteVector caught_ref = bytes({0x02, kExnRef}) + bytes({0x1f, kVoid, 1, kCatchAllRef, 0}) +
                                op("local.get", 0) + op("throw", 0) + bytes({kEnd}) +
                                op("unreachable") + bytes({kEnd});
  const ByteVector code = caught_ref + op("local.set", 1) + op("call", 0) + bytes({0x02, kI32}) +
                          bytes({0x1f, kVoid, 1, kCatch, 0, 0}) + op("local.get", 1) +
                          op("throw_ref") + bytes({kEnd}) + op("unreachable") + bytes({kEnd});
  const ByteVector with_local = bytes({1, 1, kExnRef}) + code + bytes({kEnd});
  return module_of({types(), section(2, list({imported("host", "function", bytes({kFunc, 0}))})),
                    section(3, list({bytes({2})})), section(13, list({bytes({0, 1})})),
                    section(7, list({exported("hold", kFunc, 1)})),
                    section(10, list({leb(with_local.size()) + with_local}))});
}

TEST(Exceptions, LiveWhileTheHostIsAtWorkForTheirHolder) {
  World world;
  struct Environment {
    World* world;
    runtime::Instance* churner;
  } environment{&world, world.instantiate("keeper", keeper())};
  world.define("host.function",
               runtime::HostFunction{{},
                                     [](const HostCall& call) {
                                       auto& e = *static_cast<Environment*>(call.environment);
                                       e.world->call(e.churner, "churn", {Value::i32(50'000)});
                                       return HostOutcome::kContinue;
                                     },
                                     &environment});
  runtime::Instance* instance = world.instantiate("holder", holder());
  ASSERT_TRUE(instance);
  EXPECT_EQ(world.result(instance, "hold", {Value::i32(77)}), 77u);
  world.call(environment.churner, "churn", {Value::i32(50'000)});
  EXPECT_LT(world.store().state().exceptions.live(), 10'000u);
}

TEST(Exceptions, ThatAreAliveAreBounded) {
  World world({.exception_limit_bytes = 200'000});
  runtime::Instance* instance = world.instantiate("keeper", keeper());
  ASSERT_TRUE(instance);
  uint32_t stored = 0;
  for (; stored < 100'000; stored++) {
    runtime::CallResult result = world.call(instance, "store", {Value::i32(stored)});
    if (auto* trap = std::get_if<Trap>(&result)) {
      EXPECT_EQ(trap->message(), "host function failed: too many exceptions are live");
      break;
    }
  }
  EXPECT_GT(stored, 1'000u);
  EXPECT_LT(stored, 20'000u);
}

TEST(Exceptions, ThrownWithoutEndAreStoppedByTheDeadline) {
  World world;
  runtime::Instance* instance = world.instantiate("keeper", keeper());
  ASSERT_TRUE(instance);
  auto watchdog = runtime::Watchdog::create().value();
  for (int i = 0; i < 20; i++) {
    auto guard = watchdog->watch(world.store(),
                                 std::chrono::steady_clock::now() + std::chrono::milliseconds(3));
    Trap trap = world.trap(instance, "churn", {Value::i32(0)});  // 2**32 times
    EXPECT_EQ(trap.code, TrapCode::kInterrupted);
    world.store().clear_interrupt();
  }
}

TEST(Exceptions, NullReferencesTrap) {
  World world;
  runtime::Instance* instance = world.instantiate("keeper", keeper());
  ASSERT_TRUE(instance);
  EXPECT_EQ(world.trap(instance, "read").code, TrapCode::kNullExceptionReference);
}

}  // namespace
}  // namespace wherry::test
