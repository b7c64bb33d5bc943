// Runs a module's initialization once and for all: what comes out is a module whose instances begin
// where it ended (the way of Wizer, whose names for functions are taken too).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/compiled_module.h"
#include "snapshot/initialization_world.h"
#include "wasm/features.h"

namespace wherry::snapshot {

struct InitializeOptions {
  wasm::Features features = wasm::Features::standard();
  std::vector<Kept> allowed;  // what may be the same in all instances
  std::chrono::milliseconds time{60'000};
  uint64_t memory_bytes = 1ull << 30;
  std::function<void(Bytes)> output;  // what the module prints; null: dropped
};

struct Initialized {
  ByteVector module;
  std::vector<std::string> ran;           // the functions that were called, in order
  std::map<std::string, uint64_t> calls;  // host functions whose answers are kept, and how often
};

// Starts the module, calls `_initialize` and then `wizer.initialize` (or `wizer-initialize`), those
// of them that it exports, and writes the module anew: without the start function and these
// exports; `wizer.resume`, if there is one, is called `_start`. `compiled` is the code of `module`.
//
// Errors name the reason: nothing to call; imports other than functions; shared memory; a call of
// what is not allowed; a trap, an exit, too much time or memory; a state that no module can say.
Result<Initialized> initialize(Bytes module,
                               std::shared_ptr<const runtime::CompiledModule> compiled,
                               const InitializeOptions& options);

}  // namespace wherry::snapshot
