// HTML that programs write.
#pragma once

#include <string>
#include <string_view>

namespace wherry {

// For a place between tags, or in an attribute in double quotes.
std::string escaped_html(std::string_view text);

}  // namespace wherry
