// The exit codes of `wherry`, `wherry-host` and `wherry-compile`; docs/cli.md lists the same table.
// `run` passes the guest's own code through.
#pragma once

#include "base/result.h"

namespace wherry::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitGuestFailed = 1;
inline constexpr int kExitInvalid = 2;  // usage or invalid input
inline constexpr int kExitNotFound = 3;
inline constexpr int kExitUnsupported = 4;
inline constexpr int kExitLimit = 5;
inline constexpr int kExitIo = 6;
inline constexpr int kExitTrap = 7;
inline constexpr int kExitBug = 70;
inline constexpr int kExitInterrupted = 130;

constexpr int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid: return kExitInvalid;
    case ErrorKind::kNotFound: return kExitNotFound;
    case ErrorKind::kUnsupported: return kExitUnsupported;
    case ErrorKind::kLimit: return kExitLimit;
    case ErrorKind::kIo: return kExitIo;
    case ErrorKind::kGuest: return kExitGuestFailed;
    case ErrorKind::kTrap: return kExitTrap;
    case ErrorKind::kInternal: return kExitBug;
  }
  return kExitBug;
}

// The other way, for what `wherry-compile` exits with.
constexpr ErrorKind error_kind_of(int exit_code) {
  switch (exit_code) {
    case kExitInvalid: return ErrorKind::kInvalid;
    case kExitNotFound: return ErrorKind::kNotFound;
    case kExitUnsupported: return ErrorKind::kUnsupported;
    case kExitLimit: return ErrorKind::kLimit;
    case kExitIo: return ErrorKind::kIo;
    default: return ErrorKind::kInternal;
  }
}

}  // namespace wherry::cli
