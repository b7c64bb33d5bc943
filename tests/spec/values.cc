#include "values.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace wherry::spec {

using runtime::Value;

namespace {

// Decimal, signed or not, to 64 bits.
uint64_t parse_number(const std::string& text) {
  return text.starts_with('-') ? static_cast<uint64_t>(std::stoll(text)) : std::stoull(text);
}

// externref 0 is a reference like any other; null is 0 bits.
uint64_t parse_reference(const std::string& text) {
  return text == "null" ? 0 : parse_number(text) + 1;
}

unsigned lane_bits(const std::string& lane_type) {
  return static_cast<unsigned>(std::stoul(lane_type.substr(1)));
}

bool is_nan_class(const std::string& text, unsigned bits, uint64_t value) {
  uint64_t fraction = bits == 32 ? (uint64_t{1} << 23) : (uint64_t{1} << 52);
  uint64_t infinity = bits == 32 ? 0x7f800000 : 0x7ff0000000000000;
  uint64_t sign = uint64_t{1} << (bits - 1);
  uint64_t canonical = infinity | (fraction >> 1);
  if (text == "nan:canonical") return (value & ~sign) == canonical;
  return (value & canonical) == canonical;  // nan:arithmetic: quiet, any payload
}

bool scalar_matches(const std::string& text, unsigned bits, uint64_t actual) {
  if (text.starts_with("nan:")) return is_nan_class(text, bits, actual);
  uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  return (parse_number(text) & mask) == (actual & mask);
}

uint64_t lane(const Value& value, unsigned bits, unsigned index) {
  unsigned at = bits * index;
  return (at < 64 ? value.bits : value.high) >> (at % 64);
}

bool vector_matches(const nlohmann::json& expected, const Value& actual) {
  unsigned bits = lane_bits(expected["lane_type"]);
  for (unsigned i = 0; i < 128 / bits; i++) {
    if (!scalar_matches(expected["value"][i], bits, lane(actual, bits, i))) return false;
  }
  return true;
}

// The abstract type at the top of the reference's hierarchy, as the suite calls it.
std::string top_of(wasm::ValueType type) {
  switch (type.heap) {
    case wasm::kHeapExtern:
    case wasm::kHeapNoExtern: return "externref";
    case wasm::kHeapExn:
    case wasm::kHeapNoExn: return "exnref";
    default: return "funcref";
  }
}

// "refnull" and the bottom types stand for null; a type without a value for any reference but that.
bool reference_matches(const std::string& type, const nlohmann::json& expected,
                       const Value& actual) {
  if (type == "refnull") return actual.bits == 0;
  if (type.starts_with("null")) return actual.bits == 0 && "null" + top_of(actual.type) == type;
  if (type != top_of(actual.type)) return false;
  if (!expected.contains("value")) return actual.bits != 0;
  return actual.bits == parse_reference(expected["value"]);
}

}  // namespace

Value parse_value(const nlohmann::json& json) {
  std::string type = json["type"];
  if (type == "v128") {
    Value value{wasm::kV128};
    unsigned bits = lane_bits(json["lane_type"]);
    for (unsigned i = 0; i < 128 / bits; i++) {
      uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
      uint64_t number = parse_number(json["value"][i]) & mask;
      unsigned at = bits * i;
      (at < 64 ? value.bits : value.high) |= number << (at % 64);
    }
    return value;
  }
  if (type == "refnull") return {wasm::ref(wasm::kHeapNoFunc, true)};
  std::string text = json["value"];
  if (type == "exnref") return {wasm::kExnRef, parse_reference(text)};
  if (type == "externref") return {wasm::kExternRef, parse_reference(text)};
  if (type == "funcref") return {wasm::kFuncRef, parse_reference(text)};
  uint64_t bits = parse_number(text);
  if (type == "i32") return Value::i32(static_cast<uint32_t>(bits));
  if (type == "f32") return {wasm::kF32, static_cast<uint32_t>(bits)};
  return {type == "i64" ? wasm::kI64 : wasm::kF64, bits};
}

bool matches(const nlohmann::json& expected, const Value& actual) {
  std::string type = expected["type"];
  if (type == "either") {
    for (const auto& alternative : expected["values"]) {
      if (matches(alternative, actual)) return true;
    }
    return false;
  }
  if (actual.type.is_ref()) return reference_matches(type, expected, actual);
  if (type != wasm::name_of(actual.type)) return false;
  if (type == "v128") return vector_matches(expected, actual);
  return scalar_matches(expected["value"], type.ends_with("32") ? 32 : 64, actual.bits);
}

std::string describe(const Value& value) {
  return fmt::format("{} {:#x}", wasm::name_of(value.type), value.bits);
}

}  // namespace wherry::spec
