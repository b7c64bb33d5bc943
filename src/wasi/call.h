// One call of a preview 1 function: what its implementation is given, and the list of all of them.
//
// An implementation reads its arguments by position, works on `world` and `memory`, and returns the
// errno that the guest gets. It checks every place it will store to before it changes anything the
// guest could notice, as far as that can be known.
#pragma once

#include <cerrno>
#include <string>

#include "runtime/store.h"
#include "wasi/errno.h"
#include "wasi/guest_memory.h"
#include "wasi/world.h"

namespace wherry::wasi {

struct Call {
  const uint64_t* arguments;
  World& world;
  GuestMemory memory;
  const runtime::Store* store = nullptr;  // the guest's; null in tests without an engine
  std::string stop_reason = {};  // not empty: the guest ends with it instead of getting an errno
  bool must_wait = false;        // the guest is suspended, and the call made again

  uint32_t u32(unsigned index) const { return static_cast<uint32_t>(arguments[index]); }
  uint64_t u64(unsigned index) const { return arguments[index]; }
  bool interrupted() const { return store != nullptr && store->interrupt_requested(); }
};

// The result of a system call that is made again when a signal cuts it short, unless the signal
// came to end the guest. Programs do not expect kIntr: WASI has no signals.
template <typename SystemCall>
auto restarted(const Call& call, SystemCall system_call) {
  auto result = system_call();
  while (result < 0 && errno == EINTR && !call.interrupted()) result = system_call();
  return result;
}

// The same for work of ours that answers with an errno among other things, as Transfer and Opened.
template <typename Work>
auto restarted_work(const Call& call, Work work) {
  auto result = work();
  while (result.error == Errno::kIntr && !call.interrupted()) result = work();
  return result;
}

// arguments.cc
Errno args_get(Call& call);
Errno args_sizes_get(Call& call);
Errno environ_get(Call& call);
Errno environ_sizes_get(Call& call);
// system.cc
Errno clock_res_get(Call& call);
Errno clock_time_get(Call& call);
Errno random_get(Call& call);
Errno sched_yield(Call& call);
Errno proc_raise(Call& call);
Errno sock_accept(Call& call);
Errno sock_recv(Call& call);
Errno sock_send(Call& call);
Errno sock_shutdown(Call& call);
// files.cc
Errno fd_read(Call& call);
Errno fd_pread(Call& call);
Errno fd_write(Call& call);
Errno fd_pwrite(Call& call);
Errno fd_seek(Call& call);
Errno fd_tell(Call& call);
Errno fd_sync(Call& call);
Errno fd_datasync(Call& call);
Errno fd_advise(Call& call);
Errno fd_allocate(Call& call);
// descriptor_calls.cc
Errno fd_close(Call& call);
Errno fd_renumber(Call& call);
Errno fd_fdstat_get(Call& call);
Errno fd_fdstat_set_flags(Call& call);
Errno fd_fdstat_set_rights(Call& call);
Errno fd_filestat_get(Call& call);
Errno fd_filestat_set_size(Call& call);
Errno fd_filestat_set_times(Call& call);
Errno fd_prestat_get(Call& call);
Errno fd_prestat_dir_name(Call& call);
// directory.cc
Errno fd_readdir(Call& call);
// path_calls.cc
Errno path_open(Call& call);
Errno path_filestat_get(Call& call);
Errno path_filestat_set_times(Call& call);
Errno path_readlink(Call& call);
// path_changes.cc
Errno path_create_directory(Call& call);
Errno path_link(Call& call);
Errno path_remove_directory(Call& call);
Errno path_rename(Call& call);
Errno path_symlink(Call& call);
Errno path_unlink_file(Call& call);
// poll.cc
Errno poll_oneoff(Call& call);

}  // namespace wherry::wasi
