#include "wasi/path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace wherry::wasi {

Opened open_beneath(int directory, const std::string& path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  // O_PATH refuses most other flags.
  if ((flags & O_PATH) == 0) how.flags |= O_NOCTTY;
  if ((flags & O_CREAT) != 0) how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: a rename or mount elsewhere made the kernel unsure about a ".."; it asks to be retried.
  for (int attempt = 0; attempt < 32; attempt++) {
    long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof(how));
    if (fd >= 0) return {.file = FileDescriptor(static_cast<int>(fd))};
    if (errno != EAGAIN) break;
  }
  return {.error = errno == EXDEV ? Errno::kPerm : errno_from_host(errno)};
}

Errno check_path(std::string_view path) {
  if (path.size() > kMaxPathBytes) return Errno::kNameTooLong;
  if (path.empty()) return Errno::kNoEnt;
  if (path.front() == '/') return Errno::kPerm;
  if (path.find('\0') != std::string_view::npos) return Errno::kInval;
  if (!is_utf8(as_bytes(path))) return Errno::kIlSeq;
  return Errno::kSuccess;
}

GuestPath read_path(const GuestMemory& memory, uint32_t address, uint32_t length) {
  const uint8_t* bytes = memory.at(address, length);
  if (bytes == nullptr) return {.error = Errno::kFault};
  if (length > kMaxPathBytes) return {.error = Errno::kNameTooLong};
  GuestPath path{.text = std::string(as_text({bytes, length}))};
  path.error = check_path(path.text);
  return path;
}

PathParts split_path(std::string_view path) {
  PathParts parts;
  while (path.ends_with('/')) {
    path.remove_suffix(1);
    parts.trailing_slash = true;
  }
  size_t slash = path.rfind('/');
  parts.last = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  path.remove_suffix(parts.last.size());
  while (path.ends_with('/')) path.remove_suffix(1);
  parts.parent = path.empty() ? "." : path;
  return parts;
}

mode_t Place::mode() const {
  struct stat info;
  int failed = ::fstatat(parent.number(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW);
  return failed == 0 ? info.st_mode : 0;
}

Place find_place(int directory, const std::string& path, Errno if_dots) {
  PathParts parts = split_path(path);
  Place place;
  if (parts.last == "." || parts.last == "..") {
    Errno error = open_beneath(directory, path, O_PATH | O_DIRECTORY).error;
    place.error = error == Errno::kSuccess ? if_dots : error;
    return place;
  }
  Opened parent = open_beneath(directory, parts.parent, O_PATH | O_DIRECTORY);
  place.parent = std::move(parent.file);
  place.error = parent.error;
  place.name = std::move(parts.last);
  place.trailing_slash = parts.trailing_slash;
  return place;
}

}  // namespace wherry::wasi
