// The engine as its users see it: a C guest, compiled, loaded, called, trapped, interrupted.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "artifact/contents.h"
#include "base/files.h"
#include "base/sha256.h"
#include "compile/compile.h"
#include "runtime/instance.h"
#include "runtime/watchdog.h"

namespace wherry {
namespace {

using contract::TrapCode;
using runtime::CallResult;
using runtime::Exit;
using runtime::HostCall;
using runtime::HostOutcome;
using runtime::Trap;
using runtime::Value;

const ByteVector& guest_bytes() {
  static const ByteVector bytes = read_file(WHERRY_ENGINE_GUEST, 1 << 24).value();
  return bytes;
}

// ctest runs all of this once per profile.
compile::Profile profile() {
  const char* name = std::getenv("WHERRY_TEST_PROFILE");
  return contract::parse_profile(name ? name : "release").value();
}

const ByteVector& artifact_bytes() {
  static const ByteVector bytes = compile::compile(guest_bytes(), {.profile = profile()}).value();
  return bytes;
}

Result<std::shared_ptr<const runtime::CompiledModule>> load(Bytes artifact) {
  FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
  TRY(write_all(file.number(), artifact, "artifact"));
  return runtime::CompiledModule::load(file.number(), "test.wherry");
}

std::shared_ptr<const runtime::CompiledModule> guest() {
  static const auto module = load(artifact_bytes()).value();
  return module;
}

// The imports of guest.c.
class Host : public runtime::ImportResolver {
 public:
  std::optional<runtime::Extern> resolve(std::string_view, std::string_view name, wasm::ExternKind,
                                         const wasm::FuncType* type) override {
    HostOutcome (*function)(const HostCall&) = nullptr;
    if (name == "twice") function = twice;
    if (name == "call_back") function = call_back;
    if (name == "refuse") function = refuse;
    if (name == "leave") function = leave;
    if (name == "wait") function = wait;
    if (!function) return std::nullopt;
    return runtime::HostFunction{*type, function, this};
  }

 private:
  static HostOutcome twice(const HostCall& call) {
    call.slots[0] = call.arg32(0) * 2;
    return HostOutcome::kContinue;
  }
  // Guest and host take turns on one guest stack, `depth` times, and the innermost guest traps.
  static HostOutcome call_back(const HostCall& call) {
    uint32_t depth = call.arg32(0);
    auto function = call.instance.find_function(depth == 0 ? "unreachable" : "call_back");
    std::vector<Value> arguments;
    if (depth > 0) arguments.push_back(Value::i32(depth - 1));
    CallResult result = call.instance.store().call(*function, arguments).value();
    auto* values = std::get_if<std::vector<Value>>(&result);
    call.slots[0] = values ? (*values)[0].as_i32() : 1000;
    return HostOutcome::kContinue;
  }
  static HostOutcome refuse(const HostCall& call) { return call.trap(TrapCode::kHost, "no"); }
  static HostOutcome leave(const HostCall& call) { return call.exit(call.arg32(0)); }
  static HostOutcome wait(const HostCall&) {
    ::usleep(1000 * 1000);
    return HostOutcome::kContinue;
  }
};

class Engine : public ::testing::Test {
 protected:
  void SetUp() override { start({}); }

  void start(runtime::StoreOptions options) {
    instance_ = nullptr;
    store_ = runtime::Store::create(options).value();
    auto made = store_->instantiate(guest(), host_);
    ASSERT_TRUE(made.ok()) << made.error().message;
    instance_ = made->instance;
  }

  CallResult call(std::string_view name, std::vector<uint32_t> arguments = {}) {
    auto function = instance_->find_function(name);
    std::vector<Value> values;
    for (uint32_t argument : arguments) values.push_back(Value::i32(argument));
    return store_->call(function.value(), values).value();
  }
  uint32_t number(std::string_view name, std::vector<uint32_t> arguments = {}) {
    CallResult result = call(name, arguments);
    if (auto* trap = std::get_if<Trap>(&result)) ADD_FAILURE() << trap->message();
    return std::get<std::vector<Value>>(result).at(0).as_i32();
  }
  Trap trap(std::string_view name, std::vector<uint32_t> arguments = {}) {
    CallResult result = call(name, arguments);
    auto* trap = std::get_if<Trap>(&result);
    if (!trap) ADD_FAILURE() << name << " did not trap";
    return trap ? *trap : Trap{};
  }

  Host host_;
  std::unique_ptr<runtime::Store> store_;
  runtime::Instance* instance_ = nullptr;
};

TEST_F(Engine, CallsAnExportedFunction) { EXPECT_EQ(number("add", {2, 40}), 42u); }

TEST_F(Engine, CallsHostFunctionsAndThroughTables) {
  EXPECT_EQ(number("twice", {21}), 42u);
  EXPECT_EQ(number("dispatch", {0, 50, 8}), 42u);
  EXPECT_EQ(number("dispatch", {1, 6, 7}), 42u);
}

TEST_F(Engine, SaysWhichTrapItWas) {
  EXPECT_EQ(trap("divide", {1, 0}).code, TrapCode::kIntegerDivideByZero);
  EXPECT_EQ(trap("divide", {0x80000000, 0xffffffff}).code, TrapCode::kIntegerOverflow);
  EXPECT_EQ(trap("unreachable").code, TrapCode::kUnreachable);
  EXPECT_EQ(trap("read", {0x7ffffff0}).code, TrapCode::kMemoryOutOfBounds);
  EXPECT_EQ(trap("read", {0xfffffffd}).code, TrapCode::kMemoryOutOfBounds);
  EXPECT_EQ(trap("call_null").code, TrapCode::kUninitializedElement);
  EXPECT_EQ(trap("call_nowhere").code, TrapCode::kUndefinedElement);
  EXPECT_EQ(trap("call_wrong_type", {0}).code, TrapCode::kIndirectCallTypeMismatch);
}

TEST_F(Engine, GoesOnAfterATrap) {
  trap("divide", {1, 0});
  EXPECT_EQ(number("add", {1, 2}), 3u);
}

TEST_F(Engine, NamesTheFunctionsOfABacktrace) {
  Trap trap = this->trap("divide", {1, 0});
  ASSERT_EQ(trap.frames.size(), 1u);
  EXPECT_EQ(trap.frames[0].name, "divide");
  EXPECT_NE(trap.backtrace().find("at divide (function "), std::string::npos);
}

TEST_F(Engine, StopsRunawayRecursionFromEveryKindOfFrame) {
  Trap deep = trap("recurse", {0});
  EXPECT_EQ(deep.code, TrapCode::kStackExhausted);
  EXPECT_EQ(deep.frames.size(), 64u);
  EXPECT_GT(deep.omitted, 1000u);
  EXPECT_EQ(deep.frames[0].name, "recurse");
  // Here the guard is met in the crossing code as well as in the guest's.
  for (uint64_t stack_bytes : {64 * 1024, 64 * 1024 + 4096, 68 * 1024 + 16}) {
    start({.stack_bytes = stack_bytes});
    EXPECT_EQ(trap("recurse_into_host", {0}).code, TrapCode::kStackExhausted);
    EXPECT_EQ(trap("recurse", {0}).code, TrapCode::kStackExhausted);
    EXPECT_EQ(number("twice", {21}), 42u);
  }
}

TEST_F(Engine, LetsHostAndGuestCallEachOther) {
  // The innermost guest traps: its host answers 1000, and each of five guests adds one.
  EXPECT_EQ(number("call_back", {4}), 1005u);
}

TEST_F(Engine, EndsAGuestWhenItsHostFunctionSaysSo) {
  Trap refused = trap("refuse");
  EXPECT_EQ(refused.code, TrapCode::kHost);
  EXPECT_EQ(refused.detail, "no");
  ASSERT_FALSE(refused.frames.empty());
  EXPECT_EQ(refused.frames.back().name, "refuse");
  CallResult left = call("leave", {7});
  ASSERT_TRUE(std::holds_alternative<Exit>(left));
  EXPECT_EQ(std::get<Exit>(left).code, 7u);
  EXPECT_EQ(number("twice", {21}), 42u);
}

TEST_F(Engine, InterruptsGuestsInLoopsAndInHostCalls) {
  auto watchdog = runtime::Watchdog::create().value();
  for (const char* name : {"loop", "tight_loop", "loop_in_host"}) {
    auto guard = watchdog->watch(*store_, std::chrono::steady_clock::now());
    Trap stopped = trap(name);
    EXPECT_EQ(stopped.code, TrapCode::kInterrupted) << name;
    store_->clear_interrupt();
  }
  EXPECT_EQ(number("add", {1, 2}), 3u);
}

TEST_F(Engine, InterruptsAtAnyMoment) {
  auto watchdog = runtime::Watchdog::create().value();
  for (int i = 0; i < 300; i++) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(i);
    auto guard = watchdog->watch(*store_, deadline);
    ASSERT_EQ(trap(i % 2 ? "loop" : "loop_through_host").code, TrapCode::kInterrupted) << i;
    store_->clear_interrupt();
  }
}

TEST_F(Engine, GrowsMemoryUpToItsLimit) {
  uint32_t before = number("pages");
  EXPECT_EQ(number("grow", {3}), before);
  EXPECT_EQ(number("pages"), before + 3);
  EXPECT_EQ(number("grow", {65536}), UINT32_MAX);
  start({.memory_limit_bytes = (before + 1) * 65536ull});
  EXPECT_EQ(number("grow", {1}), before);
  EXPECT_EQ(number("grow", {1}), UINT32_MAX);
}

TEST_F(Engine, RefusesAMemoryThatStartsAboveTheLimit) {
  auto store = runtime::Store::create({.memory_limit_bytes = 65536}).value();
  auto made = store->instantiate(guest(), host_);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind, ErrorKind::kLimit);
}

TEST_F(Engine, RefusesTablesAboveTheStoresLimitAndGoesOn) {
  const ByteVector two_tables_of_6_million = {0, 'a',  's', 'm',  1,    0,    0,    0,
                                              4, 13,   2,   0x70, 0,    0x80, 0x9b, 0xee,
                                              2, 0x70, 0,   0x80, 0x9b, 0xee, 2};
  auto module =
      load(compile::compile(two_tables_of_6_million, {.profile = profile()}).value()).value();
  auto made = store_->instantiate(module, host_);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind, ErrorKind::kLimit);
  EXPECT_EQ(number("add", {1, 2}), 3u);
  EXPECT_EQ(trap("read", {0x7ffffff0}).code, TrapCode::kMemoryOutOfBounds);
  EXPECT_TRUE(store_->create_table({wasm::kFuncRef, {1, 2}}).ok());
}

void add_leb128(ByteVector& to, uint32_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<uint8_t>(value | 0x80));
  to.push_back(static_cast<uint8_t>(value));
}

void add_section(ByteVector& module, uint8_t id, const ByteVector& content) {
  module.push_back(id);
  add_leb128(module, static_cast<uint32_t>(content.size()));
  module.insert(module.end(), content.begin(), content.end());
}

// Past compile/plan.h's kHugeBodyBytes a function takes another way through the compiler.
TEST_F(Engine, CompilesAHugeFunction) {
  constexpr uint32_t kAdditions = 100'000;
  ByteVector body = {0, 0x20, 0};  // no locals; local.get 0
  for (uint32_t i = 0; i < kAdditions; i++) {
    for (uint8_t byte : {0x41, 0x01, 0x6a}) body.push_back(byte);  // i32.const 1, i32.add
  }
  body.push_back(0x0b);
  ByteVector code = {1};
  add_leb128(code, static_cast<uint32_t>(body.size()));
  code.insert(code.end(), body.begin(), body.end());
  ByteVector module = {0, 'a', 's', 'm', 1, 0, 0, 0};
  add_section(module, 1, {1, 0x60, 1, 0x7f, 1, 0x7f});
  add_section(module, 3, {1, 0});
  add_section(module, 7, {1, 1, 'f', 0, 0});
  add_section(module, 10, code);

  auto compiled = load(compile::compile(module, {.profile = profile()}).value()).value();
  instance_ = store_->instantiate(compiled, host_).value().instance;
  EXPECT_EQ(number("f", {42}), kAdditions + 42);
}

TEST_F(Engine, GivesEachInstanceItsOwnMemory) {
  uint32_t address = number("address");
  uint32_t before = number("checksum", {64});
  call("fill", {address, 7, 64});
  EXPECT_NE(number("checksum", {64}), before);
  start({});
  EXPECT_EQ(number("checksum", {64}), before);
}

// guest_support.c: every length and overlap around its thresholds, against the host's memmove.
TEST_F(Engine, MovesMemoryLikeTheHost) {
  uint8_t* memory = instance_->memory()->base() + number("address");
  for (uint32_t length : {0,  1,  2,  3,  4,  7,   8,   15,   16,   17,   31,
                          32, 33, 63, 64, 65, 127, 500, 2047, 2048, 2049, 5000}) {
    for (int32_t distance : {-2100, -65, -64, -63, -33, -17, -16, -8,  -1,   0,
                             1,     7,   16,  17,  32,  33,  64,  100, 2100, 6000}) {
      for (uint32_t i = 0; i < 20000; i++) memory[i] = static_cast<uint8_t>(i * 7 + i / 251);
      std::vector<uint8_t> expected(memory, memory + 20000);
      auto to = static_cast<uint32_t>(8000 + distance);
      std::memmove(expected.data() + to, expected.data() + 8000, length);
      uint32_t base = number("address");
      call("move", {base + to, base + 8000, length});
      ASSERT_EQ(std::memcmp(memory, expected.data(), 20000), 0) << length << " by " << distance;
      std::memset(expected.data() + to, 0xa5, length);
      call("fill", {base + to, 0xa5, length});
      ASSERT_EQ(std::memcmp(memory, expected.data(), 20000), 0) << length << " set";
    }
  }
}

TEST_F(Engine, DoesNotMistakeAGuestsLoopForALibraryFunction) {
  uint32_t base = number("address");
  std::memcpy(instance_->memory()->base() + base, "wherry\0", 7);
  EXPECT_EQ(number("length", {base}), 6u);
  // Without a zero byte up to the end of memory, the loop runs into the end.
  uint64_t size = instance_->memory()->size_bytes();
  std::memset(instance_->memory()->base() + size - 10, 'x', 10);
  EXPECT_EQ(trap("length", {static_cast<uint32_t>(size - 10)}).code, TrapCode::kMemoryOutOfBounds);
}

TEST_F(Engine, RunsOnManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&good] {
      Host host;
      for (int i = 0; i < 50; i++) {
        auto store = runtime::Store::create().value();
        auto made = store->instantiate(guest(), host).value();
        auto add = made.instance->find_function("add").value();
        auto divide = made.instance->find_function("divide").value();
        auto sum = store->call(add, {Value::i32(1), Value::i32(2)}).value();
        auto zero = store->call(divide, {Value::i32(1), Value::i32(0)}).value();
        good += std::get<std::vector<Value>>(sum).at(0).as_i32() == 3 &&
                std::get<Trap>(zero).code == TrapCode::kIntegerDivideByZero;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

TEST_F(Engine, RefusesArgumentsThatDoNotFit) {
  auto add = instance_->find_function("add").value();
  EXPECT_FALSE(store_->call(add, {Value::i32(1)}).ok());
  EXPECT_FALSE(store_->call(add, {Value::i32(1), Value::i64(2)}).ok());
}

TEST(FaultDeathTest, AFaultOfTheHostIsNotBlamedOnTheGuest) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  class Broken : public Host {
   public:
    std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                           wasm::ExternKind kind,
                                           const wasm::FuncType* type) override {
      auto fault = [](const HostCall&) {
        volatile int* volatile nowhere = reinterpret_cast<int*>(16);
        *nowhere = 1;
        return HostOutcome::kContinue;
      };
      if (name == "twice") return runtime::HostFunction{*type, fault, nullptr};
      return Host::resolve(module, name, kind, type);
    }
  };
  Broken host;
  auto store = runtime::Store::create().value();
  auto instance = store->instantiate(guest(), host).value().instance;
  auto twice = instance->find_function("twice").value();
  EXPECT_DEATH((void)store->call(twice, {Value::i32(1)}), "bug: signal 11 at address 0x10");
}

TEST(Artifact, IsTheSameForTheSameInputHoweverManyThreads) {
  auto one = compile::compile(guest_bytes(), {.profile = profile(), .threads = 1}).value();
  auto many = compile::compile(guest_bytes(), {.profile = profile(), .threads = 8}).value();
  EXPECT_EQ(one, many);
}

TEST(Artifact, SaysWhatItWasMadeFrom) {
  auto header = artifact::Artifact::read_header(artifact_bytes(), "test").value();
  Sha256Digest digest = sha256(guest_bytes());
  EXPECT_TRUE(std::equal(digest.begin(), digest.end(), header.module_sha256));
  EXPECT_EQ(header.module_bytes, guest_bytes().size());
  EXPECT_EQ(header.cpu_level, 3u);
}

TEST(Artifact, IsRefusedWithAnyByteFlipped) {
  ByteVector bytes = artifact_bytes();
  for (size_t at = 0; at < bytes.size(); at += at < 4096 ? 7 : 509) {
    bytes[at] ^= 0x10;
    auto loaded = load(bytes);
    ASSERT_FALSE(loaded.ok()) << "byte " << at;
    bytes[at] ^= 0x10;
  }
  EXPECT_TRUE(load(bytes).ok());
}

TEST(Artifact, IsRefusedWhenCutShort) {
  const ByteVector& bytes = artifact_bytes();
  for (size_t size : {size_t{0}, size_t{1}, size_t{63}, size_t{0x400}, size_t{0x408}, size_t{0x40c},
                      size_t{0x500}, bytes.size() / 2, bytes.size() - 1}) {
    auto loaded = load(Bytes(bytes).first(size));
    ASSERT_FALSE(loaded.ok()) << size;
    EXPECT_EQ(loaded.error().kind, ErrorKind::kInvalid) << loaded.error().message;
  }
}

ByteVector with_header(void (*change)(artifact::Header&)) {
  ByteVector bytes = artifact_bytes();
  auto header = load_le<artifact::Header>(bytes.data() + artifact::kHeaderOffset);
  change(header);
  store_le(bytes.data() + artifact::kHeaderOffset, header);
  header.checksum = artifact::checksum_of(bytes);
  store_le(bytes.data() + artifact::kHeaderOffset, header);
  return bytes;
}

TEST(Artifact, OfAnotherVersionEngineOrCpuIsRefusedWithASentence) {
  auto version = load(with_header([](artifact::Header& h) { h.format_version = 9; }));
  ASSERT_FALSE(version.ok());
  EXPECT_EQ(version.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(version.error().message,
            fmt::format("test.wherry: has format version 9, and this program reads version {}",
                        artifact::kFormatVersion));

  auto engine = load(with_header([](artifact::Header& h) { h.engine_fingerprint ^= 1; }));
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(engine.error().message.find("was compiled for another engine"), std::string::npos);

  auto cpu = load(with_header([](artifact::Header& h) { h.cpu_level = 5; }));
  ASSERT_FALSE(cpu.ok());
  EXPECT_EQ(cpu.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(cpu.error().message.find("needs an x86-64-v5 CPU"), std::string::npos);

  auto table = load(with_header([](artifact::Header& h) { h.types.count = 1ull << 60; }));
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().kind, ErrorKind::kInvalid);
}

TEST(Artifact, RefusesWhatIsNoArtifact) {
  ByteVector text(5000, 'x');
  auto loaded = load(text);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().message, "test.wherry: not a compiled wherry module");
}

}  // namespace
}  // namespace wherry
