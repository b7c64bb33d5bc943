// A WebAssembly value as the host sees it.
#pragma once

#include <bit>
#include <cstdint>

#include "wasm/types.h"

namespace wherry::runtime {

// `bits` holds i32 zero-extended, i64, f32 and f64 bit patterns; for a funcref the address of its
// contract::FuncRef and for an externref any host number, with 0 for null. v128 also uses `high`.
struct Value {
  wasm::ValueType type;
  uint64_t bits = 0;
  uint64_t high = 0;

  static Value i32(uint32_t value) { return {wasm::kI32, value}; }
  static Value i64(uint64_t value) { return {wasm::kI64, value}; }
  static Value f32(float value) { return {wasm::kF32, std::bit_cast<uint32_t>(value)}; }
  static Value f64(double value) { return {wasm::kF64, std::bit_cast<uint64_t>(value)}; }

  uint32_t as_i32() const { return static_cast<uint32_t>(bits); }
  uint64_t as_i64() const { return bits; }
  float as_f32() const { return std::bit_cast<float>(static_cast<uint32_t>(bits)); }
  double as_f64() const { return std::bit_cast<double>(bits); }
};

}  // namespace wherry::runtime
