// v128 where values pass between functions, blocks, globals, instances and the host, and the traps
// and NaNs of vector instructions; in both profiles, with AVX and without.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

#include "base/cpu.h"
#include "base/files.h"
#include "compile/compile.h"
#include "modules.h"
#include "runtime/instance.h"

namespace wherry::test {
namespace {

using contract::TrapCode;
using runtime::CallResult;
using runtime::HostCall;
using runtime::HostOutcome;
using runtime::Trap;
using runtime::Value;
using wasm::FuncType;
using wasm::kI32;
using wasm::kV128;

constexpr uint64_t kHigh = 0x1111111111111111;

// Different in both halves for each seed.
Value vector(uint64_t seed) { return {kV128, seed, seed * kHigh + 7}; }

std::vector<wasm::ValueType> vectors(size_t count) { return {count, kV128}; }

ByteVector local_get(uint8_t index) { return {0x20, index}; }

// v128.const.
ByteVector constant(const Value& value) {
  ByteVector out = opcode("v128.const");
  for (uint64_t half : {value.bits, value.high}) {
    for (int i = 0; i < 8; i++) out.push_back(static_cast<uint8_t>(half >> (8 * i)));
  }
  return out;
}

ByteVector function_export(std::string_view name, uint8_t index) {
  return text(name) + ByteVector{0x00, index};
}

// Offers `host.swap`, (v128, i32, v128) to (v128, i32, v128) in the other order, and globals.
class Host : public runtime::ImportResolver {
 public:
  explicit Host(runtime::Store& store)
      : constant_(store.create_global({kV128, false}, vector(5))),
        variable_(store.create_global({kV128, true}, vector(6))) {}

  std::optional<runtime::Extern> resolve(std::string_view, std::string_view name, wasm::ExternKind,
                                         const FuncType* type) override {
    if (name == "swap") return runtime::HostFunction{*type, swap, nullptr};
    if (name == "constant") return constant_;
    if (name == "variable") return variable_;
    return std::nullopt;
  }

 private:
  static HostOutcome swap(const HostCall& call) {
    std::swap(call.slots[0], call.slots[3]);
    std::swap(call.slots[1], call.slots[4]);
    call.slots[2]++;
    return HostOutcome::kContinue;
  }
  runtime::Global constant_, variable_;
};

struct Target {
  contract::Profile profile;
  CpuLevel cpu;
};

void PrintTo(const Target& target, std::ostream* out) {
  *out << name_of(target.profile) << " for " << name_of(target.cpu);
}

class Vectors : public testing::TestWithParam<Target> {
 protected:
  void start(const ByteVector& module) {
    auto compiled =
        compile::compile(module, {.cpu = GetParam().cpu, .profile = GetParam().profile});
    ASSERT_TRUE(compiled.ok()) << compiled.error().message;
    FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
    ASSERT_TRUE(write_all(file.number(), *compiled, "artifact").ok());
    auto loaded = runtime::CompiledModule::load(file.number(), "test.wherry");
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    store_ = runtime::Store::create().value();
    host_ = std::make_unique<Host>(*store_);
    auto made = store_->instantiate(*loaded, *host_);
    ASSERT_TRUE(made.ok()) << made.error().message;
    instance_ = made->instance;
  }

  // One exported function `f` and a page of memory.
  void start(const FuncType& type, const ByteVector& code) {
    start(module_of({
        section(1, list({function_type(type)})),
        section(3, {1, 0}),
        section(5, {1, 0, 1}),
        section(7, list({function_export("f", 0)})),
        section(10, list({body(code)})),
    }));
  }

  std::vector<Value> call(std::vector<Value> arguments, std::string_view name = "f") {
    auto function = instance_->find_function(name);
    CallResult result = store_->call(function.value(), arguments).value();
    if (auto* trap = std::get_if<Trap>(&result)) {
      ADD_FAILURE() << trap->message();
      return std::vector<Value>(function->type.results.size());
    }
    return std::get<std::vector<Value>>(result);
  }

  TrapCode trap(std::vector<Value> arguments) {
    CallResult result = store_->call(instance_->find_function("f").value(), arguments).value();
    auto* trap = std::get_if<Trap>(&result);
    return trap ? trap->code : TrapCode::kNone;
  }

  static void expect_equal(const Value& actual, const Value& expected) {
    EXPECT_EQ(actual.bits, expected.bits);
    EXPECT_EQ(actual.high, expected.high);
  }

  std::unique_ptr<runtime::Store> store_;
  std::unique_ptr<Host> host_;
  runtime::Instance* instance_ = nullptr;
};

// More parameters than vector registers, integers between them, and more results than registers
// for results: from C, directly and through a table.
TEST_P(Vectors, PassMoreParametersAndResultsThanThereAreRegisters) {
  constexpr uint8_t kCount = 14;
  FuncType type{{kI32}, vectors(kCount)};
  for (uint8_t i = 0; i < kCount; i++) {
    type.params.push_back(kV128);
    type.params.push_back(kI32);
  }
  ByteVector all, reversed;
  for (uint8_t i = 0; i < type.params.size(); i++) all = all + local_get(i);
  for (uint8_t i = kCount; i > 0; i--) {
    uint8_t integer = i * 2, number = integer - 1;
    reversed = reversed + local_get(number) + local_get(integer) + opcode("i64x2.shl");
  }
  start(module_of({
      section(1, list({function_type(type)})),
      section(3, {3, 0, 0, 0}),
      section(4, {1, 0x70, 0, 1}),
      section(7, list({function_export("direct", 1), function_export("indirect", 2),
                       function_export("f", 0)})),
      section(9, {1, 0, 0x41, 0, 0x0b, 1, 0}),
      section(10, list({body(reversed), body(all + ByteVector{0x10, 0}),
                        body(all + local_get(0) + ByteVector{0x11, 0, 0})})),
  }));
  std::vector<Value> arguments{Value::i32(0)};
  for (uint8_t i = 0; i < kCount; i++) {
    arguments.push_back(vector(100u + i));
    arguments.push_back(Value::i32(i));
  }
  for (const char* name : {"f", "direct", "indirect"}) {
    std::vector<Value> results = call(arguments, name);
    for (uint8_t i = 0; i < kCount; i++) {
      uint8_t from = kCount - 1 - i;
      Value expected = vector(100u + from);
      expect_equal(results[i], {kV128, expected.bits << from, expected.high << from});
    }
  }
}

TEST_P(Vectors, PassThroughHostFunctions) {
  FuncType type{{kV128, kI32, kV128}, {kV128, kI32, kV128}};
  start(module_of({
      section(1, list({function_type(type)})),
      section(2, list({text("host") + text("swap") + ByteVector{0, 0}})),
      section(3, {1, 0}),
      section(7, list({function_export("f", 1), function_export("swap", 0)})),
      section(10, list({body(local_get(0) + local_get(1) + local_get(2) + ByteVector{0x10, 0})})),
  }));
  for (const char* name : {"f", "swap"}) {
    std::vector<Value> results = call({vector(1), Value::i32(41), vector(2)}, name);
    expect_equal(results[0], vector(2));
    EXPECT_EQ(results[1].as_i32(), 42u);
    expect_equal(results[2], vector(1));
  }
}

// Own globals, one with a constant and one with an imported value, and imported ones.
TEST_P(Vectors, LiveInGlobals) {
  ByteVector v128 = {0x7b};
  auto imported = [&](std::string_view name, uint8_t is_mutable) {
    return text("host") + text(name) + ByteVector{3, 0x7b, is_mutable};
  };
  ByteVector sum = ByteVector{0x23, 0} + ByteVector{0x23, 1} + opcode("i64x2.add") +
                   ByteVector{0x23, 2} + opcode("i64x2.add") + ByteVector{0x23, 3} +
                   opcode("i64x2.add");
  ByteVector set = local_get(0) + ByteVector{0x24, 1} + local_get(0) + ByteVector{0x24, 3};
  start(module_of({
      section(1, list({function_type({{}, {kV128}}), function_type({{kV128}, {}})})),
      section(2, list({imported("constant", 0), imported("variable", 1)})),
      section(3, {2, 0, 1}),
      section(6, list({v128 + ByteVector{0} + constant(vector(9)) + ByteVector{0x0b},
                       v128 + ByteVector{1, 0x23, 0, 0x0b}})),
      section(7, list({function_export("f", 0), function_export("set", 1),
                       text("own") + ByteVector{3, 3}})),
      section(10, list({body(sum), body(set)})),
  }));
  auto add = [](Value a, const Value& b) { return Value{kV128, a.bits + b.bits, a.high + b.high}; };
  Value fixed = add(vector(5), vector(9));
  expect_equal(call({})[0], add(add(fixed, vector(6)), vector(5)));
  call({vector(77)}, "set");
  expect_equal(call({})[0], add(add(fixed, vector(77)), vector(77)));
  auto own = std::get<runtime::Global>(*instance_->find_export("own"));
  expect_equal({kV128, own.vm->low, own.vm->high}, vector(77));
}

// Two values go around a loop, exchanged each time, and out of it with a branch.
TEST_P(Vectors, AreParametersAndResultsOfBlocks) {
  FuncType type{{kV128, kV128, kI32}, vectors(2)};
  ByteVector code = local_get(0) + local_get(1) +
                    ByteVector{0x03, 1} +           // loop (v128 v128) -> (v128 v128)
                    ByteVector{0x21, 3, 0x21, 4} +  // to the locals, in the other order
                    local_get(3) + local_get(4) + local_get(2) +
                    ByteVector{0x41, 1, 0x6b, 0x22, 2, 0x0d, 0} +  // count down, br_if
                    ByteVector{0x0b};
  ByteVector content = ByteVector{1, 2, 0x7b} + code + ByteVector{0x0b};
  start(module_of({
      section(1, list({function_type(type), function_type({vectors(2), vectors(2)})})),
      section(3, {1, 0}),
      section(7, list({function_export("f", 0)})),
      section(10, list({leb(content.size()) + content})),
  }));
  for (uint32_t rounds : {1u, 2u, 7u, 100u}) {
    std::vector<Value> results = call({vector(1), vector(2), Value::i32(rounds)});
    expect_equal(results[0], vector(rounds % 2 == 0 ? 1 : 2));
    expect_equal(results[1], vector(rounds % 2 == 0 ? 2 : 1));
  }
}

TEST_P(Vectors, AreSelectedAndStartAsZero) {
  ByteVector code = local_get(0) + local_get(3) + local_get(1) + ByteVector{0x1b} +  // select
                    local_get(2) + local_get(0) + local_get(1) + ByteVector{0x1c, 1, 0x7b};
  ByteVector content = ByteVector{1, 1, 0x7b} + code + ByteVector{0x0b};
  start(module_of({
      section(1, list({function_type({{kV128, kI32, kV128}, vectors(2)})})),
      section(3, {1, 0}),
      section(7, list({function_export("f", 0)})),
      section(10, list({leb(content.size()) + content})),
  }));
  std::vector<Value> results = call({vector(1), Value::i32(1), vector(2)});
  expect_equal(results[0], vector(1));
  expect_equal(results[1], vector(2));
  results = call({vector(1), Value::i32(0), vector(2)});
  expect_equal(results[0], {kV128, 0, 0});
  expect_equal(results[1], vector(1));
}

// Though nobody reads what was loaded.
TEST_P(Vectors, TrapOutsideOfMemory) {
  struct Case {
    const char* name;
    uint32_t bytes;
    bool has_lane;
  };
  for (Case c : {Case{"v128.load", 16, false}, Case{"v128.load8x8_s", 8, false},
                 Case{"v128.load16x4_u", 8, false}, Case{"v128.load32x2_s", 8, false},
                 Case{"v128.load8_splat", 1, false}, Case{"v128.load64_splat", 8, false},
                 Case{"v128.load32_zero", 4, false}, Case{"v128.load64_zero", 8, false},
                 Case{"v128.load8_lane", 1, true}, Case{"v128.load64_lane", 8, true}}) {
    SCOPED_TRACE(c.name);
    ByteVector code = local_get(0);
    if (c.has_lane) code = code + constant(vector(1));
    code = code + opcode(c.name) + ByteVector{0, 0};
    if (c.has_lane) code.push_back(0);
    start({{kI32}, {}}, code + ByteVector{0x1a});  // drop
    EXPECT_EQ(trap({Value::i32(65536 - c.bytes)}), TrapCode::kNone);
    EXPECT_EQ(trap({Value::i32(65537 - c.bytes)}), TrapCode::kMemoryOutOfBounds);
    EXPECT_EQ(trap({Value::i32(0xffffffff)}), TrapCode::kMemoryOutOfBounds);
  }
}

TEST_P(Vectors, StoreNothingWhereTheyTrap) {
  start({{kI32, kV128}, {}}, local_get(0) + local_get(1) + opcode("v128.store") + ByteVector{0, 0});
  uint8_t* memory = instance_->memory()->base();
  EXPECT_EQ(trap({Value::i32(65521), vector(1)}), TrapCode::kMemoryOutOfBounds);
  for (uint32_t i = 65521; i < 65536; i++) EXPECT_EQ(memory[i], 0);
  EXPECT_EQ(trap({Value::i32(65520), vector(1)}), TrapCode::kNone);
  EXPECT_EQ(load_le<uint64_t>(memory + 65528), vector(1).high);
}

// Where LLVM would fold the operation away, for all lanes or the one that is used.
TEST_P(Vectors, QuietSignallingNaN) {
  constexpr uint64_t kSignalling = 0x7fa000007fa00000, kQuietBits = 0x0040000000400000;
  auto floats = [](uint64_t low, uint64_t high) { return constant({kV128, low, high}); };
  const ByteVector ones = floats(0x3f8000003f800000, 0x3f8000003f800000);
  const ByteVector minus_ones = floats(0xbf800000bf800000, 0xbf800000bf800000);
  const ByteVector zeros = floats(0, 0);
  const ByteVector minus_zeros = floats(0x8000000080000000, 0x8000000080000000);
  const ByteVector one_and_two = floats(0x400000003f800000, 0x4040000040800000);
  const ByteVector absolute = local_get(0) + opcode("f32x4.abs");
  const std::vector<ByteVector> cases = {
      local_get(0) + ones + opcode("f32x4.mul"),
      ones + local_get(0) + opcode("f32x4.mul"),
      local_get(0) + minus_ones + opcode("f32x4.mul"),
      local_get(0) + one_and_two + opcode("f32x4.mul"),
      local_get(0) + ones + opcode("f32x4.div"),
      local_get(0) + minus_ones + opcode("f32x4.div"),
      local_get(0) + zeros + opcode("f32x4.sub"),
      minus_zeros + local_get(0) + opcode("f32x4.sub"),
      local_get(0) + minus_zeros + opcode("f32x4.add"),
      minus_zeros + local_get(0) + opcode("f32x4.add"),
      absolute + zeros + opcode("f32x4.add"),
      absolute + minus_zeros + opcode("f32x4.sub"),
      local_get(0) + ones + minus_zeros + opcode("f32x4.relaxed_madd"),
      local_get(0) + local_get(0) + opcode("f32x4.min"),
      local_get(0) + local_get(0) + opcode("f32x4.max"),
      local_get(0) + opcode("f64x2.promote_low_f32x4") + opcode("f32x4.demote_f64x2_zero"),
  };
  for (size_t i = 0; i < cases.size(); i++) {
    SCOPED_TRACE(i);
    start({{kV128}, {kV128}}, cases[i]);
    EXPECT_EQ(call({{kV128, kSignalling, kSignalling}})[0].bits & kQuietBits, kQuietBits);
    start({{kV128}, {kI32}}, cases[i] + opcode("f32x4.extract_lane") + ByteVector{0, 0xbc});
    EXPECT_EQ(call({{kV128, kSignalling, kSignalling}})[0].bits & 0x00400000, 0x00400000u);
  }
}

std::vector<Target> targets() {
  std::vector<Target> all;
  for (auto profile : {contract::Profile::kDev, contract::Profile::kRelease}) {
    for (CpuLevel cpu : {CpuLevel::kV2, CpuLevel::kV3, CpuLevel::kV4}) {
      if (cpu <= host_cpu_level()) all.push_back({profile, cpu});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(On, Vectors, testing::ValuesIn(targets()), [](const auto& info) {
  return fmt::format("{}_v{}", name_of(info.param.profile), static_cast<int>(info.param.cpu));
});

// In the dev profile also where the value only goes into other instructions, and in order.
TEST(DevProfile, TrapsExactly) {
  // if the load at the first address traps, then before the store of 1 at 0.
  ByteVector code = local_get(0) + ByteVector{0x28, 0, 0} +    // i32.load
                    ByteVector{0x41, 1, 0x6a, 0x1a} +          // i32.const 1, i32.add, drop
                    ByteVector{0x41, 0, 0x41, 1, 0x36, 0, 0};  // i32.store
  ByteVector module = module_of({
      section(1, list({function_type({{kI32}, {}})})),
      section(3, {1, 0}),
      section(5, {1, 0, 1}),
      section(7, list({function_export("f", 0)})),
      section(10, list({body(code)})),
  });
  auto compiled = compile::compile(module, {.profile = contract::Profile::kDev}).value();
  FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
  ASSERT_TRUE(write_all(file.number(), compiled, "artifact").ok());
  auto store = runtime::Store::create().value();
  Host host(*store);
  auto made = store->instantiate(runtime::CompiledModule::load(file.number(), "t").value(), host);
  runtime::Instance* instance = made.value().instance;
  std::vector<Value> arguments{Value::i32(65533)};
  CallResult result = store->call(instance->find_function("f").value(), arguments).value();
  ASSERT_TRUE(std::holds_alternative<Trap>(result));
  EXPECT_EQ(std::get<Trap>(result).code, TrapCode::kMemoryOutOfBounds);
  EXPECT_EQ(instance->memory()->base()[0], 0);
}

}  // namespace
}  // namespace wherry::test
