// Writes down, while LLVM writes machine code, where each stretch of it comes from; and makes the
// artifact's line table of that once the linker has placed the code.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "compile/plan.h"
#include "compile/source_locations.h"

namespace llvm {
class AsmPrinter;
class AsmPrinterHandler;
}  // namespace llvm

namespace wherry::compile {

// Of one object file. The addresses are in its section artifact::kLinesSection, for the linker to
// fill in: for each function its address and a count, then as many offsets, 32 bits each. The
// chains of those offsets are here, one after the other.
struct RecordedLines {
  std::vector<SourceStep> steps;     // of all chains
  std::vector<uint32_t> chain_ends;  // in steps: the chain begins where the one before ends
  std::vector<uint32_t> recorded;    // chains

  std::span<const SourceStep> chain(uint32_t index) const {
    const uint32_t begin = index == 0 ? 0 : chain_ends[index - 1];
    return std::span(steps).subspan(begin, chain_ends[index] - begin);
  }
};

// To be added to the printer, which owns it. Functions without a subprogram are left out.
std::unique_ptr<llvm::AsmPrinterHandler> create_line_recorder(llvm::AsmPrinter& printer,
                                                              RecordedLines& out);

// The encoded artifact::LineTable. `section` is the linked section of the objects, in order of
// `recorded`; its addresses count from the start of the file, like `text_offset`.
Result<ByteVector> make_line_table(Bytes section, const std::vector<RecordedLines>& recorded,
                                   const Plan& plan, uint64_t text_offset);

}  // namespace wherry::compile
