#include "plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

namespace wherry::differential {
namespace {

using runtime::Value;
using Kind = wasm::ValueType::Kind;

constexpr uint64_t kIntegers[] = {
    0,          1,          2,          3,          7,          8,          31,
    32,         63,         64,         100,        127,        128,        255,
    256,        0x7fff,     0x8000,     0xffff,     0x10000,    0x7ffffffe, 0x7fffffff,
    0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 1ull << 32, 1ull << 53, 0x7fffffffffffffff,
    1ull << 63,
};

const double kFloats[] = {
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    1e-310,
    5e-324,
    1.401298464324817e-45,
    1.1754943508222875e-38,
    1e10,
    -1e10,
    255.0,
    256.0,
    65535.5,
    2147483647.0,
    2147483648.0,
    -2147483648.0,
    -2147483649.0,
    4294967295.0,
    4294967296.0,
    -0.9999999,
    9007199254740993.0,
    9223372036854774784.0,
    9223372036854775808.0,
    -9223372036854775808.0,
    18446744073709549568.0,
    18446744073709551616.0,
    3.4028234663852886e38,
    1.7976931348623157e308,
    INFINITY,
    -INFINITY,
};

constexpr uint32_t kNan32 = 0x7fc00000;
constexpr uint64_t kNan64 = 0x7ff8000000000000;

class Arguments {
 public:
  Arguments(Seeded& random, uint64_t memory_bytes, bool any_nan)
      : random_(random), memory_bytes_(memory_bytes), any_nan_(any_nan) {}

  Value of(wasm::ValueType type) {
    switch (type.kind) {
      case Kind::kI32: return {type, static_cast<uint32_t>(integer())};
      case Kind::kI64: return {type, integer()};
      case Kind::kF32: return {type, float32()};
      case Kind::kF64: return {type, float64()};
      case Kind::kV128: return {type, integer(), integer()};
      case Kind::kRef: return {type, 0};
    }
    return {type, 0};
  }

 private:
  uint64_t integer() {
    switch (random_.below(8)) {
      case 0:
      case 1: {
        uint64_t value = kIntegers[random_.below(std::size(kIntegers))];
        return random_.once_in(4) ? ~value + 1 : value;
      }
      case 2:
      case 3:
      case 4: {
        // An address, often aligned; now and then the last bytes of the memory.
        if (memory_bytes_ == 0) return random_.below(1 << 16);
        if (random_.once_in(6)) return memory_bytes_ - random_.below(20);
        return random_.below(memory_bytes_) & (random_.once_in(3) ? ~0ull : ~15ull);
      }
      case 5:
      case 6: return random_.below(uint64_t{1} << random_.below(9));
      default: return random_.next() >> random_.below(60);
    }
  }
  uint32_t float32() {
    if (any_nan_ && random_.once_in(4)) return 0x7f800001 | static_cast<uint32_t>(random_.next());
    if (random_.once_in(10)) return kNan32;
    float value = static_cast<float>(float_value());
    uint32_t bits = std::bit_cast<uint32_t>(value);
    if (random_.once_in(5)) bits = static_cast<uint32_t>(random_.next());
    return std::isnan(std::bit_cast<float>(bits)) ? kNan32 : bits;
  }
  uint64_t float64() {
    if (any_nan_ && random_.once_in(4)) return 0x7ff0000000000001 | random_.next();
    if (random_.once_in(10)) return kNan64;
    uint64_t bits = random_.once_in(5) ? random_.next() : std::bit_cast<uint64_t>(float_value());
    return std::isnan(std::bit_cast<double>(bits)) ? kNan64 : bits;
  }
  double float_value() {
    if (random_.once_in(2)) return kFloats[random_.below(std::size(kFloats))];
    return (static_cast<double>(random_.next() >> 11) * 0x1p-53 - 0.5) * 2000;
  }

  Seeded& random_;
  uint64_t memory_bytes_;
  bool any_nan_;
};

bool is_nan_of_its_own(const Value& value) {
  if (value.type == wasm::kF32) return std::isnan(value.as_f32()) && value.as_i32() != kNan32;
  return value.type == wasm::kF64 && std::isnan(value.as_f64()) && value.bits != kNan64;
}

bool has_vector(const wasm::FuncType& type) {
  auto is_vector = [](wasm::ValueType value) { return value == wasm::kV128; };
  return std::ranges::any_of(type.params, is_vector) ||
         std::ranges::any_of(type.results, is_vector);
}

std::string hex(uint64_t bits) { return fmt::format("{:#x}", bits); }

nlohmann::json limits_to_json(const wasm::Limits& limits) {
  nlohmann::json json = {{"initial", limits.min}};
  if (limits.max) json["maximum"] = *limits.max;
  return json;
}

nlohmann::json import_to_json(const wasm::Module& module, const wasm::Import& import) {
  nlohmann::json json = {{"module", import.module}, {"name", import.name}};
  switch (import.kind) {
    case wasm::ExternKind::kFunc:
      json["kind"] = "func";
      json["results"] = nlohmann::json::array();
      for (wasm::ValueType type : module.type_of(import.index).results) {
        json["results"].push_back(name_of(type));
      }
      break;
    case wasm::ExternKind::kMemory:
      json["kind"] = "memory";
      json["limits"] = limits_to_json(module.memories[import.index].type.limits);
      break;
    case wasm::ExternKind::kTable:
      json["kind"] = "table";
      json["limits"] = limits_to_json(module.tables[import.index].type.limits);
      json["type"] = name_of(module.tables[import.index].type.element);
      break;
    case wasm::ExternKind::kGlobal:
      json["kind"] = "global";
      json["mutable"] = module.globals[import.index].type.is_mutable;
      json["type"] = name_of(module.globals[import.index].type.type);
      break;
    case wasm::ExternKind::kTag: json["kind"] = "tag"; break;
  }
  return json;
}

// Where JavaScript finds memory 0: null if nowhere.
nlohmann::json memory_to_json(const wasm::Module& module) {
  for (const wasm::Import& import : module.imports) {
    if (import.kind == wasm::ExternKind::kMemory && import.index == 0) {
      return {{"module", import.module}, {"name", import.name}};
    }
  }
  for (const wasm::Export& item : module.exports) {
    if (item.kind == wasm::ExternKind::kMemory && item.index == 0) return {{"name", item.name}};
  }
  return nullptr;
}

// The types that JavaScript does not tell: of exported functions' results, and numeric globals.
void add_export_types(const wasm::Module& module, nlohmann::json& plan) {
  plan["results"] = nlohmann::json::object();
  plan["globals"] = nlohmann::json::array();
  for (const wasm::Export& item : module.exports) {
    std::string name(item.name);
    if (item.kind == wasm::ExternKind::kFunc) {
      plan["results"][name] = nlohmann::json::array();
      for (wasm::ValueType type : module.type_of(item.index).results) {
        plan["results"][name].push_back(name_of(type));
      }
    } else if (item.kind == wasm::ExternKind::kGlobal) {
      wasm::ValueType type = module.globals[item.index].type.type;
      if (type.is_numeric()) plan["globals"].push_back({name, name_of(type)});
    }
  }
}

}  // namespace

uint64_t Seeded::next() {
  uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Result<Plan> make_plan(const wasm::Module& module, uint64_t seed, uint64_t calls) {
  std::vector<const wasm::Export*> functions;
  for (const wasm::Export& item : module.exports) {
    bool is_start = item.name == "_start" || item.name == "_initialize";
    if (item.kind == wasm::ExternKind::kFunc && !is_start) functions.push_back(&item);
  }
  if (functions.empty()) return make_error(ErrorKind::kInvalid, "exports no function to call");
  bool has_memory = !module.memories.empty();
  uint64_t memory_bytes = has_memory ? module.memories[0].type.limits.min << 16 : 0;
  bool can_fill = memory_bytes > 0 && !memory_to_json(module).is_null();

  bool imports_vectors = false;
  for (wasm::FuncIndex i = 0; i < module.imported_functions; i++) {
    imports_vectors = imports_vectors || has_vector(module.type_of(i));
  }

  Seeded random(seed);
  Plan plan;
  for (int i = 0; i < 64; i++) plan.import_values.push_back(random.next() >> random.below(64));
  for (uint64_t done = 0; done < calls;) {
    Round round;
    round.for_javascript = !imports_vectors;
    if (can_fill) {
      round.fill_at = random.below(memory_bytes);
      round.fill_bytes =
          static_cast<uint32_t>(std::min<uint64_t>(memory_bytes - round.fill_at, 4096));
      round.fill_seed = static_cast<uint32_t>(random.next()) | 1;
    }
    Arguments arguments(random, memory_bytes, random.once_in(8));
    for (size_t i = 0; i < kCallsPerRound && done < calls; i++, done++) {
      // Every function in turn, in an order that changes.
      const wasm::Export& item = *functions[(done + random.below(3)) % functions.size()];
      const wasm::FuncType& type = module.type_of(item.index);
      Call call{std::string(item.name), {}};
      for (wasm::ValueType param : type.params) call.arguments.push_back(arguments.of(param));
      if (has_vector(type) || std::ranges::any_of(call.arguments, is_nan_of_its_own)) {
        round.for_javascript = false;
      }
      round.calls.push_back(std::move(call));
    }
    plan.rounds.push_back(std::move(round));
  }
  return plan;
}

nlohmann::json plan_to_json(const wasm::Module& module, const Plan& plan,
                            const std::vector<size_t>& lengths) {
  nlohmann::json imports = nlohmann::json::array(), rounds = nlohmann::json::array();
  for (const wasm::Import& import : module.imports) {
    imports.push_back(import_to_json(module, import));
  }
  for (size_t i = 0; i < plan.rounds.size(); i++) {
    const Round& round = plan.rounds[i];
    if (!round.for_javascript) continue;
    nlohmann::json calls = nlohmann::json::array();
    for (size_t c = 0; c < lengths[i]; c++) {
      nlohmann::json arguments = nlohmann::json::array();
      for (const Value& value : round.calls[c].arguments) {
        arguments.push_back({name_of(value.type), hex(value.bits)});
      }
      calls.push_back({{"function", round.calls[c].function}, {"arguments", arguments}});
    }
    rounds.push_back({{"round", i},
                      {"fill_at", round.fill_at},
                      {"fill_bytes", round.fill_bytes},
                      {"fill_seed", round.fill_seed},
                      {"calls", calls}});
  }
  nlohmann::json values = nlohmann::json::array();
  for (uint64_t value : plan.import_values) values.push_back(hex(value));
  nlohmann::json json = {{"imports", imports},
                         {"import_values", values},
                         {"memory", memory_to_json(module)},
                         {"rounds", rounds}};
  add_export_types(module, json);
  return json;
}

std::string describe(const Value& value) {
  std::string text = fmt::format("{} {:#x}", name_of(value.type), value.bits);
  if (value.type == wasm::kV128) text += fmt::format("'{:x}", value.high);
  if (value.type == wasm::kF32) text += fmt::format(" ({})", value.as_f32());
  if (value.type == wasm::kF64) text += fmt::format(" ({})", value.as_f64());
  return text;
}

std::string describe(const Call& call) {
  std::string text = call.function + "(";
  for (const Value& value : call.arguments) {
    text += (&value == call.arguments.data() ? "" : ", ") + describe(value);
  }
  return text + ")";
}

}  // namespace wherry::differential
