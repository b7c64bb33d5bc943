#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace wherry {

void SystemRandom::fill(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    // Anything but an interruption means a kernel without getrandom: no key made here would be one.
    WHERRY_CHECK(got > 0, errno);
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
}

}  // namespace wherry
