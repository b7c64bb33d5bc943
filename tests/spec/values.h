// The test suite's JSON values, as wasm-tools writes them, to and from runtime values.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runtime/value.h"

namespace wherry::spec {

// An argument: integers are signed decimals, floats bit patterns, externrefs host numbers.
runtime::Value parse_value(const nlohmann::json& json);

// Whether a result is what `expected` says, NaN classes and "any non-null reference" included.
bool matches(const nlohmann::json& expected, const runtime::Value& actual);

std::string describe(const runtime::Value& value);

}  // namespace wherry::spec
