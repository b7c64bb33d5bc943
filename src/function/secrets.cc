// Secrets: values of environment variables that lie in files of their own, or that the platform
// gave the host.
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "base/files.h"
#include "function/manifest.h"

namespace wherry::function {

namespace {

constexpr uint64_t kMaxSecretBytes = 128 << 10;  // what Linux allows a variable to have

Result<std::string> read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value != nullptr) return std::string(value);
  return make_error(ErrorKind::kNotFound, "the host's environment has no variable {}", name)
      .with_hint(fmt::format("set {} where this function is deployed", name));
}

Result<std::string> read_secret(const Secret& secret, std::vector<std::string>& warnings) {
  if (secret.path.empty()) return read_variable(secret.environment);
  FileDescriptor file = TRY(open_for_reading(secret.path));
  struct stat status;
  if (::fstat(file.number(), &status) != 0) return errno_error(errno, secret.path);
  if (S_ISREG(status.st_mode) && (status.st_mode & S_IROTH)) {
    warnings.push_back(fmt::format("{}: every user can read {}", secret.where, secret.path));
  }
  ByteVector bytes = TRY(read_descriptor(file.number(), secret.path, kMaxSecretBytes));
  std::string text(as_text(bytes));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.find('\0') != text.npos) {
    return make_error(ErrorKind::kInvalid, "{} has a zero byte, which no variable can have",
                      secret.path);
  }
  return text;
}

}  // namespace

Result<std::vector<std::string>> read_secrets(FunctionManifest& function) {
  std::vector<std::string> warnings;
  for (const auto& [name, secret] : function.secrets) {
    function.options.environment[name] =
        TRY(read_secret(secret, warnings).context("{}: secret {}", secret.where, name));
  }
  return warnings;
}

}  // namespace wherry::function
