// Why compiled code stopped. Compiled code raises the first group with `ud1 code(%eax)`, whose
// immediate is the code; the signal handler and the host raise the others.
//
// The texts are the specification test suite's. The numbers are part of the artifact's contract:
// append, never renumber (contract/fingerprint.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace wherry::contract {

enum class TrapCode : uint8_t {
  kNone = 0,
  // raised in compiled code
  kUnreachable = 1,
  kIntegerDivideByZero = 2,
  kIntegerOverflow = 3,
  kInvalidConversion = 4,
  kMemoryOutOfBounds = 5,
  kTableOutOfBounds = 6,
  kUndefinedElement = 7,
  kUninitializedElement = 8,
  kIndirectCallTypeMismatch = 9,
  kNullReference = 10,
  kNullFunctionReference = 11,
  kNullExceptionReference = 12,
  kUnalignedAtomic = 13,
  // raised by the signal handler or by host functions
  kStackExhausted = 32,
  kInterrupted = 33,
  kHost = 34,  // a host function refused; the text is in Trap::detail
  kUncaughtException = 35,
  kUnsharedWait = 36,  // memory.atomic.wait on a memory that no one else can notify
};

constexpr std::string_view message_of(TrapCode code) {
  switch (code) {
    case TrapCode::kNone: return "no trap";
    case TrapCode::kUnreachable: return "unreachable";
    case TrapCode::kIntegerDivideByZero: return "integer divide by zero";
    case TrapCode::kIntegerOverflow: return "integer overflow";
    case TrapCode::kInvalidConversion: return "invalid conversion to integer";
    case TrapCode::kMemoryOutOfBounds: return "out of bounds memory access";
    case TrapCode::kTableOutOfBounds: return "out of bounds table access";
    case TrapCode::kUndefinedElement: return "undefined element";
    case TrapCode::kUninitializedElement: return "uninitialized element";
    case TrapCode::kIndirectCallTypeMismatch: return "indirect call type mismatch";
    case TrapCode::kNullReference: return "null reference";
    case TrapCode::kNullFunctionReference: return "null function reference";
    case TrapCode::kNullExceptionReference: return "null exception reference";
    case TrapCode::kUnalignedAtomic: return "unaligned atomic";
    case TrapCode::kStackExhausted: return "call stack exhausted";
    case TrapCode::kInterrupted: return "interrupted";
    case TrapCode::kHost: return "host function failed";
    case TrapCode::kUncaughtException: return "uncaught exception";
    case TrapCode::kUnsharedWait: return "expected shared memory";
  }
  return "unknown trap";
}

}  // namespace wherry::contract
