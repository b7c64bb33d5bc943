// What the crossing code and the signal handlers keep about the stack that guests of one Store run
// on. enter.S knows the fields up to `store` by offset.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "contract/trap_code.h"
#include "contract/vm.h"

namespace wherry::runtime {

struct StoreState;

// Registers at a point in guest code: where it stopped, which is what a backtrace starts from, or
// where it is to go on. Those a function preserves for its caller, and no others.
struct StopPoint {
  uint64_t pc = 0;  // 0: not in guest code
  uint64_t sp = 0;
  uint64_t bp = 0;
  uint64_t bx = 0;
  uint64_t r12 = 0;
  uint64_t r13 = 0;
  uint64_t r14 = 0;
  uint64_t r15 = 0;
};

// A guest that waits in a host function: what wherry_resume needs to go on with it.
struct Suspension {
  void* frame = nullptr;  // the crossing code's on the guest's stack; null: no guest waits
  uint64_t r12 = 0;
  uint64_t r13 = 0;
  uint64_t r14 = 0;
  uint64_t r15 = 0;
  contract::HostBinding* binding = nullptr;
  uint64_t* slots = nullptr;
};

// What wherry_enter and wherry_resume answer, beside 0 and trap codes, when the guest waits.
inline constexpr uint64_t kSuspended = 256;

struct StackState {
  void* guest_sp = nullptr;
  void* host_sp = nullptr;
  std::atomic<uint32_t> interrupt_requested{0};
  // Where a thrown exception is handled, for wherry_throw: set by find_handler().
  StopPoint landing;
  uint64_t landing_exception = 0;
  // The registers are written by the crossing code, binding and slots by who called the function.
  Suspension suspension;
  StoreState* store = nullptr;
  StopPoint stop;
};

static_assert(offsetof(StackState, guest_sp) == 0);
static_assert(offsetof(StackState, host_sp) == 8);
static_assert(offsetof(StackState, interrupt_requested) == 16);
static_assert(offsetof(StackState, landing) == 24);
static_assert(offsetof(StackState, landing_exception) == 88);
static_assert(offsetof(StackState, suspension) == 96);
static_assert(offsetof(Suspension, binding) == 40);
static_assert(offsetof(Suspension, slots) == 48);
static_assert(offsetof(StopPoint, r15) == 56);
static_assert(sizeof(std::atomic<uint32_t>) == 4);
static_assert(offsetof(contract::HostBinding, function) == 8);
static_assert(offsetof(contract::HostBinding, stack) == 16);
static_assert(static_cast<int>(contract::TrapCode::kInterrupted) == 33);
static_assert(static_cast<int>(contract::TrapCode::kHost) == 34);
static_assert(static_cast<int>(contract::TrapCode::kUncaughtException) == 35);

extern "C" {
uint64_t wherry_enter(StackState* stack, void* stack_top, contract::EnterFunction enter,
                      const void* code, void* context, uint64_t* slots);
uint64_t wherry_resume(StackState* stack);
void wherry_host_call(contract::HostBinding* binding, uint64_t* slots);
void wherry_throw(contract::HostBinding* binding, uint64_t* slots);
void wherry_unwind();
extern const char wherry_enter_interruptible[], wherry_enter_end[];
extern const char wherry_host_call_interruptible[], wherry_host_call_end[];
extern const char wherry_throw_interruptible[], wherry_throw_end[];
}

}  // namespace wherry::runtime
