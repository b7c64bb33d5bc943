#include "runtime/stack_state.h"

#include <sys/mman.h>

#include <cerrno>

#include "base/bytes.h"

namespace wherry::runtime {

Result<std::unique_ptr<GuestStack>> GuestStack::create(uint64_t bytes) {
  bytes = align_up(bytes, 4096);
  void* mapped = ::mmap(nullptr, kGuardBytes + bytes, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return errno_error(errno, "cannot reserve a guest stack");
  std::unique_ptr<GuestStack> stack(
      new GuestStack(static_cast<uint8_t*>(mapped) + kGuardBytes, bytes));
  if (::mprotect(stack->low_, bytes, PROT_READ | PROT_WRITE) != 0) {
    return errno_error(errno, "cannot make a guest stack");
  }
  return stack;
}

GuestStack::~GuestStack() { ::munmap(low_ - kGuardBytes, kGuardBytes + bytes_); }

}  // namespace wherry::runtime
