#include "cli/admin_address.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.h"

namespace wherry::cli {

namespace {

std::string runtime_directory() {
  const char* xdg = std::getenv("XDG_RUNTIME_DIR");
  if (xdg != nullptr && xdg[0] == '/') return std::string(xdg) + "/wherry";
  return fmt::format("/tmp/wherry-{}", ::getuid());
}

// Somebody else's directory would let them answer for us.
Status check_directory(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return errno_error(errno, path);
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 022) != 0) {
    return make_error(ErrorKind::kInvalid, "{} is not a directory that is ours alone", path);
  }
  return ok_status();
}

std::string socket_of(const std::string& listening) {
  return fmt::format("{}/{}.sock", runtime_directory(), listening.substr(listening.rfind(':') + 1));
}

}  // namespace

Result<std::string> make_admin_address(const std::string& listening) {
  std::string directory = runtime_directory();
  TRY(make_directories(directory, 0700));
  TRY(check_directory(directory));
  return "unix:" + socket_of(listening);
}

Result<std::string> find_admin_address(const std::string& server) {
  if (server.starts_with("unix:")) return server;
  std::string listening = server.empty() ? "127.0.0.1:8080" : server;
  std::string path = socket_of(listening);
  if (::access(path.c_str(), F_OK) == 0) {
    TRY(check_directory(runtime_directory()));
    return "unix:" + path;
  }
  if (!server.empty()) return server;
  return make_error(ErrorKind::kNotFound, "no server of yours listens on {}: there is no {}",
                    listening, path)
      .with_hint("--server with the server's --listen address, or with its --admin address");
}

}  // namespace wherry::cli
