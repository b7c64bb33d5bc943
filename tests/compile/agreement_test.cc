// Every numeric, vector and memory instruction, on operands that are good at finding differences:
// the same results and traps, whatever the profile and the CPU level.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cmath>
#include <cstring>

#include "base/check.h"
#include "base/cpu.h"
#include "base/files.h"
#include "compile/compile.h"
#include "modules.h"
#include "runtime/instance.h"

namespace wherry::test {
namespace {

using runtime::Value;
using wasm::Opcode;

// All that is a function of its operands and, for loads and stores, of memory.
std::vector<Opcode> instructions() {
  std::vector<Opcode> all;
  for (uint8_t prefix : {0x00, 0xfc, 0xfd}) {
    for (uint32_t code = 0; code < 288; code++) {
      auto op = wasm::find_opcode(prefix, code);
      if (!op || wasm::info_of(*op).signature == "*" || *op == Opcode::memory_grow) continue;
      switch (wasm::info_of(*op).feature) {
        case wasm::Feature::kMvp:
        case wasm::Feature::kSignExtension:
        case wasm::Feature::kSaturatingFloatToInt:
        case wasm::Feature::kSimd:
        case wasm::Feature::kRelaxedSimd: all.push_back(*op); break;
        default: break;
      }
    }
  }
  return all;
}

std::vector<Value> operands_of(wasm::ValueType type, bool is_address) {
  if (is_address) return {Value::i32(0), Value::i32(1001), Value::i32(65503), Value::i32(65532)};
  std::vector<Value> values;
  switch (type.kind) {
    case wasm::ValueType::Kind::kI32:
      for (uint32_t bits : {0u, 1u, 7u, 8u, 33u, 0x7fffffffu, 0x80000000u, 0xffffff80u, ~0u}) {
        values.push_back(Value::i32(bits));
      }
      break;
    case wasm::ValueType::Kind::kI64:
      for (uint64_t bits : {0ull, 1ull, 65ull, 0x80000000ull, 0x7fffffffffffffffull,
                            0x8000000000000000ull, 0xffffffffffff8000ull, ~0ull}) {
        values.push_back(Value::i64(bits));
      }
      break;
    case wasm::ValueType::Kind::kF32:
      for (float number : {0.f, -0.f, 1.f, -1.5f, 2.5f, 2147483648.f, -2147483904.f, 4294967296.f,
                           9.3e18f, 1e-42f, INFINITY, -INFINITY, NAN}) {
        values.push_back(Value::f32(number));
      }
      break;
    case wasm::ValueType::Kind::kF64:
      for (double number :
           {0., -0., 1., -1.5, 2.5, 2147483647.5, -2147483649., 4294967295.5, 9223372036854775808.,
            -9.3e18, 1e-320, HUGE_VAL, -HUGE_VAL, std::nan("")}) {
        values.push_back(Value::f64(number));
      }
      break;
    default:
      for (auto [low, high] : std::initializer_list<std::pair<uint64_t, uint64_t>>{
               {0, 0},
               {~0ull, ~0ull},
               {0x8000800080008000, 0x7fff800000017fff},     // q15, narrowing
               {0x0f1e2d3c4b5a6978, 0x8796a5b4c3d2e1f0},     // every nibble
               {0x80ff7f0001020304, 0x05060708090a0b0c},     // bytes around their ends
               {0x3f8000004f000000, 0xcf0000014f800000},     // f32: 1, 2^31, below -2^31, 2^32
               {0x7fc00000ff800000, 0x8000000040200000},     // f32: NaN, -inf, -0, 2.5
               {0x7fa000003f000000, 0xbf000000c0600000},     // f32: sNaN, 0.5, -0.5, -3.5
               {0x41dfffffffe00000, 0xc1e0000000200000},     // f64: 2^31-0.5, below -2^31
               {0x41f0000000000000, 0x7ff8000000000000},     // f64: 2^32, NaN
               {0x7ff4000000000000, 0xbfe0000000000000},     // f64: sNaN, -0.5
               {0x8000000000000000, 0x4004000000000000}}) {  // f64: -0, 2.5
        values.push_back({wasm::kV128, low, high});
      }
  }
  return values;
}

template <typename Number>
std::string lanes_text(const Value& value) {
  Number lanes[16 / sizeof(Number)];
  std::memcpy(lanes, &value.bits, 8);
  std::memcpy(reinterpret_cast<char*>(lanes) + 8, &value.high, 8);
  std::string text;
  for (Number lane : lanes) {
    uint64_t bits = 0;
    std::memcpy(&bits, &lane, sizeof lane);
    text += std::isnan(lane) ? "nan " : fmt::format("{:x} ", bits);
  }
  return text;
}

// Which NaN an operation yields is not said.
std::string text_of(const Value& value, std::string_view instruction) {
  if (value.type == wasm::kF32 && std::isnan(value.as_f32())) return "nan";
  if (value.type == wasm::kF64 && std::isnan(value.as_f64())) return "nan";
  if (instruction.starts_with("f32x4")) return lanes_text<float>(value);
  if (instruction.starts_with("f64x2")) return lanes_text<double>(value);
  return fmt::format("{:x} {:x}", value.bits, value.high);
}

class NoImports : public runtime::ImportResolver {
 public:
  std::optional<runtime::Extern> resolve(std::string_view, std::string_view, wasm::ExternKind,
                                         const wasm::FuncType*) override {
    return std::nullopt;
  }
};

// A line for each instruction and its operands.
class AllInstructions {
 public:
  AllInstructions(contract::Profile profile, CpuLevel cpu) {
    std::vector<Opcode> all = instructions();
    auto compiled = compile::compile(instructions_module(all), {.cpu = cpu, .profile = profile});
    WHERRY_CHECK(compiled.ok(), compiled.ok() ? "" : compiled.error().message);
    FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC));
    EXPECT_TRUE(write_all(file.number(), *compiled, "artifact").ok());
    auto module = runtime::CompiledModule::load(file.number(), "test").value();
    store_ = runtime::Store::create().value();
    instance_ = store_->instantiate(module, imports_).value().instance;
    for (uint32_t i = 0; i < 65536; i++) memory()[i] = static_cast<uint8_t>(i * 167 + i / 251);
    for (Opcode op : all) apply(op, signature_of(op), {});
  }

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  uint8_t* memory() { return instance_->memory()->base(); }

  // All combinations of operands.
  void apply(Opcode op, const wasm::FuncType& type, std::vector<Value> operands) {
    size_t index = operands.size();
    if (index == type.params.size()) return call(op, operands);
    auto immediates = wasm::immediates_of(op);
    bool has_address =
        immediates == wasm::Immediates::kMemArg || immediates == wasm::Immediates::kMemArgLane;
    std::vector<Value> choices = operands_of(type.params[index], has_address && index == 0);
    // The third operand's combinations would be a thousand, and add nothing.
    if (index == 2) choices = {choices[3], choices[4]};
    for (const Value& choice : choices) {
      operands.push_back(choice);
      apply(op, type, operands);
      operands.pop_back();
    }
  }

  void call(Opcode op, const std::vector<Value>& operands) {
    std::string_view name = wasm::text_of(op);
    std::string line = fmt::format("{}", name);
    for (const Value& operand : operands) line += fmt::format(" {:x}", operand.bits);
    runtime::CallResult result =
        store_->call(instance_->find_function(name).value(), operands).value();
    if (auto* trap = std::get_if<runtime::Trap>(&result)) {
      line += ": " + trap->message();
    } else {
      for (const Value& value : std::get<std::vector<Value>>(result)) {
        line += ": " + text_of(value, name);
      }
    }
    if (name.find("store") != name.npos) {
      uint64_t sum = 0;
      for (uint32_t i = 0; i < 65536; i++) sum = sum * 31 + memory()[i];
      line += fmt::format(" memory {:x}", sum);
    }
    lines_.push_back(std::move(line));
  }

  NoImports imports_;
  std::unique_ptr<runtime::Store> store_;
  runtime::Instance* instance_ = nullptr;
  std::vector<std::string> lines_;
};

TEST(Agreement, OfAllProfilesAndCpuLevels) {
  AllInstructions reference(contract::Profile::kRelease, CpuLevel::kV2);
  EXPECT_GT(reference.lines().size(), 20'000u);
  for (auto profile : {contract::Profile::kDev, contract::Profile::kRelease}) {
    for (CpuLevel cpu : {CpuLevel::kV2, CpuLevel::kV3, CpuLevel::kV4}) {
      if (cpu > host_cpu_level()) continue;
      SCOPED_TRACE(fmt::format("{} {}", name_of(profile), name_of(cpu)));
      AllInstructions run(profile, cpu);
      ASSERT_EQ(run.lines().size(), reference.lines().size());
      for (size_t i = 0; i < run.lines().size(); i++) {
        EXPECT_EQ(run.lines()[i], reference.lines()[i]);
      }
    }
  }
}

}  // namespace
}  // namespace wherry::test
