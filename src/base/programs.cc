#include "base/programs.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace wherry {

std::optional<std::string> find_program(const std::string& name,
                                        const std::vector<std::string>& directories) {
  const auto is_program = [](const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
  };
  if (name.find('/') != name.npos) return is_program(name) ? std::optional(name) : std::nullopt;
  for (const std::string& directory : directories) {
    std::string path = directory + "/" + name;
    if (is_program(path)) return path;
  }
  return {};
}

std::vector<std::string> directories_of_path(std::string_view path) {
  std::vector<std::string> directories;
  for (std::string_view directory : split(path, ':')) {
    if (!directory.empty()) directories.emplace_back(directory);
  }
  return directories;
}

}  // namespace wherry
