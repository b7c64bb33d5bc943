// SHA-256, by OpenSSL.
#pragma once

#include <array>

#include "base/bytes.h"

namespace wherry {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest sha256(Bytes bytes);

}  // namespace wherry
