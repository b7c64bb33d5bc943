// SHA-256 (FIPS 180-4) through OpenSSL. Kept in its own translation unit: programs that never hash
// do not get libcrypto.
#pragma once

#include <array>

#include "base/bytes.h"

namespace wherry {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest sha256(Bytes bytes);

}  // namespace wherry
