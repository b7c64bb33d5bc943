#include "cli/settings.h"

#include <unistd.h>

#include <charconv>
#include <climits>
#include <cstdlib>
#include <string_view>

#include "base/programs.h"

namespace wherry::cli {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string default_cache_directory() {
  // A relative XDG_CACHE_HOME is to be ignored, says the XDG Base Directory specification.
  if (std::string xdg = variable("XDG_CACHE_HOME"); xdg.starts_with('/')) return xdg + "/wherry";
  if (std::string home = variable("HOME"); !home.empty()) return home + "/.cache/wherry";
  return {};
}

Result<uint64_t> bytes_of_mebibytes(const std::string& text) {
  uint32_t mebibytes = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, mebibytes);
  if (error != std::errc() || stop != end) {
    return make_error(ErrorKind::kInvalid, "WHERRY_CACHE_SIZE={}: not a number of MiB", text);
  }
  return uint64_t{mebibytes} << 20;
}

}  // namespace

std::string beside_this_program(std::string_view name) {
  char path[PATH_MAX];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  std::string_view self(path, length > 0 ? static_cast<size_t>(length) : 0);
  return std::string(self.substr(0, self.rfind('/') + 1)) + std::string(name);
}

std::vector<std::string> engine_directories() {
  std::string own = beside_this_program("");
  while (own.ends_with('/')) own.pop_back();
  std::vector<std::string> directories = {own};
  if (std::string set = variable("WHERRY_ENGINES"); !set.empty()) {
    directories.push_back(set + "/bin");
  } else if (std::string xdg = variable("XDG_DATA_HOME"); xdg.starts_with('/')) {
    directories.push_back(xdg + "/wherry/engines/bin");
  } else if (std::string home = variable("HOME"); !home.empty()) {
    directories.push_back(home + "/.local/share/wherry/engines/bin");
  }
  const auto path = directories_of_path(variable("PATH"));
  directories.insert(directories.end(), path.begin(), path.end());
  return directories;
}

Result<Settings> read_settings() {
  Settings settings;
  settings.cache_directory = variable("WHERRY_CACHE_DIR");
  if (settings.cache_directory.empty()) settings.cache_directory = default_cache_directory();
  if (std::string size = variable("WHERRY_CACHE_SIZE"); !size.empty()) {
    settings.cache_bytes = TRY(bytes_of_mebibytes(size));
  }
  settings.compiler = variable("WHERRY_COMPILE");
  if (settings.compiler.empty()) settings.compiler = beside_this_program("wherry-compile");
  settings.background = variable("WHERRY_BACKGROUND") != "0";
  settings.api_host = variable("__OW_API_HOST");
  settings.allow_concurrent = variable("__OW_ALLOW_CONCURRENT") == "true";
  return settings;
}

}  // namespace wherry::cli
