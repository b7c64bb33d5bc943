// JSON texts (RFC 8259) through nlohmann-json, without its exceptions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wherry {

// Refuses malformed texts with the byte offset, and texts nested deeper than kMaxJsonDepth: writing
// a value out recurses.
inline constexpr int kMaxJsonDepth = 512;
Result<nlohmann::json> parse_json(std::string_view text);

// Compact text; strings that are not UTF-8 get U+FFFD instead of failing.
std::string write_json(const nlohmann::json& value);
std::string write_ordered_json(const nlohmann::ordered_json& value);

// `"text"` as JSON has it, cut if it is long: for messages.
std::string quoted_text(std::string_view text);

}  // namespace wherry
