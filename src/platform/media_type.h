// What a Content-Type says (RFC 9110 section 8.3.1), as far as platforms ask.
#pragma once

#include <string>
#include <string_view>

namespace wherry::platform {

// `Text/HTML; charset=utf-8` to `text/html`.
std::string media_type_of(std::string_view content_type);

// application/json and its kin: text/json, application/problem+json.
bool is_json_type(std::string_view content_type);

// Whether bodies of this type are text: JSON, XML, forms, scripts and text/….
bool is_text_type(std::string_view content_type);

}  // namespace wherry::platform
