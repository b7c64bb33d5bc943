// What all engines do with a module: seeded, and the same for the same module and seed.
//
// A plan is a list of rounds. Each is a fresh instance: `_initialize` is called if it is exported,
// a stretch of memory is filled with seeded bytes, and a few exported functions are called one
// after another. After each call an engine says what came of it (outcome.h). A round ends at the
// first call that traps or has to be stopped.
//
// Where a call is stopped is chance, so it is not compared. After an access out of bounds what the
// call changed until then is compared only with --strict, since the optimizer does not know that
// loads trap and may move stores past them; and so is which of two traps came, where one is such an
// access: a load whose value the other trap makes useless may be gone (docs/security.md).
//
// Imports answer seeded values, one after another; functions of WASI say that they are not there,
// and proc_exit ends the call.
//
// NaNs: the specification leaves the bits of computed NaNs open. Results are compared as NaNs, but
// a module whose memory or integer results hold the bits of computed NaNs cannot be tested here.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/value.h"
#include "wasm/module.h"

namespace wherry::differential {

// SplitMix64. run_node.mjs does not need it: it is given values.
class Seeded {
 public:
  explicit Seeded(uint64_t seed) : state_(seed) {}
  uint64_t next();
  uint64_t below(uint64_t bound) { return next() % bound; }
  bool once_in(uint64_t turns) { return below(turns) == 0; }

 private:
  uint64_t state_;
};

struct Call {
  std::string function;
  std::vector<runtime::Value> arguments;
};

struct Round {
  uint64_t fill_at = 0;  // where memory 0 is filled; fill_bytes is 0 if JavaScript has no way to it
  uint32_t fill_bytes = 0;
  uint32_t fill_seed = 0;  // never 0
  std::vector<Call> calls;
  // False if JavaScript could not pass the arguments or take the results, of an import either:
  // vectors, and NaNs with other bits than its own.
  bool for_javascript = true;
};

struct Plan {
  std::vector<uint64_t> import_values;  // what imported functions and globals answer, in turns
  std::vector<Round> rounds;
};

inline constexpr size_t kCallsPerRound = 8;

// `calls` calls, spread over the exported functions. kInvalid if there is none to call.
Result<Plan> make_plan(const wasm::Module& module, uint64_t seed, uint64_t calls);

// For run_node.mjs: the rounds for JavaScript with at most `lengths[round]` calls each, and what
// the module imports.
nlohmann::json plan_to_json(const wasm::Module& module, const Plan& plan,
                            const std::vector<size_t>& lengths);

// `name(i32 0x1, f64 0x7ff8000000000000)`
std::string describe(const Call& call);
std::string describe(const runtime::Value& value);

}  // namespace wherry::differential
