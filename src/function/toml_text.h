// What is better looked for before toml++ gets a text: keys of so many parts that destroying what
// it makes of them overflows the stack, and characters beyond ASCII outside of strings and
// comments, of which it says less.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace wherry::function {

// `path` is for messages. A text that passes may still be no TOML.
Status check_toml_text(std::string_view text, const std::string& path);

}  // namespace wherry::function
