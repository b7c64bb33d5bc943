// What came of one call, in any engine, and when two of them agree.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/trap_code.h"
#include "runtime/value.h"

namespace wherry::differential {

struct Outcome {
  enum class Kind {
    kReturned,
    kTrapped,  // `traps`
    kExited,   // the guest called proc_exit
    kStopped,  // it took too long, or its stack was exhausted: not compared further
  };
  Kind kind = Kind::kReturned;
  std::vector<runtime::Value> results;
  // One; or those that an engine does not tell apart.
  std::vector<contract::TrapCode> traps;
  std::string text;  // in the engine's own words, unless it returned

  // The state afterwards. A memory past kHashedBytes has hash 0; JavaScript does not see one that
  // is neither imported nor exported.
  bool memory_is_known = false;
  uint64_t memory_bytes = 0;
  uint64_t memory_hash = 0;
  std::vector<runtime::Value> globals;  // the exported ones that are numbers
};

inline constexpr uint64_t kHashedBytes = 64 << 20;

// The hash that run_node.mjs computes as well: two 32-bit lanes over little-endian words.
uint64_t hash_memory(const uint8_t* memory, uint64_t bytes);

// Whether no further call is made in the instance.
bool ends_round(const Outcome& outcome);

// Nothing if they agree, NaNs as a class; else what differs. See plan.h for `strict`.
std::string difference(const Outcome& left, const Outcome& right, bool strict);

std::string describe(const Outcome& outcome);

// An outcome as run_node.mjs writes it.
Result<Outcome> outcome_from_json(const nlohmann::json& json);

}  // namespace wherry::differential
