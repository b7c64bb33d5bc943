#include "runtime/trap.h"

#include "base/result.h"

namespace wherry::runtime {

std::string Trap::message() const {
  std::string text(contract::message_of(code));
  return detail.empty() ? text : text + ": " + detail;
}

std::string Trap::backtrace() const {
  std::string text;
  for (const Frame& frame : frames) {
    text += fmt::format("  at {} (function {} + {:#x})\n", frame.name, frame.function,
                        frame.code_offset);
  }
  if (omitted > 0) text += fmt::format("  … and {} more frames\n", omitted);
  return text;
}

}  // namespace wherry::runtime
