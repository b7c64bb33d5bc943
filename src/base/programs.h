// Where programs are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wherry {

// A file of that name that may be executed, in the first of the directories that has one. A name
// with a slash is a path.
std::optional<std::string> find_program(const std::string& name,
                                        const std::vector<std::string>& directories);

// Those of a variable like PATH, but for empty ones.
std::vector<std::string> directories_of_path(std::string_view path);

}  // namespace wherry
