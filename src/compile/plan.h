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
#include "wasm/source_lines.h"

namespace wherry::compile {

// What the time for a function is spent on. LLVM's grows faster than a function does, in some
// shapes with the square, so that one of a megabyte would take hours.
enum class Effort : uint8_t {
  kNone,   // all of the dev profile, and a function that is huge
  kCheap,  // one that is large, or has hundreds of loops: passes whose time is bounded, and all of
           // the code generator
  kFull,
};

struct Chunk {
  std::vector<wasm::FuncIndex> functions;
  size_t body_bytes = 0;
  Effort effort = Effort::kFull;  // else it has one function
};

// A table whose elements are known when the module is compiled and never change: compiled code
// reads them from read-only data, and the runtime has no table.
struct StaticTable {
  bool is_static = false;
  std::vector<wasm::FuncIndex> elements;  // artifact::kNone for null

  struct Entry {
    uint64_t index;
    wasm::FuncIndex function;
  };
  std::map<wasm::TypeIndex, std::vector<Entry>> entries;  // by canonical type, in order
  // The elements of a type.
  const std::vector<Entry>& entries_of(wasm::TypeIndex canonical_type) const {
    static const std::vector<Entry> kNone;
    auto found = entries.find(canonical_type);
    return found == entries.end() ? kNone : found->second;
  }
};

struct Plan {
  const wasm::Module* module = nullptr;
  contract::Layout layout;
  std::vector<Sha256Digest> type_digests;  // per type: equal for equal types, whatever the module
  std::vector<uint64_t> type_ids;          // per type: the digest's first 8 bytes
  std::vector<uint32_t> func_refs;         // per function: its FuncRef's index, or artifact::kNone
  uint32_t func_ref_count = 0;
  std::vector<StaticTable> static_tables;  // per table
  bool memory0_is_own = false;             // then the anchor is its base
  // All memories have the standard's pages, so that none has the last 64 KiB of 32 bits (vm.h).
  bool addresses_do_not_wrap = true;
  bool has_handlers = false;           // some function catches exceptions
  std::vector<bool> makes_tail_calls;  // per function: it has the tail calls' convention
  std::vector<Effort> efforts;         // per function
  std::vector<bool> is_internal;       // per function: no other chunk refers to it, nor the host
  wasm::SourceLines lines;             // where code comes from, if the module has DWARF
  std::vector<Chunk> chunks;           // of the functions that can be reached at all

  int64_t func_ref_offset(wasm::FuncIndex function) const {
    return layout.func_refs + int64_t{sizeof(contract::FuncRef)} * func_refs[function];
  }
};

Result<Plan> make_plan(const wasm::Module& module, contract::Profile profile);

// Fills in static_tables; `is_touched` are those that instructions do more with than calling
// through them (static_tables.cc).
void find_static_tables(Plan& plan, const std::vector<bool>& is_touched);

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
