// memory.atomic.wait and notify: threads of any store that wait for a place of a shared memory.
//
// Safe from many threads.
#pragma once

#include <cstdint>
#include <functional>

namespace wherry::runtime {

// The first three are the instruction's results.
enum class WaitResult : uint64_t { kWoken = 0, kNotEqual = 1, kTimedOut = 2, kInterrupted = 3 };

// Waits until notify() names the place, unless it does not hold `expected`. A negative timeout (in
// nanoseconds) never ends. A signal makes it ask `interrupted`.
WaitResult wait(uint32_t* place, uint32_t expected, int64_t timeout_ns,
                const std::function<bool()>& interrupted);
WaitResult wait(uint64_t* place, uint64_t expected, int64_t timeout_ns,
                const std::function<bool()>& interrupted);

// Wakes at most `count` of those who wait longest; returns how many.
uint32_t notify(const void* place, uint32_t count);

}  // namespace wherry::runtime
