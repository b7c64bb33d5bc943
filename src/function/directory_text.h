// A directory for a guest as people write it: `HOST`, `HOST::GUEST` or `HOST::GUEST::ro`.
#pragma once

#include <optional>
#include <string_view>

#include "function/function.h"

namespace wherry::function {

// Nothing if it is not of that form.
std::optional<Directory> parse_directory(std::string_view text);

}  // namespace wherry::function
