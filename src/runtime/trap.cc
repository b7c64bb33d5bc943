#include "runtime/trap.h"

#include "base/result.h"

namespace wherry::runtime {

std::string Trap::message() const {
  std::string text(contract::message_of(code));
  return detail.empty() ? text : text + ": " + detail;
}

namespace {

std::string place_of(const Frame& frame) {
  if (frame.file.empty()) {
    return frame.is_inlined ? std::string()
                            : fmt::format("function {} + {:#x}", frame.function, frame.code_offset);
  }
  std::string place = frame.file;
  if (frame.line > 0) place += fmt::format(":{}", frame.line);
  if (frame.line > 0 && frame.column > 0) place += fmt::format(":{}", frame.column);
  return place;
}

}  // namespace

std::string Trap::backtrace() const {
  std::string text;
  for (const Frame& frame : frames) {
    std::string place = place_of(frame);
    if (frame.is_inlined) place += place.empty() ? "inlined" : ", inlined";
    text += fmt::format("  at {} ({})\n", frame.name, place);
  }
  if (omitted > 0) text += fmt::format("  … and {} more frames\n", omitted);
  return text;
}

}  // namespace wherry::runtime
