// Clocks, random numbers, and the functions a guest of ours has no use for.
#include <sched.h>

#include <algorithm>

#include "runtime/write_watch.h"
#include "wasi/call.h"
#include "wasi/clocks.h"

namespace wherry::wasi {

std::optional<uint64_t> read_clock(World& world, uint32_t id) {
  switch (id) {
    case kRealtime: return world.clock().realtime_ns();
    case kMonotonic: return world.clock().monotonic_ns();
    // The guest is a process of one thread, and began when its world did.
    case kProcessCpu:
    case kThreadCpu: return world.cpu_ns();
    default: return std::nullopt;
  }
}

Errno clock_res_get(Call& call) {
  if (call.u32(0) > kThreadCpu) return Errno::kInval;
  return call.memory.store(call.u32(1), uint64_t{1}) ? Errno::kSuccess : Errno::kFault;
}

Errno clock_time_get(Call& call) {
  std::optional<uint64_t> time = read_clock(call.world, call.u32(0));
  if (!time) return Errno::kInval;
  return call.memory.store(call.u32(2), *time) ? Errno::kSuccess : Errno::kFault;
}

Errno random_get(Call& call) {
  uint8_t* into = call.memory.at(call.u32(0), call.u32(1));
  if (into == nullptr) return Errno::kFault;
  std::span<uint8_t> left(into, call.u32(1));
  // In pieces, so that a guest that asks for gigabytes still ends at its deadline.
  constexpr size_t kPieceBytes = 1 << 20;
  while (!left.empty()) {
    if (call.interrupted()) return Errno::kIntr;
    size_t count = std::min(left.size(), kPieceBytes);
    runtime::let_kernel_write(left.data(), count);
    call.world.random().fill(left.first(count));
    left = left.subspan(count);
  }
  return Errno::kSuccess;
}

Errno sched_yield(Call&) {
  ::sched_yield();
  return Errno::kSuccess;
}

// No signals, and no socket is ever open: preview 1 cannot make one.
Errno proc_raise(Call&) { return Errno::kNotSup; }

namespace {
Errno not_a_socket(Call& call) {
  return call.world.descriptors().find(call.u32(0)) ? Errno::kNotSock : Errno::kBadF;
}
}  // namespace

Errno sock_accept(Call& call) { return not_a_socket(call); }
Errno sock_recv(Call& call) { return not_a_socket(call); }
Errno sock_send(Call& call) { return not_a_socket(call); }
Errno sock_shutdown(Call& call) { return not_a_socket(call); }

}  // namespace wherry::wasi
