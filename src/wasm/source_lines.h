// Where the module's source code says what its instructions say, from the DWARF that compilers put
// into custom sections (.debug_info, .debug_line and their like): file, line and column of each
// instruction, and which functions of the source were inlined there.
//
// DWARF comes from strangers and never makes a module invalid: what is malformed, or beyond the
// limits, is left out (decisions/0009).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/module.h"

namespace wherry::wasm {

// A place in the source. `function` is one that was inlined, and `caller` the place where it was
// called; without a caller the place is in the WebAssembly function's own source.
struct SourcePlace {
  static constexpr uint32_t kNone = 0xffffffff;

  uint32_t caller = kNone;    // places; always one before this one
  uint32_t function = kNone;  // strings; kNone: not known, or the WebAssembly function itself
  uint32_t file = kNone;      // strings
  uint32_t line = 0;          // 0: the compiler's own code
  uint32_t column = 0;        // 0: not known

  bool operator==(const SourcePlace&) const = default;
};

struct SourceLines {
  // From this offset to the next run's.
  struct Run {
    uint32_t offset = 0;  // in the module
    uint32_t place = SourcePlace::kNone;
  };

  // A function's code from `begin` to `end`.
  struct NamedFunction {
    uint32_t begin = 0;  // in the module
    uint32_t end = 0;
    uint32_t name = SourcePlace::kNone;
  };

  std::vector<Run> runs;  // by offset
  std::vector<SourcePlace> places;
  // Names like `ns::Type::method` and paths as the compiler was given them: UTF-8 without control
  // characters.
  std::vector<std::string> strings;
  std::vector<NamedFunction> functions;  // by offset

  bool empty() const { return runs.empty(); }
  // The index of the run that covers an instruction; runs.size() if none does.
  size_t find(uint32_t offset) const;
  // What the source calls the WebAssembly function with code at this offset; empty if not known.
  std::string_view function_name(uint32_t offset) const;
};

// Whether there is anything to read: costs no more than looking for a section.
bool has_source_lines(const Module& module);

// Empty without DWARF.
SourceLines read_source_lines(const Module& module);

}  // namespace wherry::wasm
