// WASI preview 1 error numbers, and the one table from the host's to them.
#pragma once

#include <cstdint>

namespace wherry::wasi {

enum class Errno : uint16_t {
  kSuccess, k2Big, kAcces, kAddrInUse, kAddrNotAvail, kAfNoSupport, kAgain, kAlready, kBadF,
  kBadMsg, kBusy, kCanceled, kChild, kConnAborted, kConnRefused, kConnReset, kDeadLk,
  kDestAddrReq, kDom, kDQuot, kExist, kFault, kFBig, kHostUnreach, kIdRm, kIlSeq, kInProgress,
  kIntr, kInval, kIo, kIsConn, kIsDir, kLoop, kMFile, kMLink, kMsgSize, kMultiHop, kNameTooLong,
  kNetDown, kNetReset, kNetUnreach, kNFile, kNoBufs, kNoDev, kNoEnt, kNoExec, kNoLck, kNoLink,
  kNoMem, kNoMsg, kNoProtoOpt, kNoSpc, kNoSys, kNotConn, kNotDir, kNotEmpty, kNotRecoverable,
  kNotSock, kNotSup, kNotTty, kNxIo, kOverflow, kOwnerDead, kPerm, kPipe, kProto,
  kProtoNoSupport, kProtoType, kRange, kRoFs, kSPipe, kSrch, kStale, kTimedOut, kTxtBsy, kXDev,
  kNotCapable,
};

static_assert(static_cast<uint16_t>(Errno::kNotCapable) == 76);

// The WASI number for a host errno; kIo for those WASI has no name for.
Errno errno_from_host(int host_errno);

}  // namespace wherry::wasi
