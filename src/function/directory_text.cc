#include "function/directory_text.h"

namespace wherry::function {

std::optional<Directory> parse_directory(std::string_view text) {
  constexpr std::string_view kSeparator = "::";
  constexpr std::string_view kReadOnly = "::ro";
  bool read_only = false;
  if (text.ends_with(kReadOnly)) {
    const std::string_view rest = text.substr(0, text.size() - kReadOnly.size());
    read_only = rest.find(kSeparator) != rest.npos;  // else `ro` is the guest's name
    if (read_only) text = rest;
  }
  const size_t first = text.find(kSeparator);
  const std::string_view guest = first == text.npos ? text : text.substr(first + kSeparator.size());
  Directory directory{std::string(text.substr(0, first)), std::string(guest), read_only};
  if (directory.host.empty() || directory.guest.empty()) return {};
  return directory;
}

}  // namespace wherry::function
