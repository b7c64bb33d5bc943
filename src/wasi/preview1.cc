#include "wasi/preview1.h"

#include <algorithm>

#include "contract/trap_code.h"
#include "wasi/call.h"

namespace wherry::wasi {

namespace {

template <Errno (*implementation)(Call&)>
runtime::HostOutcome enter(const runtime::HostCall& host) {
  Call call{host, *static_cast<World*>(host.environment), GuestMemory(host.instance.memory()), {}};
  Errno error = implementation(call);
  if (!call.stop_reason.empty()) {
    return host.trap(contract::TrapCode::kHost, std::move(call.stop_reason));
  }
  host.slots[0] = static_cast<uint16_t>(error);
  return runtime::HostOutcome::kContinue;
}

runtime::HostOutcome proc_exit(const runtime::HostCall& host) { return host.exit(host.arg32(0)); }

// Sorted by name.
constexpr Preview1Function kFunctions[] = {
    {"args_get", "ii:i", enter<args_get>},
    {"args_sizes_get", "ii:i", enter<args_sizes_get>},
    {"clock_res_get", "ii:i", enter<clock_res_get>},
    {"clock_time_get", "iIi:i", enter<clock_time_get>},
    {"environ_get", "ii:i", enter<environ_get>},
    {"environ_sizes_get", "ii:i", enter<environ_sizes_get>},
    {"fd_advise", "iIIi:i", enter<fd_advise>},
    {"fd_allocate", "iII:i", enter<fd_allocate>},
    {"fd_close", "i:i", enter<fd_close>},
    {"fd_datasync", "i:i", enter<fd_datasync>},
    {"fd_fdstat_get", "ii:i", enter<fd_fdstat_get>},
    {"fd_fdstat_set_flags", "ii:i", enter<fd_fdstat_set_flags>},
    {"fd_fdstat_set_rights", "iII:i", enter<fd_fdstat_set_rights>},
    {"fd_filestat_get", "ii:i", enter<fd_filestat_get>},
    {"fd_filestat_set_size", "iI:i", enter<fd_filestat_set_size>},
    {"fd_filestat_set_times", "iIIi:i", enter<fd_filestat_set_times>},
    {"fd_pread", "iiiIi:i", enter<fd_pread>},
    {"fd_prestat_dir_name", "iii:i", enter<fd_prestat_dir_name>},
    {"fd_prestat_get", "ii:i", enter<fd_prestat_get>},
    {"fd_pwrite", "iiiIi:i", enter<fd_pwrite>},
    {"fd_read", "iiii:i", enter<fd_read>},
    {"fd_readdir", "iiiIi:i", enter<fd_readdir>},
    {"fd_renumber", "ii:i", enter<fd_renumber>},
    {"fd_seek", "iIii:i", enter<fd_seek>},
    {"fd_sync", "i:i", enter<fd_sync>},
    {"fd_tell", "ii:i", enter<fd_tell>},
    {"fd_write", "iiii:i", enter<fd_write>},
    {"path_create_directory", "iii:i", enter<path_create_directory>},
    {"path_filestat_get", "iiiii:i", enter<path_filestat_get>},
    {"path_filestat_set_times", "iiiiIIi:i", enter<path_filestat_set_times>},
    {"path_link", "iiiiiii:i", enter<path_link>},
    {"path_open", "iiiiiIIii:i", enter<path_open>},
    {"path_readlink", "iiiiii:i", enter<path_readlink>},
    {"path_remove_directory", "iii:i", enter<path_remove_directory>},
    {"path_rename", "iiiiii:i", enter<path_rename>},
    {"path_symlink", "iiiii:i", enter<path_symlink>},
    {"path_unlink_file", "iii:i", enter<path_unlink_file>},
    {"poll_oneoff", "iiii:i", enter<poll_oneoff>},
    {"proc_exit", "i:", proc_exit},
    {"proc_raise", "i:i", enter<proc_raise>},
    {"random_get", "ii:i", enter<random_get>},
    {"sched_yield", ":i", enter<sched_yield>},
    {"sock_accept", "iii:i", enter<sock_accept>},
    {"sock_recv", "iiiiii:i", enter<sock_recv>},
    {"sock_send", "iiiii:i", enter<sock_send>},
    {"sock_shutdown", "ii:i", enter<sock_shutdown>},
};
static_assert(std::ranges::is_sorted(kFunctions, {}, &Preview1Function::name));
static_assert(std::size(kFunctions) == 46);

}  // namespace

const Preview1Function* find_preview1(std::string_view name) {
  auto* found = std::ranges::lower_bound(kFunctions, name, {}, &Preview1Function::name);
  return found != std::end(kFunctions) && found->name == name ? found : nullptr;
}

wasm::FuncType type_of(const Preview1Function& function) {
  wasm::FuncType type;
  size_t colon = function.signature.find(':');
  for (size_t i = 0; i < function.signature.size(); i++) {
    if (i == colon) continue;
    wasm::ValueType value = function.signature[i] == 'I' ? wasm::kI64 : wasm::kI32;
    (i < colon ? type.params : type.results).push_back(value);
  }
  return type;
}

}  // namespace wherry::wasi
