#include "runtime/traps.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mutex>

#include "runtime/store_state.h"
#include "runtime/write_watch.h"

#ifdef WHERRY_THREAD_SANITIZER
extern "C" int __sigaction(int signal, const struct sigaction* action, struct sigaction* previous);
#endif

namespace wherry::runtime {
namespace {

using contract::TrapCode;

constexpr size_t kSignalStackBytes = 64 * 1024;

thread_local StackState* current_stack = nullptr;

struct sigaction previous_segv, previous_bus, previous_ill;

int interrupt_signal() { return SIGRTMIN + 3; }

// The alternate stack on which handlers run, since the guest's may be exhausted.
struct SignalStack {
  void* memory = MAP_FAILED;
  ~SignalStack() {
    if (memory == MAP_FAILED) return;
    stack_t off = {};
    off.ss_flags = SS_DISABLE;
    ::sigaltstack(&off, nullptr);
    ::munmap(memory, kSignalStackBytes);
  }
};
thread_local SignalStack signal_stack;

bool within(uint64_t pc, const char* begin, const char* end) {
  return pc >= reinterpret_cast<uint64_t>(begin) && pc < reinterpret_cast<uint64_t>(end);
}

bool in_host_call_return(uint64_t pc) {
  return within(pc, wherry_host_call_interruptible, wherry_host_call_end) ||
         within(pc, wherry_throw_interruptible, wherry_throw_end);
}

// Crossing code that runs on the guest's stack and may exhaust it.
bool in_crossing_code(uint64_t pc) {
  return within(pc, reinterpret_cast<const char*>(&wherry_enter), wherry_enter_end) ||
         within(pc, reinterpret_cast<const char*>(&wherry_host_call), wherry_host_call_end) ||
         within(pc, reinterpret_cast<const char*>(&wherry_throw), wherry_throw_end);
}

// Explicit traps are `ud1 code(%eax), %eax`: 67 0f b9 40 <code>.
TrapCode decode_trap(const uint8_t* instruction) {
  bool is_trap = instruction[0] == 0x67 && instruction[1] == 0x0f && instruction[2] == 0xb9 &&
                 instruction[3] == 0x40;
  return is_trap ? static_cast<TrapCode>(instruction[4]) : TrapCode::kNone;
}

// Only an address past the end of one of the store's memories is the guest's fault, or one right
// before it, where compiled code may come to as well (compile/relative_addresses.cc). A fault
// inside (a truncated artifact file, say) is not.
bool is_out_of_bounds(const StoreState& store, uint64_t address) {
  for (const Memory* memory : store.reservations) {
    const auto base = reinterpret_cast<uint64_t>(memory->base());
    if (base - 1 - address < contract::kPreGuardBytes) return true;
    if (address - base < memory->reserved_bytes() + contract::kGuardBytes) {
      return address - base >= memory->size_bytes();
    }
  }
  return false;
}

TrapCode classify(int signal, const StoreState& store, uint64_t pc, uint64_t address) {
  bool in_code = store.code_at(pc) != nullptr;
  if (signal == SIGILL) {
    return in_code ? decode_trap(reinterpret_cast<const uint8_t*>(pc)) : TrapCode::kNone;
  }
  if ((in_code || in_crossing_code(pc)) && store.guest_stack.guard_contains(address)) {
    return TrapCode::kStackExhausted;
  }
  return in_code && is_out_of_bounds(store, address) ? TrapCode::kMemoryOutOfBounds
                                                     : TrapCode::kNone;
}

// Makes the interrupted thread go on in wherry_unwind, with the code as wherry_enter's answer.
void leave_guest(StackState& stack, ucontext_t& context, TrapCode code) {
  greg_t* registers = context.uc_mcontext.gregs;
  stack.stop = {};
  auto pc = static_cast<uint64_t>(registers[REG_RIP]);
  if (stack.store->code_at(pc)) {
    auto value = [&](int number) { return static_cast<uint64_t>(registers[number]); };
    stack.stop = {pc,
                  value(REG_RSP),
                  value(REG_RBP),
                  value(REG_RBX),
                  value(REG_R12),
                  value(REG_R13),
                  value(REG_R14),
                  value(REG_R15)};
  }
  registers[REG_RIP] = static_cast<greg_t>(reinterpret_cast<uint64_t>(&wherry_unwind));
  registers[REG_RDI] = static_cast<greg_t>(reinterpret_cast<uint64_t>(&stack));
  registers[REG_RAX] = static_cast<greg_t>(code);
}

// Not the guest's doing, so ours: say so, then let whoever handled the signal before us have it. By
// default the process dies with a core at the place of the fault.
void pass_on(int signal, siginfo_t* info, void* context) {
  char text[160];
  auto pc = static_cast<uint64_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  int length = std::snprintf(text, sizeof(text),
                             "wherry: bug: signal %d at address %p, pc %#lx, outside of what a "
                             "guest may cause\n",
                             signal, info->si_addr, static_cast<unsigned long>(pc));
  if (::write(STDERR_FILENO, text, static_cast<size_t>(length)) < 0) { /* nothing left to try */
  }
  const struct sigaction& previous = signal == SIGSEGV  ? previous_segv
                                     : signal == SIGBUS ? previous_bus
                                                        : previous_ill;
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    ::signal(signal, SIG_DFL);
  }
}

void on_fault(int signal, siginfo_t* info, void* context_pointer) {
  if (signal == SIGSEGV && trip_write_watch(reinterpret_cast<uint64_t>(info->si_addr))) return;
  StackState* stack = current_stack;
  auto& context = *static_cast<ucontext_t*>(context_pointer);
  if (stack) {
    auto pc = static_cast<uint64_t>(context.uc_mcontext.gregs[REG_RIP]);
    TrapCode code = classify(signal, *stack->store, pc, reinterpret_cast<uint64_t>(info->si_addr));
    if (code != TrapCode::kNone) {
      leave_guest(*stack, context, code);
      return;
    }
  }
  pass_on(signal, info, context_pointer);
}

// In guest code the guest ends here; in host code it ends when the host function returns, and the
// signal has done its work by cutting a blocking system call short.
void on_interrupt(int, siginfo_t*, void* context_pointer) {
  StackState* stack = current_stack;
  if (!stack || stack->interrupt_requested.load(std::memory_order_relaxed) == 0) return;
  int saved_errno = errno;
  auto& context = *static_cast<ucontext_t*>(context_pointer);
  auto pc = static_cast<uint64_t>(context.uc_mcontext.gregs[REG_RIP]);
  if (stack->store->code_at(pc) || in_host_call_return(pc) ||
      within(pc, wherry_enter_interruptible, wherry_enter_end)) {
    leave_guest(*stack, context, TrapCode::kInterrupted);
  }
  errno = saved_errno;
}

// ThreadSanitizer's sigaction() puts a handler off until the thread calls something that it knows,
// which a looping guest never does, and gives it a copy of the context. The C library's does not.
int set_handler(int signal, const struct sigaction& action, struct sigaction* previous) {
#ifdef WHERRY_THREAD_SANITIZER
  return ::__sigaction(signal, &action, previous);
#else
  return ::sigaction(signal, &action, previous);
#endif
}

Status install_handlers() {
  struct sigaction action = {};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  ::sigaddset(&action.sa_mask, interrupt_signal());
  action.sa_sigaction = on_fault;
  if (set_handler(SIGSEGV, action, &previous_segv) != 0 ||
      set_handler(SIGBUS, action, &previous_bus) != 0 ||
      set_handler(SIGILL, action, &previous_ill) != 0) {
    return errno_error(errno, "cannot install trap handlers");
  }
  action.sa_sigaction = on_interrupt;
  if (set_handler(interrupt_signal(), action, nullptr) != 0) {
    return errno_error(errno, "cannot install the interrupt handler");
  }
  return ok_status();
}

}  // namespace

Status prepare_thread_for_guests() {
  // The last thing that is done here: the rest has been, too.
  if (signal_stack.memory != MAP_FAILED) return ok_status();
  static std::once_flag once;
  static std::optional<Error> failure;
  std::call_once(once, [] {
    Status installed = install_handlers();
    if (!installed.ok()) failure = installed.error();
  });
  if (failure) return *failure;
  void* memory = ::mmap(nullptr, kSignalStackBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno_error(errno, "cannot map a signal stack");
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = kSignalStackBytes;
  if (::sigaltstack(&stack, nullptr) != 0) {
    int error = errno;
    ::munmap(memory, kSignalStackBytes);
    return errno_error(error, "cannot install a signal stack");
  }
  signal_stack.memory = memory;
  return ok_status();
}

StackState* set_current_stack(StackState* stack) {
  StackState* before = current_stack;
  current_stack = stack;
  return before;
}

void signal_thread(int tid) { ::syscall(SYS_tgkill, ::getpid(), tid, interrupt_signal()); }

}  // namespace wherry::runtime
