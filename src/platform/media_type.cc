#include "platform/media_type.h"

namespace wherry::platform {

std::string media_type_of(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  type.erase(0, type.find_first_not_of(" \t"));
  type.erase(type.find_last_not_of(" \t") + 1);
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return type;
}

bool is_json_type(std::string_view content_type) {
  std::string type = media_type_of(content_type);
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

bool is_text_type(std::string_view content_type) {
  std::string type = media_type_of(content_type);
  return type.starts_with("text/") || is_json_type(type) || type.ends_with("+xml") ||
         type == "application/xml" || type == "application/javascript" ||
         type == "application/x-www-form-urlencoded";
}

}  // namespace wherry::platform
