// path_open and what looks at a path without changing the directory it is in.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "wasi/call.h"
#include "wasi/file_status.h"
#include "wasi/path.h"

namespace wherry::wasi {

namespace {

struct OpenRequest {
  Rights rights;
  uint16_t oflags;
  uint16_t fdflags;
  bool follow;

  bool wants_read() const { return (rights & (rights::kFdRead | rights::kFdReaddir)) != 0; }
  bool wants_write() const { return (rights & rights::kFdWrite) != 0; }

  // What the directory must allow; creating and truncating are changes whatever else is asked.
  Rights needed() const {
    Rights needed = rights::kPathOpen;
    if (oflags & kCreate) needed |= rights::kPathCreateFile;
    if (oflags & kTruncate) needed |= rights::kPathFilestatSetSize;
    return needed;
  }

  int host_flags() const {
    int flags = 0;
    if (oflags & kDirectoryOnly) {
      flags = O_RDONLY | O_DIRECTORY;
    } else if (wants_write()) {
      flags = wants_read() ? O_RDWR : O_WRONLY;
    }
    if (oflags & kCreate) flags |= O_CREAT;
    if (oflags & kExclusive) flags |= O_EXCL;
    if (oflags & kTruncate) flags |= O_TRUNC;
    if (fdflags & kAppend) flags |= O_APPEND;
    if (fdflags & kNonblock) flags |= O_NONBLOCK;
    if (fdflags & kDsync) flags |= O_DSYNC;
    if (fdflags & (kSync | kRsync)) flags |= O_SYNC;
    if (!follow) flags |= O_NOFOLLOW;
    return flags;
  }
};

// What the directory hands down and fits what was opened. Of the rights asked for, reading and
// writing choose how a file is opened; the others are given unasked, since programs rely on it:
// they open with what they think they need, often nothing for a directory, and use all there is.
// To have less, they call fd_fdstat_set_rights.
void set_rights(Descriptor& opened, const OpenRequest& request, const Descriptor& directory) {
  if (opened.is_directory()) {
    opened.rights = directory.inheriting & rights::kDirectory;
    opened.inheriting = directory.inheriting;
    return;
  }
  opened.rights = directory.inheriting & rights::kFile;
  if (!(request.rights & rights::kFdRead)) opened.rights &= ~rights::kFdRead;
  if (!request.wants_write()) opened.rights &= ~rights::kChangesFile | rights::kFdFilestatSetTimes;
}

}  // namespace

Errno path_open(Call& call) {
  OpenRequest request{.rights = call.u64(5),
                      .oflags = static_cast<uint16_t>(call.u32(4)),
                      .fdflags = static_cast<uint16_t>(call.u32(7)),
                      .follow = (call.u32(1) & kSymlinkFollow) != 0};
  if ((call.u32(4) & ~0xfu) != 0 || (call.u32(7) & ~0x1fu) != 0) return Errno::kInval;
  if (!is_lookup(call.u32(1))) return Errno::kInval;
  if ((request.oflags & kCreate) && (request.oflags & kDirectoryOnly)) return Errno::kInval;
  Found found = find_directory(call.world.descriptors(), call.u32(0), request.needed());
  if (found.error != Errno::kSuccess) return found.error;
  const Descriptor& directory = *found.descriptor;
  bool may_write = (directory.inheriting & rights::kFdWrite) != 0;
  if (request.wants_write() && !may_write && !(request.oflags & kDirectoryOnly)) {
    return Errno::kNotCapable;
  }
  GuestPath path = read_path(call.memory, call.u32(2), call.u32(3));
  if (path.error != Errno::kSuccess) return path.error;
  if (call.memory.at(call.u32(8), sizeof(Fd)) == nullptr) return Errno::kFault;
  // Before anything is created or truncated.
  if (call.world.descriptors().is_full()) return Errno::kMFile;

  // A FIFO waits here for its other end.
  Opened opened = restarted_work(call, [&] {
    return open_beneath(directory.host.number(), path.text, request.host_flags(), 0666);
  });
  if (opened.error != Errno::kSuccess) return opened.error;
  if ((request.oflags & kDirectoryOnly) && request.wants_write()) return Errno::kIsDir;
  struct stat info;
  if (::fstat(opened.file.number(), &info) != 0) return errno_from_host(errno);

  Descriptor descriptor;
  descriptor.type = file_type_of_mode(info.st_mode);
  descriptor.host = std::move(opened.file);
  descriptor.flags = request.fdflags;
  set_rights(descriptor, request, directory);
  std::optional<Fd> fd = call.world.descriptors().insert(std::move(descriptor));
  if (!fd) return Errno::kMFile;
  return call.memory.store(call.u32(8), *fd) ? Errno::kSuccess : Errno::kFault;
}

namespace {

// Opens what the path names without access to its contents.
Opened open_to_look(Call& call, Rights needed, uint32_t lookup, unsigned path_argument) {
  if (!is_lookup(lookup)) return {.error = Errno::kInval};
  Found found = find_directory(call.world.descriptors(), call.u32(0), needed);
  if (found.error != Errno::kSuccess) return {.error = found.error};
  GuestPath path = read_path(call.memory, call.u32(path_argument), call.u32(path_argument + 1));
  if (path.error != Errno::kSuccess) return {.error = path.error};
  int flags = O_PATH | (lookup == kSymlinkFollow ? 0 : O_NOFOLLOW);
  return open_beneath(found.descriptor->host.number(), path.text, flags);
}

}  // namespace

Errno path_filestat_get(Call& call) {
  Opened opened = open_to_look(call, rights::kPathFilestatGet, call.u32(1), 2);
  if (opened.error != Errno::kSuccess) return opened.error;
  return store_file_status(call, opened.file.number(), call.u32(4));
}

Errno path_filestat_set_times(Call& call) {
  std::optional<FileTimes> times = file_times(call.u64(4), call.u64(5), call.u32(6));
  if (!times) return Errno::kInval;
  Opened opened = open_to_look(call, rights::kPathFilestatSetTimes, call.u32(1), 2);
  if (opened.error != Errno::kSuccess) return opened.error;
  int failed = ::utimensat(opened.file.number(), "", times->times, AT_EMPTY_PATH);
  return failed == 0 ? Errno::kSuccess : errno_from_host(errno);
}

Errno path_readlink(Call& call) {
  Opened opened = open_to_look(call, rights::kPathReadlink, 0, 1);
  if (opened.error != Errno::kSuccess) return opened.error;
  char target[kMaxPathBytes];
  ssize_t length = ::readlinkat(opened.file.number(), "", target, sizeof(target));
  // Through a descriptor, Linux answers ENOENT for what is not a symbolic link.
  if (length < 0) return errno == ENOENT ? Errno::kInval : errno_from_host(errno);
  uint32_t count = std::min(static_cast<uint32_t>(length), call.u32(4));
  uint8_t* into = call.memory.at(call.u32(3), call.u32(4));
  if (into == nullptr || !call.memory.store(call.u32(5), count)) return Errno::kFault;
  std::copy_n(target, count, into);
  return Errno::kSuccess;
}

}  // namespace wherry::wasi
