// A lock between processes: a file that at most one of them holds (flock). The kernel frees it when
// its holder ends, however that happens; the file itself is gone while nobody holds it, unless a
// holder was killed.
//
// Any thread may hold one; two in one process exclude each other like two processes.
#pragma once

#include <optional>
#include <string>

#include "base/files.h"
#include "base/result.h"

namespace wherry {

class LockFile {
 public:
  // Waits for whoever holds it.
  static Result<LockFile> acquire(const std::string& path);
  // Nothing if another holds it.
  static Result<std::optional<LockFile>> try_acquire(const std::string& path);

  LockFile(LockFile&&) noexcept = default;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  LockFile(std::string path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  static Result<std::optional<LockFile>> acquire(const std::string& path, bool waits);

  std::string path_;
  FileDescriptor file_;  // not open: moved from
};

}  // namespace wherry
