// Where each part of an instance's context lies, as offsets from the anchor (all negative).
//
// A pure function of a module's counts, used by the compiler to emit accesses and recorded in the
// artifact for the runtime to build the same picture.
#pragma once

#include <cstdint>

#include "contract/vm.h"

namespace wherry::contract {

struct LayoutCounts {
  uint32_t func_refs = 0;  // imported functions, then defined ones whose address is taken
  uint32_t globals = 0;    // defined globals
  uint32_t imported_globals = 0;
  uint32_t tables = 0;  // defined tables
  uint32_t imported_tables = 0;
  uint32_t memories = 0;  // all but memory 0 where the anchor is its base
  uint32_t tags = 0;      // defined tags
  uint32_t imported_tags = 0;
};

struct Layout {
  int64_t func_refs = 0;         // FuncRef[]
  int64_t globals = 0;           // VmGlobal[]
  int64_t imported_globals = 0;  // VmGlobal*[]
  int64_t tables = 0;            // VmTable[]
  int64_t imported_tables = 0;   // VmTable*[]
  int64_t memories = 0;          // VmMemory*[]
  int64_t tags = 0;              // VmTag[]
  int64_t imported_tags = 0;     // VmTag*[]
  uint64_t context_bytes = 0;    // readable and writable bytes below the pre-guard, whole pages
};

// Globals come first below VmContext: `__stack_pointer` is the hottest of all.
constexpr Layout compute_layout(const LayoutCounts& counts) {
  Layout layout;
  int64_t at = kContextOffset;
  auto place = [&at](uint64_t count, uint64_t bytes_each) {
    at -= static_cast<int64_t>((count * bytes_each + 15) & ~uint64_t{15});
    return at;
  };
  layout.globals = place(counts.globals, sizeof(VmGlobal));
  layout.imported_globals = place(counts.imported_globals, sizeof(VmGlobal*));
  layout.tables = place(counts.tables, sizeof(VmTable));
  layout.imported_tables = place(counts.imported_tables, sizeof(VmTable*));
  layout.memories = place(counts.memories, sizeof(VmMemory*));
  layout.tags = place(counts.tags, sizeof(VmTag));
  layout.imported_tags = place(counts.imported_tags, sizeof(VmTag*));
  layout.func_refs = place(counts.func_refs, sizeof(FuncRef));
  uint64_t used = static_cast<uint64_t>(-at) - kPreGuardBytes;
  layout.context_bytes = (used + 4095) & ~uint64_t{4095};
  return layout;
}

}  // namespace wherry::contract
