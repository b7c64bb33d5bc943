#include "wasi/preview1.h"

#include <algorithm>

#include "contract/trap_code.h"
#include "runtime/instance.h"

namespace wherry::wasi {

namespace {

template <Errno (*implementation)(Call&)>
runtime::HostOutcome enter(const runtime::HostCall& host) {
  Call call{.arguments = host.slots,
            .world = *static_cast<World*>(host.environment),
            .memory = GuestMemory(host.instance.memory()),
            .store = &host.instance.store()};
  Errno error = implementation(call);
  if (call.must_wait && host.may_suspend()) return runtime::HostOutcome::kSuspend;
  if (!call.stop_reason.empty()) {
    return host.trap(contract::TrapCode::kHost, std::move(call.stop_reason));
  }
  host.slots[0] = static_cast<uint16_t>(error);
  return runtime::HostOutcome::kContinue;
}

runtime::HostOutcome proc_exit(const runtime::HostCall& host) { return host.exit(host.arg32(0)); }

template <Errno (*implementation)(Call&)>
constexpr Preview1Function function(std::string_view name, std::string_view signature) {
  return {name, signature, enter<implementation>, implementation};
}

// Sorted by name.
constexpr Preview1Function kFunctions[] = {
    function<args_get>("args_get", "ii:i"),
    function<args_sizes_get>("args_sizes_get", "ii:i"),
    function<clock_res_get>("clock_res_get", "ii:i"),
    function<clock_time_get>("clock_time_get", "iIi:i"),
    function<environ_get>("environ_get", "ii:i"),
    function<environ_sizes_get>("environ_sizes_get", "ii:i"),
    function<fd_advise>("fd_advise", "iIIi:i"),
    function<fd_allocate>("fd_allocate", "iII:i"),
    function<fd_close>("fd_close", "i:i"),
    function<fd_datasync>("fd_datasync", "i:i"),
    function<fd_fdstat_get>("fd_fdstat_get", "ii:i"),
    function<fd_fdstat_set_flags>("fd_fdstat_set_flags", "ii:i"),
    function<fd_fdstat_set_rights>("fd_fdstat_set_rights", "iII:i"),
    function<fd_filestat_get>("fd_filestat_get", "ii:i"),
    function<fd_filestat_set_size>("fd_filestat_set_size", "iI:i"),
    function<fd_filestat_set_times>("fd_filestat_set_times", "iIIi:i"),
    function<fd_pread>("fd_pread", "iiiIi:i"),
    function<fd_prestat_dir_name>("fd_prestat_dir_name", "iii:i"),
    function<fd_prestat_get>("fd_prestat_get", "ii:i"),
    function<fd_pwrite>("fd_pwrite", "iiiIi:i"),
    function<fd_read>("fd_read", "iiii:i"),
    function<fd_readdir>("fd_readdir", "iiiIi:i"),
    function<fd_renumber>("fd_renumber", "ii:i"),
    function<fd_seek>("fd_seek", "iIii:i"),
    function<fd_sync>("fd_sync", "i:i"),
    function<fd_tell>("fd_tell", "ii:i"),
    function<fd_write>("fd_write", "iiii:i"),
    function<path_create_directory>("path_create_directory", "iii:i"),
    function<path_filestat_get>("path_filestat_get", "iiiii:i"),
    function<path_filestat_set_times>("path_filestat_set_times", "iiiiIIi:i"),
    function<path_link>("path_link", "iiiiiii:i"),
    function<path_open>("path_open", "iiiiiIIii:i"),
    function<path_readlink>("path_readlink", "iiiiii:i"),
    function<path_remove_directory>("path_remove_directory", "iii:i"),
    function<path_rename>("path_rename", "iiiiii:i"),
    function<path_symlink>("path_symlink", "iiiii:i"),
    function<path_unlink_file>("path_unlink_file", "iii:i"),
    function<poll_oneoff>("poll_oneoff", "iiii:i"),
    {"proc_exit", "i:", proc_exit, nullptr},
    function<proc_raise>("proc_raise", "i:i"),
    function<random_get>("random_get", "ii:i"),
    function<sched_yield>("sched_yield", ":i"),
    function<sock_accept>("sock_accept", "iii:i"),
    function<sock_recv>("sock_recv", "iiiiii:i"),
    function<sock_send>("sock_send", "iiiii:i"),
    function<sock_shutdown>("sock_shutdown", "ii:i"),
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
