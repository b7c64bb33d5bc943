// What compiled code and the runtime agree on: the memory around a running instance.
//
// Every compiled function is given one pointer, the *anchor*, in the register LLVM keeps for
// `swiftself` (r13 on x86-64; callee-saved, so passing it on costs nothing). Around the anchor lies
// the instance's slot:
//
//     anchor - vmctx_bytes - 64 KiB   variable part of the context: FuncRefs, globals, tables, …
//     anchor - sizeof(VmContext) - 64 KiB   VmContext
//     anchor - 64 KiB                 pre-guard, never accessible
//     anchor                          linear memory 0 if the instance defines it: 4 GiB reserved
//     anchor + 4 GiB                  guard, never accessible (kGuardBytes)
//
// A guest address is always zero-extended from 32 bits before it is added, so compiled code reaches
// [anchor, anchor + 4 GiB + guard) and nothing else. Accesses to memories with 64-bit addresses or
// pages of one byte are compared with the memory's size first. All offsets into the context are
// compile-time constants (contract/layout.h). Both sides include this file and nothing crosses it;
// a change here changes the fingerprint (contract/fingerprint.h), which makes old artifacts be
// refused.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wherry::contract {

inline constexpr uint64_t kWasmPageBytes = 64 * 1024;
inline constexpr uint64_t kMemoryReservedBytes = uint64_t{4} << 30;
inline constexpr uint64_t kPreGuardBytes = 64 * 1024;
inline constexpr uint64_t kGuardBytes = uint64_t{2} << 30;
// A memory never has the last of the 65,536 pages: then no access that starts inside the memory
// wraps around 32 bits within kPreGuardBytes, which address rewriting may rely on.
inline constexpr uint64_t kMaxMemoryPages = 65535;
// What a memory whose accesses are compared with its size may have at most.
inline constexpr uint64_t kMaxComparedBytes = uint64_t{1} << 40;
// Static offsets from here on are added and checked explicitly; below, the guard catches them.
inline constexpr uint64_t kMaxUncheckedOffset = kGuardBytes - kWasmPageBytes;

// Enters compiled code from C: loads the arguments from `slots`, calls `code` with `context` as its
// anchor, stores the results to `slots`. One per function type, in the artifact.
using EnterFunction = void (*)(void* context, const void* code, uint64_t* slots);

// A function value: what `ref.func` yields and tables point to. Null references are null pointers.
struct FuncRef {
  const void* code;       // compiled code, internal calling convention
  const void* tail_code;  // the same for tail calls; null if the function makes none itself
  void* context;     // its anchor (of the owning instance, or a HostBinding for host functions)
  uint64_t type_id;  // equal exactly for equal function types within a Store
  EnterFunction enter;
};

// A function of the host bound to an instance. Compiled code calls `stub(binding, slots)`; the stub
// switches to the host's stack and calls `function`. A non-zero answer ends the guest.
struct HostBinding {
  void (*stub)(HostBinding* binding, uint64_t* slots);
  uint64_t (*function)(HostBinding* binding, uint64_t* slots);
  void* stack;         // runtime::StackState of the store
  void* instance;      // runtime::Instance
  const void* target;  // the runtime's own
};

struct VmMemory {
  uint8_t* base;        // constant
  uint64_t size_bytes;  // grows; of a shared memory read and written atomically
};

struct VmTable {
  uint64_t* elements;  // constant; FuncRef pointers or externref numbers, 0 for null
  uint64_t size;       // in elements; grows
};

struct alignas(16) VmGlobal {
  uint64_t low;   // i32 in the low half; references as in tables
  uint64_t high;  // the upper half of a v128
};

// An exception's tag: its address is its identity.
struct VmTag {
  uint64_t type_id;  // of the function type whose parameters are the exception's values
};

// An exception, as exnref points to it. Compiled code reads the tag and the values, and says what
// becomes of it: `escaped` once a reference was handed out, `dead` when it was caught without.
struct VmException {
  const VmTag* tag;
  uint8_t escaped;
  uint8_t dead;
  uint8_t reserved[2];
  uint32_t slot_count;
  uint64_t slots[1];  // the tag's values, as many as there are slots
};

// Services of the runtime to compiled code, in the order of VmContext::builtins. The slots hold the
// arguments in the instruction's order, preceded by the immediates.
enum class Builtin : uint32_t {
  kMemoryGrow,    // (memory, delta) -> old pages or -1
  kMemoryInit,    // (data, memory, destination, source, length)
  kDataDrop,      // (data)
  kTableGrow,     // (table, reference, delta) -> old size or -1
  kTableFill,     // (table, start, reference, length)
  kTableCopy,     // (destination table, source table, destination, source, length)
  kTableInit,     // (elem, table, destination, source, length)
  kElemDrop,      // (elem)
  kThrow,         // (tag's address, number of slots, values…): does not return
  kThrowRef,      // (exception): does not return
  kAtomicNotify,  // (memory, address, count) -> woken
  kAtomicWait32,  // (memory, address, expected, timeout) -> 0 woken, 1 not equal, 2 timed out
  kAtomicWait64,
  kCount,
};
inline constexpr size_t kBuiltinCount = static_cast<size_t>(Builtin::kCount);
inline constexpr size_t kMaxBuiltinSlots = 5;
inline constexpr size_t kTailArgumentSlots = 2000;  // as many as a function's parameters can take

// The fixed part of the context, right below the pre-guard.
struct alignas(16) VmContext {
  HostBinding builtins[kBuiltinCount];
  VmMemory memory0;  // of memory 0 if the instance defines it, else zeros
  void* instance;    // runtime::Instance
  // Of the store: where arguments of tail calls lie that have no register, from right before the
  // call to the callee's first instructions. Null in modules without tail calls.
  uint64_t* tail_arguments;
};

inline constexpr int64_t kContextOffset =
    -static_cast<int64_t>(kPreGuardBytes) - static_cast<int64_t>(sizeof(VmContext));

static_assert(sizeof(FuncRef) == 40);
static_assert(sizeof(HostBinding) == 40);
static_assert(sizeof(VmGlobal) == 16);
static_assert(sizeof(VmContext) % 16 == 0);
static_assert(offsetof(HostBinding, stub) == 0);
static_assert(offsetof(VmException, slots) == 16);

}  // namespace wherry::contract
