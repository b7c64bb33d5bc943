#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace wherry {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int FileDescriptor::release() {
  int fd = fd_;
  fd_ = -1;
  return fd;
}

Result<FileDescriptor> open_for_reading(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, path);
  FileDescriptor file(fd);
  struct stat info;
  if (::fstat(fd, &info) != 0) return errno_error(errno, path);
  if (S_ISDIR(info.st_mode)) return make_error(ErrorKind::kInvalid, "{}: is a directory", path);
  return file;
}

Result<ByteVector> read_descriptor(int fd, std::string_view name, uint64_t limit_bytes) {
  ByteVector out;
  struct stat info;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
      static_cast<uint64_t>(info.st_size) <= limit_bytes) {
    out.reserve(static_cast<size_t>(info.st_size) + 1);
  }
  for (;;) {
    size_t have = out.size();
    size_t want = std::max<size_t>(out.capacity() - have, 64 * 1024);
    out.resize(have + want);
    ssize_t got = ::read(fd, out.data() + have, want);
    if (got < 0 && errno == EINTR)
      got = 0, out.resize(have);
    else if (got < 0)
      return errno_error(errno, name);
    else if (got == 0) {
      out.resize(have);
      return out;
    }
    out.resize(have + static_cast<size_t>(got));
    if (out.size() > limit_bytes) {
      return make_error(ErrorKind::kLimit, "{}: larger than the limit of {} bytes", name,
                        limit_bytes);
    }
  }
}

Result<ByteVector> read_file(const std::string& path, uint64_t limit_bytes) {
  if (path == "-") return read_descriptor(STDIN_FILENO, "standard input", limit_bytes);
  FileDescriptor file = TRY(open_for_reading(path));
  return read_descriptor(file.number(), path, limit_bytes);
}

Status check_directory_of(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string directory = slash == path.npos ? "." : path.substr(0, slash + 1);
  FileDescriptor open(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!open.is_open()) return errno_error(errno, directory);
  return ok_status();
}

Status write_new_file(const std::string& path, Bytes bytes) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return errno_error(errno, path);
  return write_all(file.number(), bytes, path);
}

Status write_all(int fd, Bytes bytes, std::string_view name) {
  while (!bytes.empty()) {
    ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return errno_error(errno, name);
    }
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
  return ok_status();
}

Status write_file_atomically(const std::string& path, Bytes bytes, unsigned mode) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    FileDescriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!device.is_open()) return errno_error(errno, path);
    return write_all(device.number(), bytes, path);
  }
  std::string temporary = path + ".XXXXXX";
  int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return errno_error(errno, path);
  FileDescriptor file(fd);
  Status written = write_all(fd, bytes, path);
  if (written.ok() && ::fchmod(fd, mode) != 0) written = errno_error(errno, path);
  if (written.ok() && ::fsync(fd) != 0 && errno != EINVAL) written = errno_error(errno, path);
  if (written.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    written = errno_error(errno, path);
  }
  if (!written.ok()) ::unlink(temporary.c_str());
  return written;
}

void for_each_file(const std::string& directory, std::string_view ending,
                   const std::function<void(const std::string& path, const struct stat&)>& use) {
  DIR* open = ::opendir(directory.c_str());
  if (open == nullptr) return;
  while (dirent* entry = ::readdir(open)) {
    std::string_view name = entry->d_name;
    struct stat status{};
    if (name.ends_with(ending) &&
        ::fstatat(::dirfd(open), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(status.st_mode)) {
      use(directory + "/" + entry->d_name, status);
    }
  }
  ::closedir(open);
}

Status make_directories(const std::string& path, unsigned mode) {
  for (size_t end = 1; end <= path.size(); end++) {
    if (end != path.size() && path[end] != '/') continue;
    std::string prefix = path.substr(0, end);
    if (::mkdir(prefix.c_str(), mode) != 0 && errno != EEXIST) return errno_error(errno, prefix);
  }
  return ok_status();
}

namespace {
void remove_tree(int parent, const char* name) {
  if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT) return;
  int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  if (DIR* directory = ::fdopendir(fd)) {
    while (dirent* entry = ::readdir(directory)) {
      std::string_view child = entry->d_name;
      if (child != "." && child != "..") remove_tree(::dirfd(directory), entry->d_name);
    }
    ::closedir(directory);
  } else {
    ::close(fd);
  }
  ::unlinkat(parent, name, AT_REMOVEDIR);
}

constexpr std::string_view kTemporaryPrefix = "wherry-";

// The directory, locked; nothing if it is someone else's, or is gone.
FileDescriptor lock_directory(const std::string& path) {
  FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status{};
  if (!directory.is_open() || ::flock(directory.number(), LOCK_EX | LOCK_NB) != 0 ||
      ::fstat(directory.number(), &status) != 0 || status.st_nlink == 0) {
    return {};
  }
  return directory;
}
}  // namespace

Result<TemporaryDirectory> TemporaryDirectory::create(const std::string& parent) {
  // Between the two calls someone may take it for abandoned; then the next one will do.
  for (int attempt = 0; attempt < 100; attempt++) {
    std::string path = fmt::format("{}/{}XXXXXX", parent, kTemporaryPrefix);
    if (::mkdtemp(path.data()) == nullptr) return errno_error(errno, path);
    FileDescriptor lock = lock_directory(path);
    if (lock.is_open()) return TemporaryDirectory(std::move(path), std::move(lock));
    ::rmdir(path.c_str());
  }
  return make_error(ErrorKind::kIo, "{}: cannot lock a temporary directory", parent);
}

TemporaryDirectory::~TemporaryDirectory() {
  if (!path_.empty()) remove_tree(AT_FDCWD, path_.c_str());
}

void remove_abandoned_directories(const std::string& parent) {
  DIR* directory = ::opendir(parent.c_str());
  if (directory == nullptr) return;
  while (dirent* entry = ::readdir(directory)) {
    std::string_view name = entry->d_name;
    if (!name.starts_with(kTemporaryPrefix) || name.size() != kTemporaryPrefix.size() + 6) continue;
    // Held while removing, so that nobody starts to use it meanwhile.
    FileDescriptor lock = lock_directory(parent + "/" + entry->d_name);
    if (lock.is_open()) remove_tree(::dirfd(directory), entry->d_name);
  }
  ::closedir(directory);
}

}  // namespace wherry
