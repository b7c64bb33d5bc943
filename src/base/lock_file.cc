#include "base/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace wherry {

namespace {

// The last holder may have removed the file while we waited for it: then another may lie there by
// now, and what we have locks nothing.
bool is_still_there(int fd, const std::string& path) {
  struct stat ours{}, there{};
  return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace

Result<std::optional<LockFile>> LockFile::acquire(const std::string& path, bool waits) {
  for (;;) {
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return errno_error(errno, path);
    while (::flock(file.number(), waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::optional<LockFile>();
      if (errno != EINTR) return errno_error(errno, path);
    }
    if (is_still_there(file.number(), path)) {
      return std::optional<LockFile>(LockFile(path, std::move(file)));
    }
  }
}

Result<LockFile> LockFile::acquire(const std::string& path) {
  std::optional<LockFile> lock = TRY(acquire(path, true));
  return std::move(*lock);
}

Result<std::optional<LockFile>> LockFile::try_acquire(const std::string& path) {
  return acquire(path, false);
}

LockFile::~LockFile() {
  if (!file_.is_open()) return;
  if (is_still_there(file_.number(), path_)) ::unlink(path_.c_str());
  // By name: a child of another thread's fork() may have the file open until it becomes a program.
  ::flock(file_.number(), LOCK_UN);
}

}  // namespace wherry
