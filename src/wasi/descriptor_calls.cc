// Descriptors themselves: closing, status, flags, rights, times, and what a preopen is called.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "wasi/call.h"
#include "wasi/file_status.h"

namespace wherry::wasi {

namespace {
constexpr uint32_t kSyncFlags = kDsync | kRsync | kSync;
}

Errno fd_close(Call& call) {
  return call.world.descriptors().close(call.u32(0)) ? Errno::kSuccess : Errno::kBadF;
}

Errno fd_renumber(Call& call) {
  bool moved = call.world.descriptors().renumber(call.u32(0), call.u32(1));
  return moved ? Errno::kSuccess : Errno::kBadF;
}

Errno fd_fdstat_get(Call& call) {
  Found found = find_any(call.world.descriptors(), call.u32(0), 0);
  if (found.error != Errno::kSuccess) return found.error;
  FdStat status{.filetype = static_cast<uint8_t>(found.descriptor->type),
                .flags = found.descriptor->flags,
                .rights_base = found.descriptor->rights,
                .rights_inheriting = found.descriptor->inheriting};
  return call.memory.store(call.u32(1), status) ? Errno::kSuccess : Errno::kFault;
}

// Streams keep their flags here: the host's own descriptor may be shared with other programs.
Errno fd_fdstat_set_flags(Call& call) {
  Found found = find_any(call.world.descriptors(), call.u32(0), rights::kFdFdstatSetFlags);
  if (found.error != Errno::kSuccess) return found.error;
  Descriptor& descriptor = *found.descriptor;
  call.world.descriptors().mark_changed();
  uint32_t flags = call.u32(1);
  if ((flags & ~0x1fu) != 0) return Errno::kInval;
  // Linux cannot change these on an open file.
  if (((flags ^ descriptor.flags) & kSyncFlags) != 0) return Errno::kNotSup;
  if (!descriptor.is_stream()) {
    int host = ((flags & kAppend) ? O_APPEND : 0) | ((flags & kNonblock) ? O_NONBLOCK : 0);
    if (::fcntl(descriptor.host.number(), F_SETFL, host) != 0) return errno_from_host(errno);
  }
  descriptor.flags = static_cast<uint16_t>(flags);
  return Errno::kSuccess;
}

Errno fd_fdstat_set_rights(Call& call) {
  Found found = find_any(call.world.descriptors(), call.u32(0), 0);
  if (found.error != Errno::kSuccess) return found.error;
  Descriptor& descriptor = *found.descriptor;
  bool grows = (call.u64(1) & ~descriptor.rights) || (call.u64(2) & ~descriptor.inheriting);
  if (grows) return Errno::kNotCapable;
  call.world.descriptors().mark_changed();
  descriptor.rights = call.u64(1);
  descriptor.inheriting = call.u64(2);
  return Errno::kSuccess;
}

Errno fd_filestat_get(Call& call) {
  Found found = find_any(call.world.descriptors(), call.u32(0), rights::kFdFilestatGet);
  if (found.error != Errno::kSuccess) return found.error;
  if (!found.descriptor->is_stream()) {
    return store_file_status(call, found.descriptor->host.number(), call.u32(1));
  }
  FileStat status{.filetype = static_cast<uint8_t>(found.descriptor->type)};
  return call.memory.store(call.u32(1), status) ? Errno::kSuccess : Errno::kFault;
}

Errno fd_filestat_set_size(Call& call) {
  Found found = find_file(call.world.descriptors(), call.u32(0), 0);
  // What POSIX says of files that are not open for writing, and of pipes.
  if (found.error == Errno::kSPipe) return Errno::kInval;
  if (found.error != Errno::kSuccess) return found.error;
  Rights rights = found.descriptor->rights;
  if ((rights & rights::kFdFilestatSetSize) == 0) {
    return (rights & rights::kFdWrite) == 0 ? Errno::kInval : Errno::kNotCapable;
  }
  int failed = ::ftruncate(found.descriptor->host.number(), static_cast<off_t>(call.u64(1)));
  return failed == 0 ? Errno::kSuccess : errno_from_host(errno);
}

Errno fd_filestat_set_times(Call& call) {
  Found found = find_any(call.world.descriptors(), call.u32(0), rights::kFdFilestatSetTimes);
  if (found.error != Errno::kSuccess) return found.error;
  std::optional<FileTimes> times = file_times(call.u64(1), call.u64(2), call.u32(3));
  if (!times) return Errno::kInval;
  int failed = ::futimens(found.descriptor->host.number(), times->times);
  return failed == 0 ? Errno::kSuccess : errno_from_host(errno);
}

Errno fd_prestat_get(Call& call) {
  Found found = find_any(call.world.descriptors(), call.u32(0), 0);
  if (found.error != Errno::kSuccess) return found.error;
  if (!found.descriptor->preopen_name) return Errno::kBadF;
  Prestat prestat{.name_length = static_cast<uint32_t>(found.descriptor->preopen_name->size())};
  return call.memory.store(call.u32(1), prestat) ? Errno::kSuccess : Errno::kFault;
}

Errno fd_prestat_dir_name(Call& call) {
  Found found = find_any(call.world.descriptors(), call.u32(0), 0);
  if (found.error != Errno::kSuccess) return found.error;
  if (!found.descriptor->preopen_name) return Errno::kBadF;
  const std::string& name = *found.descriptor->preopen_name;
  if (call.u32(2) < name.size()) return Errno::kNameTooLong;
  uint8_t* into = call.memory.at(call.u32(1), name.size());
  if (into == nullptr) return Errno::kFault;
  std::copy(name.begin(), name.end(), into);
  return Errno::kSuccess;
}

}  // namespace wherry::wasi
