// Walks the frames of a stopped guest by the call frame information in its artifacts: for
// backtraces and for exceptions.
#pragma once

#include <optional>
#include <vector>

#include "runtime/store_state.h"

namespace wherry::runtime {

inline constexpr size_t kMaxFrames = 64;

// The WebAssembly frames from store.stack.stop on, innermost first. Once there are kMaxFrames, the
// number of further functions goes to `omitted`. The guest's stack is still as the guest left it.
std::vector<Frame> walk_stack(const StoreState& store, uint32_t& omitted);

// From a call at `at` (whose pc is the return address) outwards to the innermost one whose function
// has a landing pad for it: the registers to go on with there, or nothing within this call of the
// host's.
std::optional<StopPoint> find_landing(const StoreState& store, StopPoint at);

}  // namespace wherry::runtime
