// Files and descriptors: whole-file reads, atomic writes, owned descriptors, temporary directories.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace wherry {

// An owned file descriptor; -1 when empty.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int number() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int release();

 private:
  int fd_ = -1;
};

// Opens for reading. Errors name the path.
Result<FileDescriptor> open_for_reading(const std::string& path);

// The whole file, refused (kLimit) above `limit_bytes`. A path of "-" is standard input.
Result<ByteVector> read_file(const std::string& path, uint64_t limit_bytes);
Result<ByteVector> read_descriptor(int fd, std::string_view name, uint64_t limit_bytes);

// Writes a temporary file beside `path`, syncs and renames it: the path holds the old bytes or all
// of the new ones, whatever happens. Devices and pipes are written to instead of being replaced.
Status write_file_atomically(const std::string& path, Bytes bytes, unsigned mode = 0644);

// An error if the directory that `path` would lie in is not there.
Status check_directory_of(const std::string& path);

// Creates a file that must not be there yet, for its owner alone: for directories of our own.
Status write_new_file(const std::string& path, Bytes bytes);

// Writes all bytes to a descriptor, through interrupts and short writes.
Status write_all(int fd, Bytes bytes, std::string_view name);

// Regular files in the directory whose names end so; none if it cannot be read.
void for_each_file(const std::string& directory, std::string_view ending,
                   const std::function<void(const std::string& path, const struct stat&)>& use);

// Creates a directory and its parents; existing ones are fine.
Status make_directories(const std::string& path, unsigned mode = 0755);

// A fresh directory below `parent`, removed with its contents by the destructor. For as long as it
// lives it is locked (flock), which tells it from the leftovers of a process that was killed.
class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> create(const std::string& parent = "/tmp");
  TemporaryDirectory(TemporaryDirectory&& other) noexcept
      : path_(std::move(other.path_)), lock_(std::move(other.lock_)) {
    other.path_.clear();
  }
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory();

  const std::string& path() const { return path_; }

 private:
  TemporaryDirectory(std::string path, FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  FileDescriptor lock_;
};

// Removes those temporary directories below `parent` whose processes have ended without it.
void remove_abandoned_directories(const std::string& parent);

}  // namespace wherry
