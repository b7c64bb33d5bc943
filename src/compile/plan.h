// What is decided about a module before any code is made: type identities, the context's layout,
// which functions need a FuncRef, the memory image, and how the functions are cut into chunks.
// Immutable once made, and shared by all compiling threads.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "artifact/contents.h"
#include "base/result.h"
#include "base/sha256.h"
#include "contract/layout.h"
#include "contract/profile.h"
#include "wasm/module.h"

namespace wherry::compile {

// What the time for a function is spent on. LLVM's grows faster than a function does, in some
// shapes with the square, so that one of a megabyte would take hours.
enum class Effort : uint8_t {
  kNone,   // all of the dev profile, and a function that is huge
  kCheap,  // one that is large, or has a thousand loops: passes whose time is bounded, and all of
           // the code generator
  kFull,
};

struct Chunk {
  std::vector<wasm::FuncIndex> functions;
  size_t body_bytes = 0;
  Effort effort = Effort::kFull;  // else it has one function
};

struct Plan {
  const wasm::Module* module = nullptr;
  contract::Layout layout;
  std::vector<Sha256Digest> type_digests;  // per type: equal for equal types, whatever the module
  std::vector<uint64_t> type_ids;          // per type: the digest's first 8 bytes
  std::vector<uint32_t> func_refs;         // per function: its FuncRef's index, or artifact::kNone
  uint32_t func_ref_count = 0;
  bool memory0_is_own = false;         // then the anchor is its base
  bool has_handlers = false;           // some function catches exceptions
  std::vector<bool> makes_tail_calls;  // per function: it has the tail calls' convention
  std::vector<Effort> efforts;         // per function
  std::vector<bool> is_internal;       // per function: no other chunk refers to it, nor the host
  std::vector<Chunk> chunks;           // of the functions that can be reached at all

  int64_t func_ref_offset(wasm::FuncIndex function) const {
    return layout.func_refs + int64_t{sizeof(contract::FuncRef)} * func_refs[function];
  }
};

Result<Plan> make_plan(const wasm::Module& module, contract::Profile profile);

// Fills in type_digests and type_ids (type_identity.cc).
Status identify_types(Plan& plan);

// The artifact's tables for the module (all but the machine code).
Result<artifact::Contents> make_contents(const Plan& plan);

// Bytes of body that one chunk holds at least, if there are as many. Within a chunk, functions know
// of each other what the optimizer finds out about them; it takes as much memory as the chunk is
// large, and the cores have less to share (docs/performance.md).
constexpr size_t chunk_body_bytes(contract::Profile profile) {
  return (profile == contract::Profile::kMax ? 256 : 16) * 1024;
}
// Callees in other chunks with bodies up to this size are offered to the inliner as well.
inline constexpr size_t kImportedBodyBytes = 80;

// Where a function is large and where it is huge, by its bytes, loops and cases
// (docs/performance.md).
inline constexpr size_t kLargeBodyBytes = 64 * 1024;
inline constexpr size_t kHugeBodyBytes = 192 * 1024;
inline constexpr size_t kManyLoops = 500;
inline constexpr size_t kTooManyLoops = 2000;
inline constexpr size_t kTooManyCases = 3000;  // different ones, of all its br_tables

}  // namespace wherry::compile
