#include "bench/json_values.h"

namespace wherry::bench {

using nlohmann::json;

Error invalid(const std::string& where, std::string_view what) {
  return make_error(ErrorKind::kInvalid, "{}: {}", where, what);
}

// It becomes an argument of a process, or a path.
Result<std::string> text_of(const std::string& where, const json& value) {
  if (!value.is_string()) return invalid(where, "has to be a string");
  auto text = value.get<std::string>();
  if (text.find('\0') != text.npos) return invalid(where, "has a zero byte");
  return text;
}

Result<std::vector<std::string>> texts_of(const std::string& where, const json& value) {
  if (!value.is_array()) return invalid(where, "has to be a list of strings");
  std::vector<std::string> texts;
  for (const json& one : value) texts.push_back(TRY(text_of(where, one)));
  return texts;
}

Result<bool> flag_of(const std::string& where, const json& value) {
  if (!value.is_boolean()) return invalid(where, "has to be true or false");
  return value.get<bool>();
}

}  // namespace wherry::bench
