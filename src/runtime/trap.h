// How a call into a guest can end, and what a trap tells.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "contract/trap_code.h"
#include "runtime/value.h"

namespace wherry::runtime {

// One frame of a WebAssembly backtrace, innermost first.
struct Frame {
  uint32_t function = 0;     // index in the module's function space
  std::string name;          // from the name section or an export; `function[17]` without either
  uint32_t code_offset = 0;  // of the machine instruction within the function, in bytes
  // Of a module with DWARF. Inlined functions have frames of their own, by the compiler that made
  // the module (then `function` is the one that they were inlined into) or by ours.
  bool is_inlined = false;
  std::string file;     // empty if not known
  uint32_t line = 0;    // 0: none
  uint32_t column = 0;  // 0: not known
};

struct Trap {
  contract::TrapCode code = contract::TrapCode::kNone;
  std::string detail;         // for kHost: why the host function refused
  std::vector<Frame> frames;  // about kMaxFrames; `omitted` counts the functions beyond
  uint32_t omitted = 0;
  uint64_t exception = 0;  // for kUncaughtException: what was thrown, the bits of an exnref

  std::string message() const;  // the code's text, with the detail if there is one
  // One line a frame: `  at name (function 17 + 0x2a)`, or `  at name (dir/file.c:12:5)`, with
  // `inlined` behind it if it was; ends in a newline unless there are no frames.
  std::string backtrace() const;
};

// The guest asked to end (WASI proc_exit).
struct Exit {
  uint32_t code = 0;
};

using CallResult = std::variant<std::vector<Value>, Trap, Exit>;

}  // namespace wherry::runtime
