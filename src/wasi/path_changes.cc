// The path functions that change a directory. Each opens the parents below the guest's directories
// and then works on one name in them, so that nothing is followed any more.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "wasi/call.h"
#include "wasi/path.h"

namespace wherry::wasi {

namespace {

Place place_of(Call& call, Fd directory, Rights needed, unsigned path_argument, Errno if_dots) {
  Place place;
  Found found = find_directory(call.world.descriptors(), directory, needed);
  if (found.error != Errno::kSuccess) {
    place.error = found.error;
    return place;
  }
  GuestPath path = read_path(call.memory, call.u32(path_argument), call.u32(path_argument + 1));
  if (path.error != Errno::kSuccess) {
    place.error = path.error;
    return place;
  }
  return find_place(found.descriptor->host.number(), path.text, if_dots);
}

Errno result_of(int host_result) {
  return host_result == 0 ? Errno::kSuccess : errno_from_host(errno);
}

// For a new name that ends in a slash and is not to be a directory.
Errno refuse_trailing_slash(const Place& place) {
  mode_t mode = place.mode();
  return mode == 0 ? Errno::kNoEnt : S_ISDIR(mode) ? Errno::kExist : Errno::kNotDir;
}

}  // namespace

Errno path_create_directory(Call& call) {
  Place place = place_of(call, call.u32(0), rights::kPathCreateDirectory, 1, Errno::kExist);
  if (place.error != Errno::kSuccess) return place.error;
  return result_of(::mkdirat(place.parent.number(), place.name.c_str(), 0777));
}

Errno path_remove_directory(Call& call) {
  Place place = place_of(call, call.u32(0), rights::kPathRemoveDirectory, 1, Errno::kInval);
  if (place.error != Errno::kSuccess) return place.error;
  return result_of(::unlinkat(place.parent.number(), place.name.c_str(), AT_REMOVEDIR));
}

Errno path_unlink_file(Call& call) {
  Place place = place_of(call, call.u32(0), rights::kPathUnlinkFile, 1, Errno::kIsDir);
  if (place.error != Errno::kSuccess) return place.error;
  if (place.trailing_slash) {
    mode_t mode = place.mode();
    return mode == 0 ? Errno::kNoEnt : S_ISDIR(mode) ? Errno::kIsDir : Errno::kNotDir;
  }
  return result_of(::unlinkat(place.parent.number(), place.name.c_str(), 0));
}

Errno path_rename(Call& call) {
  Place from = place_of(call, call.u32(0), rights::kPathRenameSource, 1, Errno::kInval);
  if (from.error != Errno::kSuccess) return from.error;
  Place to = place_of(call, call.u32(3), rights::kPathRenameTarget, 4, Errno::kInval);
  if (to.error != Errno::kSuccess) return to.error;
  if (from.trailing_slash || to.trailing_slash) {
    mode_t mode = from.mode();
    if (mode == 0) return Errno::kNoEnt;
    if (!S_ISDIR(mode)) return Errno::kNotDir;
  }
  return result_of(
      ::renameat(from.parent.number(), from.name.c_str(), to.parent.number(), to.name.c_str()));
}

Errno path_link(Call& call) {
  if (!is_lookup(call.u32(1))) return Errno::kInval;
  Place from = place_of(call, call.u32(0), rights::kPathLinkSource, 2, Errno::kPerm);
  if (from.error != Errno::kSuccess) return from.error;
  Place to = place_of(call, call.u32(4), rights::kPathLinkTarget, 5, Errno::kExist);
  if (to.error != Errno::kSuccess) return to.error;
  mode_t mode = from.mode();
  if (mode == 0) return Errno::kNoEnt;
  if (from.trailing_slash && !S_ISDIR(mode)) return Errno::kNotDir;
  // linkat follows a link without regard to RESOLVE_BENEATH, so links are linked, never followed.
  if (call.u32(1) == kSymlinkFollow && S_ISLNK(mode)) return Errno::kInval;
  if (to.trailing_slash) return refuse_trailing_slash(to);
  return result_of(
      ::linkat(from.parent.number(), from.name.c_str(), to.parent.number(), to.name.c_str(), 0));
}

Errno path_symlink(Call& call) {
  // The target is text and may lead anywhere relative: following it is what is kept below. Absolute
  // ones are refused, since only other programs than the guest could ever follow them.
  GuestPath target = read_path(call.memory, call.u32(0), call.u32(1));
  if (target.error != Errno::kSuccess) return target.error;
  Place place = place_of(call, call.u32(2), rights::kPathSymlink, 3, Errno::kExist);
  if (place.error != Errno::kSuccess) return place.error;
  if (place.trailing_slash) return refuse_trailing_slash(place);
  return result_of(::symlinkat(target.text.c_str(), place.parent.number(), place.name.c_str()));
}

}  // namespace wherry::wasi
