// Pieces of text.
#pragma once

#include <string_view>
#include <vector>

namespace wherry {

// The parts between separators, empty ones too: one more than there are separators. They point into
// `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace wherry
