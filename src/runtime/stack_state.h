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

struct StackState {
  void* guest_sp = nullptr;
  void* host_sp = nullptr;
  std::atomic<uint32_t> interrupt_requested{0};
  // Where a thrown exception is handled, for wherry_throw: set by find_handler().
  StopPoint landing;
  uint64_t landing_exception = 0;
  StoreState* store = nullptr;
  StopPoint stop;
};

static_assert(offsetof(StackState, guest_sp) == 0);
static_assert(offsetof(StackState, host_sp) == 8);
static_assert(offsetof(StackState, interrupt_requested) == 16);
static_assert(offsetof(StackState, landing) == 24);
static_assert(offsetof(StackState, landing_exception) == 88);
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
void wherry_host_call(contract::HostBinding* binding, uint64_t* slots);
void wherry_throw(contract::HostBinding* binding, uint64_t* slots);
void wherry_unwind();
extern const char wherry_enter_interruptible[], wherry_enter_end[];
extern const char wherry_host_call_interruptible[], wherry_host_call_end[];
extern const char wherry_throw_interruptible[], wherry_throw_end[];
}

}  // namespace wherry::runtime
