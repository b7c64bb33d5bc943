// Walks the frames of a stopped guest by the call frame information in its artifacts.
#pragma once

#include <vector>

#include "runtime/store_state.h"

namespace wherry::runtime {

inline constexpr size_t kMaxFrames = 64;

// The WebAssembly frames from store.stack.stop on, innermost first, at most kMaxFrames; the number
// of further ones goes to `omitted`. The guest's stack is still as the guest left it.
std::vector<Frame> walk_stack(const StoreState& store, uint32_t& omitted);

}  // namespace wherry::runtime
