// Every limit of the wasm room in one place. Modules past one are refused with ErrorKind::kLimit.
//
// The numbers follow the WebAssembly JavaScript interface's implementation limits, which browsers
// share, so that what compiles elsewhere compiles here; ours alone are said so. They bound what a
// hostile module can make decode() and validate() allocate or compute to a small multiple of its
// size. Sizes of instances (memory pages, table elements at run time) are the runtime's business.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace wherry::wasm::limits {

inline constexpr uint64_t kModuleSizeBytes = uint64_t{1} << 30;
inline constexpr uint64_t kTypes = 1'000'000;
inline constexpr uint64_t kFunctions = 1'000'000;
inline constexpr uint64_t kImports = 1'000'000;
inline constexpr uint64_t kExports = 1'000'000;
inline constexpr uint64_t kGlobals = 1'000'000;
inline constexpr uint64_t kTables = 100'000;
inline constexpr uint64_t kMemories = 100;
inline constexpr uint64_t kElemSegments = 100'000;
inline constexpr uint64_t kDataSegments = 100'000;
inline constexpr uint64_t kCustomSections = 100'000;  // ours
inline constexpr uint64_t kElements = 1'000'000;      // ours: all segments together
inline constexpr uint64_t kTableSize = 10'000'000;    // a table's minimum
inline constexpr uint64_t kFunctionParams = 1'000;
inline constexpr uint64_t kFunctionResults = 1'000;
inline constexpr uint64_t kFunctionSizeBytes = 7'654'321;
inline constexpr uint64_t kFunctionLocals = 50'000;  // with the parameters
inline constexpr uint64_t kBrTableTargets = 65'520;
inline constexpr uint64_t kTags = 1'000'000;
inline constexpr uint64_t kCatchClauses = 10'000;      // ours: of one try_table
inline constexpr uint64_t kConstInstructions = 1'000;  // ours: of one constant expression
inline constexpr uint64_t kStringBytes = 100'000;
inline constexpr uint64_t kBlockDepth = 100'000;      // ours: a br_table of blocks still fits
inline constexpr uint64_t kOperandStack = 1'000'000;  // ours: operands at any one time

// Ours, of what is read from DWARF: what lies beyond is left out, and the module is taken. Together
// they keep that below two gigabytes.
inline constexpr uint64_t kSourceEntries = 4'000'000;  // of each kind
inline constexpr uint64_t kSourceAttributes = 100'000'000;
inline constexpr uint64_t kSourceStringBytes = 1'000;  // a name or path, which is cut
inline constexpr uint64_t kSourceStringsBytes = 64'000'000;
inline constexpr uint32_t kSourceInlining = 50;  // calls inlined into each other

// `too many functions: 1000001 at offset 0x2f, the limit is 1000000`.
inline Status check_count(std::string_view what, uint64_t count, uint64_t limit, uint32_t offset) {
  if (count <= limit) [[likely]]
    return ok_status();
  return make_error(ErrorKind::kLimit, "too many {}: {} at offset {:#x}, the limit is {}", what,
                    count, offset, limit);
}

}  // namespace wherry::wasm::limits
