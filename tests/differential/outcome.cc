#include "outcome.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "plan.h"

namespace wherry::differential {
namespace {

using contract::TrapCode;
using runtime::Value;

bool equal(const Value& a, const Value& b) {
  if (!(a.type == b.type)) return false;
  if (a.type == wasm::kF32 && std::isnan(a.as_f32())) return std::isnan(b.as_f32());
  if (a.type == wasm::kF64 && std::isnan(a.as_f64())) return std::isnan(b.as_f64());
  // References are addresses of the engine's own; that both are null or neither is.
  if (a.type.is_ref()) return (a.bits == 0) == (b.bits == 0);
  return a.bits == b.bits && (a.type != wasm::kV128 || a.high == b.high);
}

std::string describe_all(const std::vector<Value>& values) {
  std::string text = "(";
  for (const Value& value : values) {
    text += (&value == values.data() ? "" : ", ") + describe(value);
  }
  return text + ")";
}

bool all_equal(const std::vector<Value>& a, const std::vector<Value>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

bool may_be(const Outcome& outcome, TrapCode code) {
  return std::ranges::count(outcome.traps, code) > 0;
}

// V8's messages for traps, and what they can be in ours.
const std::pair<std::string_view, std::vector<TrapCode>> kMessages[] = {
    {"unreachable", {TrapCode::kUnreachable}},
    {"divide by zero", {TrapCode::kIntegerDivideByZero}},
    {"remainder by zero", {TrapCode::kIntegerDivideByZero}},
    {"divide result unrepresentable", {TrapCode::kIntegerOverflow}},
    {"float unrepresentable in integer range",
     {TrapCode::kInvalidConversion, TrapCode::kIntegerOverflow}},
    {"memory access out of bounds", {TrapCode::kMemoryOutOfBounds}},
    {"data segment out of bounds", {TrapCode::kMemoryOutOfBounds}},
    {"element segment out of bounds", {TrapCode::kTableOutOfBounds}},
    {"table index is out of bounds", {TrapCode::kUndefinedElement, TrapCode::kTableOutOfBounds}},
    {"null function or function signature mismatch",
     {TrapCode::kUninitializedElement, TrapCode::kIndirectCallTypeMismatch}},
    {"dereferencing a null pointer", {TrapCode::kNullReference}},
};

wasm::ValueType type_named(std::string_view name) {
  for (wasm::ValueType type : {wasm::kI32, wasm::kI64, wasm::kF32, wasm::kF64, wasm::kFuncRef}) {
    if (name_of(type) == name) return type;
  }
  return wasm::kExternRef;
}

std::vector<Value> values_from_json(const nlohmann::json& json) {
  std::vector<Value> values;
  for (const nlohmann::json& item : json) {
    uint64_t bits = std::stoull(item.at(1).get<std::string>(), nullptr, 16);
    values.push_back({type_named(item.at(0).get<std::string>()), bits});
  }
  return values;
}

}  // namespace

uint64_t hash_memory(const uint8_t* memory, uint64_t bytes) {
  if (bytes > kHashedBytes) return 0;
  uint32_t a = 1, b = 2;
  for (uint64_t i = 0; i < bytes; i += 8) {
    uint32_t words[2];
    std::memcpy(words, memory + i, 8);
    a = (((a ^ words[0]) << 13) | ((a ^ words[0]) >> 19)) * 0x9e3779b1;
    b = (((b ^ words[1]) << 17) | ((b ^ words[1]) >> 15)) * 0x85ebca77;
  }
  return uint64_t{a} << 32 | b;
}

bool ends_round(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::kTrapped || outcome.kind == Outcome::Kind::kStopped;
}

std::string difference(const Outcome& left, const Outcome& right, bool strict) {
  if (left.kind != right.kind) return "they end differently";
  const bool one_is_an_access =
      may_be(left, TrapCode::kMemoryOutOfBounds) || may_be(right, TrapCode::kMemoryOutOfBounds);
  if (left.kind == Outcome::Kind::kTrapped) {
    bool agree = std::ranges::any_of(left.traps, [&](auto code) { return may_be(right, code); });
    if (!agree && (strict || !one_is_an_access)) return "they trap differently";
  }
  if (left.kind == Outcome::Kind::kStopped && !strict) return "";
  if (one_is_an_access && !strict) return "";
  if (!all_equal(left.results, right.results)) return "the results differ";
  if (left.memory_is_known && right.memory_is_known) {
    if (left.memory_bytes != right.memory_bytes) return "the sizes of memory differ";
    if (left.memory_hash != right.memory_hash) return "the contents of memory differ";
  }
  if (!all_equal(left.globals, right.globals)) return "the exported globals differ";
  return "";
}

std::string describe(const Outcome& outcome) {
  std::string text = outcome.kind == Outcome::Kind::kReturned
                         ? "returned " + describe_all(outcome.results)
                         : outcome.text;
  return text + fmt::format(", memory {} bytes {:016x}, globals {}", outcome.memory_bytes,
                            outcome.memory_hash, describe_all(outcome.globals));
}

Result<Outcome> outcome_from_json(const nlohmann::json& json) {
  Outcome outcome;
  outcome.memory_is_known = json.contains("memory_bytes");
  if (outcome.memory_is_known) {
    outcome.memory_bytes = json.at("memory_bytes").get<uint64_t>();
    outcome.memory_hash = std::stoull(json.at("memory_hash").get<std::string>(), nullptr, 16);
  }
  outcome.globals = values_from_json(json.at("globals"));
  if (json.contains("results")) {
    outcome.results = values_from_json(json.at("results"));
    return outcome;
  }
  outcome.text = json.at("error").get<std::string>();
  if (outcome.text == "exit") {
    outcome.kind = Outcome::Kind::kExited;
    return outcome;
  }
  if (outcome.text == "Maximum call stack size exceeded") {
    outcome.kind = Outcome::Kind::kStopped;
    return outcome;
  }
  outcome.kind = Outcome::Kind::kTrapped;
  for (const auto& [message, traps] : kMessages) {
    if (message == outcome.text) outcome.traps = traps;
  }
  if (outcome.traps.empty()) {
    return make_error(ErrorKind::kInternal, "Node fails with \"{}\", which is no trap we know",
                      outcome.text);
  }
  return outcome;
}

}  // namespace wherry::differential
