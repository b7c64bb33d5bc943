// How many 64-bit slots values take where compiled code and C++ hand them to each other: enter
// code, host calls and builtins.
#pragma once

#include <vector>

#include "wasm/types.h"

namespace wherry::contract {

constexpr unsigned slots_of(wasm::ValueType type) {
  return type.kind == wasm::ValueType::Kind::kV128 ? 2 : 1;
}

inline unsigned slots_of(const std::vector<wasm::ValueType>& types) {
  unsigned slots = 0;
  for (wasm::ValueType type : types) slots += slots_of(type);
  return slots;
}

}  // namespace wherry::contract
