#include "wasi/errno.h"

#include <cerrno>

namespace wherry::wasi {

Errno errno_from_host(int host_errno) {
  switch (host_errno) {
    case 0: return Errno::kSuccess;
    case E2BIG: return Errno::k2Big;
    case EACCES: return Errno::kAcces;
    case EADDRINUSE: return Errno::kAddrInUse;
    case EADDRNOTAVAIL: return Errno::kAddrNotAvail;
    case EAFNOSUPPORT: return Errno::kAfNoSupport;
    case EAGAIN: return Errno::kAgain;
    case EALREADY: return Errno::kAlready;
    case EBADF: return Errno::kBadF;
    case EBADMSG: return Errno::kBadMsg;
    case EBUSY: return Errno::kBusy;
    case ECANCELED: return Errno::kCanceled;
    case ECHILD: return Errno::kChild;
    case ECONNABORTED: return Errno::kConnAborted;
    case ECONNREFUSED: return Errno::kConnRefused;
    case ECONNRESET: return Errno::kConnReset;
    case EDEADLK: return Errno::kDeadLk;
    case EDESTADDRREQ: return Errno::kDestAddrReq;
    case EDOM: return Errno::kDom;
    case EDQUOT: return Errno::kDQuot;
    case EEXIST: return Errno::kExist;
    case EFAULT: return Errno::kFault;
    case EFBIG: return Errno::kFBig;
    case EHOSTUNREACH: return Errno::kHostUnreach;
    case EIDRM: return Errno::kIdRm;
    case EILSEQ: return Errno::kIlSeq;
    case EINPROGRESS: return Errno::kInProgress;
    case EINTR: return Errno::kIntr;
    case EINVAL: return Errno::kInval;
    case EIO: return Errno::kIo;
    case EISCONN: return Errno::kIsConn;
    case EISDIR: return Errno::kIsDir;
    case ELOOP: return Errno::kLoop;
    case EMFILE: return Errno::kMFile;
    case EMLINK: return Errno::kMLink;
    case EMSGSIZE: return Errno::kMsgSize;
    case EMULTIHOP: return Errno::kMultiHop;
    case ENAMETOOLONG: return Errno::kNameTooLong;
    case ENETDOWN: return Errno::kNetDown;
    case ENETRESET: return Errno::kNetReset;
    case ENETUNREACH: return Errno::kNetUnreach;
    case ENFILE: return Errno::kNFile;
    case ENOBUFS: return Errno::kNoBufs;
    case ENODEV: return Errno::kNoDev;
    case ENOENT: return Errno::kNoEnt;
    case ENOEXEC: return Errno::kNoExec;
    case ENOLCK: return Errno::kNoLck;
    case ENOLINK: return Errno::kNoLink;
    case ENOMEM: return Errno::kNoMem;
    case ENOMSG: return Errno::kNoMsg;
    case ENOPROTOOPT: return Errno::kNoProtoOpt;
    case ENOSPC: return Errno::kNoSpc;
    case ENOSYS: return Errno::kNoSys;
    case ENOTCONN: return Errno::kNotConn;
    case ENOTDIR: return Errno::kNotDir;
    case ENOTEMPTY: return Errno::kNotEmpty;
    case ENOTRECOVERABLE: return Errno::kNotRecoverable;
    case ENOTSOCK: return Errno::kNotSock;
    case EOPNOTSUPP: return Errno::kNotSup;
    case ENOTTY: return Errno::kNotTty;
    case ENXIO: return Errno::kNxIo;
    case EOVERFLOW: return Errno::kOverflow;
    case EOWNERDEAD: return Errno::kOwnerDead;
    case EPERM: return Errno::kPerm;
    case EPIPE: return Errno::kPipe;
    case EPROTO: return Errno::kProto;
    case EPROTONOSUPPORT: return Errno::kProtoNoSupport;
    case EPROTOTYPE: return Errno::kProtoType;
    case ERANGE: return Errno::kRange;
    case EROFS: return Errno::kRoFs;
    case ESPIPE: return Errno::kSPipe;
    case ESRCH: return Errno::kSrch;
    case ESTALE: return Errno::kStale;
    case ETIMEDOUT: return Errno::kTimedOut;
    case ETXTBSY: return Errno::kTxtBsy;
    case EXDEV: return Errno::kXDev;
    default: return Errno::kIo;
  }
}

}  // namespace wherry::wasi
