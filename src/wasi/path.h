// Paths from guests, kept below a directory by the kernel.
//
// Nothing here walks a path itself: openat2 with RESOLVE_BENEATH does, so a symbolic link that is
// swapped in meanwhile leads nowhere either. Operations on a name (rename, unlink, …) get its
// parent directory opened that way and the last component, which never holds a '/' and is never "."
// or "..".
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/files.h"
#include "wasi/errno.h"
#include "wasi/guest_memory.h"

namespace wherry::wasi {

inline constexpr uint32_t kMaxPathBytes = 4096;

struct Opened {
  FileDescriptor file;
  Errno error = Errno::kSuccess;
};

// openat2 below `directory`; O_CLOEXEC and O_NOCTTY are added. A path that leads outside is kPerm.
Opened open_beneath(int directory, const std::string& path, int flags, mode_t mode = 0);

// kPerm for absolute paths, kNoEnt for the empty one, kInval for a zero byte, kIlSeq if not UTF-8,
// kNameTooLong above kMaxPathBytes.
Errno check_path(std::string_view path);

// Copies a path out of guest memory and checks it.
struct GuestPath {
  std::string text;
  Errno error = Errno::kSuccess;
};
GuestPath read_path(const GuestMemory& memory, uint32_t address, uint32_t length);

// "a/b//" is parent "a", last "b", with a trailing slash; the parent of "a" is ".".
struct PathParts {
  std::string parent;
  std::string last;
  bool trailing_slash = false;
};
PathParts split_path(std::string_view path);

// A name in an open directory.
struct Place {
  FileDescriptor parent;
  std::string name;
  bool trailing_slash = false;
  Errno error = Errno::kSuccess;

  // The mode of what has the name, links not followed; 0 if there is nothing.
  mode_t mode() const;
};
// For a path that ends in "." or ".." the error is `if_dots` if there is such a directory.
Place find_place(int directory, const std::string& path, Errno if_dots);

}  // namespace wherry::wasi
