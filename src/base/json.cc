#include "base/json.h"

namespace wherry {

namespace {

// The depth a text would nest to if it were well-formed.
int nesting_depth(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') i++;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      depth--;
    }
  }
  return deepest;
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
  if (int depth = nesting_depth(text); depth > kMaxJsonDepth) {
    return make_error(ErrorKind::kLimit, "JSON nested {} deep, more than {}", depth, kMaxJsonDepth);
  }
  try {
    auto value = nlohmann::json::parse(text);
    // The library takes a zero byte for the end of the text.
    if (size_t zero = text.find('\0'); zero != text.npos) {
      return make_error(ErrorKind::kInvalid, "not JSON: syntax error at byte {}", zero + 1);
    }
    return value;
  } catch (const nlohmann::json::parse_error& error) {
    return make_error(ErrorKind::kInvalid, "not JSON: syntax error at byte {}", error.byte);
  } catch (const nlohmann::json::exception& error) {
    return make_error(ErrorKind::kInvalid, "not JSON: {}", error.what());
  }
}

std::string write_json(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string write_ordered_json(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string quoted_text(std::string_view text) {
  constexpr size_t kLongest = 60;
  if (text.size() <= kLongest) return write_json(std::string(text));
  size_t end = kLongest;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) end--;
  return write_json(std::string(text.substr(0, end)) + "…");
}

}  // namespace wherry
