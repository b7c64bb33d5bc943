#include "wasi/streams.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/write_watch.h"

namespace wherry::wasi {

namespace {

FileType file_type_of_descriptor(int fd) {
  struct stat info;
  if (::fstat(fd, &info) != 0) return FileType::kUnknown;
  const FileType type = file_type_of_mode(info.st_mode);
  return type == FileType::kCharacterDevice && ::isatty(fd) == 0 ? FileType::kUnknown : type;
}

Transfer transfer_of(ssize_t result) {
  if (result < 0) return {.error = errno_from_host(errno)};
  return {.bytes = static_cast<uint64_t>(result)};
}

}  // namespace

FileType file_type_of_mode(uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFBLK: return FileType::kBlockDevice;
    case S_IFCHR: return FileType::kCharacterDevice;
    case S_IFDIR: return FileType::kDirectory;
    case S_IFREG: return FileType::kRegularFile;
    case S_IFLNK: return FileType::kSymbolicLink;
    case S_IFSOCK: return FileType::kSocketStream;
    default: return FileType::kUnknown;
  }
}

HostInput::HostInput(int fd) : fd_(fd), type_(file_type_of_descriptor(fd)) {}

Transfer HostInput::read(std::span<const iovec> into) {
  runtime::let_kernel_write(into);
  return transfer_of(::readv(fd_, into.data(), static_cast<int>(into.size())));
}

HostOutput::HostOutput(int fd) : fd_(fd), type_(file_type_of_descriptor(fd)) {}

// The host ignores SIGPIPE or not as it likes; without it a closed pipe is kPipe.
Transfer HostOutput::write(std::span<const iovec> from) {
  return transfer_of(::writev(fd_, from.data(), static_cast<int>(from.size())));
}

Transfer BytesInput::read(std::span<const iovec> into) {
  Transfer done;
  for (const iovec& piece : into) {
    size_t count = std::min(piece.iov_len, bytes_.size() - position_);
    if (count == 0) continue;
    std::memcpy(piece.iov_base, bytes_.data() + position_, count);
    position_ += count;
    done.bytes += count;
  }
  return done;
}

Transfer CallbackOutput::write(std::span<const iovec> from) {
  Transfer done;
  for (const iovec& piece : from) {
    done.stop_reason = sink_({static_cast<const uint8_t*>(piece.iov_base), piece.iov_len});
    if (!done.stop_reason.empty()) return done;
    done.bytes += piece.iov_len;
  }
  return done;
}

}  // namespace wherry::wasi
