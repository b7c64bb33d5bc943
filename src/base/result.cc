#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace wherry {

const char* name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid: return "invalid";
    case ErrorKind::kNotFound: return "not found";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kLimit: return "limit";
    case ErrorKind::kIo: return "io";
    case ErrorKind::kGuest: return "guest";
    case ErrorKind::kTrap: return "trap";
    case ErrorKind::kInternal: return "internal";
  }
  return "internal";
}

Error Error::with_context(std::string_view outer) && {
  message.insert(0, std::string(outer) + ": ");
  return std::move(*this);
}

Error errno_error(int errno_value, std::string_view what) {
  char buffer[128];
  const char* text = strerror_r(errno_value, buffer, sizeof(buffer));
  ErrorKind kind = errno_value == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo;
  return make_error(kind, "{}: {}", what, text);
}

}  // namespace wherry
