// Modules that were initialized ahead of time go on like instances that were initialized.
#include "snapshot/initialize.h"
#include "fixture.h"

namespace wherry::test {
namespace {

using snapshot::Kept;

runtime::HostFunction answering(uint64_t* answer) {
  return {{{}, {wasm::kI32}},
          [](const runtime::HostCall& call) {
            call.slots[0] = *static_cast<uint64_t*>(call.environment);
            return runtime::HostOutcome::kContinue;
          },
          answer};
}

Result<snapshot::Initialized> initialized(const ByteVector& module,
                                          snapshot::InitializeOptions options = {}) {
  options.features = wasm::Features::all();
  return snapshot::initialize(module, compiled(module), options);
}

std::string outcome(World& world, runtime::Instance* instance, const char* name,
                    uint32_t argument) {
  runtime::CallResult result = world.call(instance, name, {runtime::Value::i32(argument)});
  if (auto* trap = std::get_if<runtime::Trap>(&result)) return trap->message();
  std::string values;
  for (const runtime::Value& value : std::get<std::vector<runtime::Value>>(result)) {
    values += fmt::format("{:x} ", value.bits);
  }
  return values;
}

TEST(Initialized, ModulesGoOnWhereInitializationEnded) {
  const ByteVector module = read_file(WHERRY_INITIALIZE_GUEST, 1 << 20).value();
  auto snapshot = initialized(module);
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
  EXPECT_EQ(snapshot->ran, (std::vector<std::string>{"start", "_initialize", "wizer.initialize"}));
  EXPECT_TRUE(snapshot->calls.empty());

  uint64_t answer = 77;
  World lived, ready;
  for (World* world : {&lived, &ready}) world->define("later.ask", answering(&answer));
  runtime::Instance* one = lived.instantiate("one", module);
  lived.call(one, "_initialize");
  lived.call(one, "wizer.initialize");
  runtime::Instance* other = ready.instantiate("other", snapshot->module);
  ASSERT_NE(other, nullptr);
  EXPECT_FALSE(other->find_function("_initialize"));
  EXPECT_FALSE(other->find_function("wizer.initialize"));
  EXPECT_EQ(ready.result(other, "_start"), static_cast<uint32_t>(-33));
  size_t traps = 0;
  for (const char* name :
       {"counter", "big", "single", "double", "wide", "function_is_null", "pages", "load",
        "load_second", "elements", "call", "call_static", "ask", "init_passive", "init_dropped",
        "init_late", "declared", "call", "pages"}) {
    for (uint32_t argument :
         {0u,  1u,  2u,  3u,     5u,     6u,     7u,      8u,      9u,      10u,    11u,
          12u, 13u, 14u, 65532u, 65535u, 65536u, 131077u, 131080u, 196607u, 196608u}) {
      const std::string expected = outcome(lived, one, name, argument);
      EXPECT_EQ(outcome(ready, other, name, argument), expected) << name << " of " << argument;
      traps += expected.find(' ') != expected.npos && expected.back() != ' ';
    }
  }
  EXPECT_GT(traps, 40u);  // of calls, loads and segments beyond the end or dropped

  auto again = initialized(snapshot->module);
  ASSERT_FALSE(again.ok());
  EXPECT_NE(again.error().message.find("nothing to initialize"), std::string::npos);
}

// A module whose `_initialize` has this body; it is function `index`.
ByteVector initializing(const ByteVector& body, const ByteVector& import = {}, uint8_t index = 0) {
  ByteVector module = {0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  const auto add = [&](uint8_t id, const ByteVector& content) {
    module = module + bytes({id}) + leb(content.size()) + content;
  };
  add(1, bytes({0x02, 0x60, 0x00, 0x00, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f}));
  if (!import.empty()) add(2, bytes({0x01}) + import);
  add(3, bytes({0x01, 0x00}));
  add(5, bytes({0x01, 0x00, 0x01}));
  add(7, bytes({0x01}) + exported("_initialize", 0, index));
  const ByteVector code = bytes({0x00}) + body + bytes({0x0b});
  add(10, bytes({0x01}) + leb(code.size()) + code);
  return module;
}

TEST(Initialized, EndlessOnesAreStopped) {
  snapshot::InitializeOptions options;
  options.time = std::chrono::milliseconds(50);
  auto done = initialized(initializing(bytes({0x03, 0x40, 0x0c, 0x00, 0x0b})), options);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().message, "_initialize did not end within 50 ms");
  EXPECT_EQ(done.error().kind, ErrorKind::kLimit);
}

TEST(Initialized, WhatDiffersFromInstanceToInstanceIsRefusedOrCounted) {
  const ByteVector random =
      initializing(i32(8) + i32(4) + bytes({0x10, 0x00, 0x1a}),
                   text("wasi_snapshot_preview1") + text("random_get") + bytes({0x00, 0x01}), 1);
  auto refused = initialized(random);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("_initialize calls wasi_snapshot_preview1.random_get"),
            std::string::npos);
  EXPECT_EQ(refused.error().hint, "--allow random, or call it later");
  snapshot::InitializeOptions options;
  options.allowed = {Kept::kRandom};
  auto allowed = initialized(random, options);
  ASSERT_TRUE(allowed.ok()) << allowed.error().message;
  EXPECT_EQ(allowed->calls.at("wasi_snapshot_preview1.random_get"), 1u);

  auto unknown = initialized(initializing(i32(8) + i32(4) + bytes({0x10, 0x00, 0x1a}),
                                          text("host") + text("ask") + bytes({0x00, 0x01}), 1));
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("calls host.ask, which is not there yet"),
            std::string::npos);
}

TEST(Initialized, StateOfOthersIsNotKept) {
  auto imported =
      initialized(initializing({}, text("host") + text("g") + bytes({0x03, 0x7f, 0x01})));
  ASSERT_FALSE(imported.ok());
  EXPECT_EQ(imported.error().message,
            "it imports the global host.g, whose state is not the module's to keep");
}

}  // namespace
}  // namespace wherry::test
