// Host functions: what a guest may call.
//
// A host function runs on the thread that entered the guest, on that thread's own stack (the
// guest's stack is left alone), and may use all of C++ but must not throw. It sees its arguments
// and returns its results in `slots`: one 64-bit slot a value (i32 and f32 in the low half,
// zero-extended), two for a v128.
//
// A function that would have to wait may instead answer kSuspend: whoever entered the guest gets
// the thread back, and the guest's stack stays as it is until Store::resume(), which calls the
// function again, with the slots as it left them, perhaps on another thread.
#pragma once

#include <cstdint>
#include <string>

#include "contract/trap_code.h"
#include "wasm/types.h"

namespace wherry::runtime {

class Instance;

enum class HostOutcome : uint64_t {
  kContinue = 0,  // the results are in the slots
  kStop = 1,      // the guest ends: exit() or trap() said how
  kSuspend = 2,   // call again on Store::resume(); only if HostCall::may_suspend()
};

struct HostCall {
  void* environment;   // the HostFunction's
  Instance& instance;  // the instance that imports the function
  uint64_t* slots;     // arguments in, results out

  uint32_t arg32(unsigned index) const { return static_cast<uint32_t>(slots[index]); }
  uint64_t arg64(unsigned index) const { return slots[index]; }

  // Whether the guest was entered by Store::begin(), and directly: one that was called by a host
  // function, or by Store::call(), cannot be left and taken up again.
  bool may_suspend() const;

  // End the guest; `return call.exit(code);`
  HostOutcome exit(uint32_t code) const;
  HostOutcome trap(contract::TrapCode code, std::string detail = {}) const;
};

struct HostFunction {
  wasm::FuncType type;
  HostOutcome (*function)(const HostCall& call) = nullptr;
  void* environment = nullptr;  // outlives every instance that imports the function
};

}  // namespace wherry::runtime
