// A guest's clocks by their WASI number.
#pragma once

#include <cstdint>
#include <optional>

#include "wasi/world.h"

namespace wherry::wasi {

// Nanoseconds, or nothing for a clock that does not exist.
std::optional<uint64_t> read_clock(World& world, uint32_t id);

}  // namespace wherry::wasi
