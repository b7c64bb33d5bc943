// Carries "this comes from there in the module's source" through LLVM, as debug locations.
//
// A location's line is a number of wasm::SourceLines' places and one (0 stays "unknown", which LLVM
// makes where it merges code), its scope a subprogram whose line is the WebAssembly function's
// index, and what LLVM inlines it marks itself. The compile unit has no emission of its own: LLVM
// writes no debug information, compiler passes do not look for any, and the code stays the same
// (docs/decisions/0009). LineRecorder reads the locations back.
#pragma once

#include "compile/llvm.h"
#include "wasm/source_lines.h"

namespace wherry::compile {

// One per LLVM module that has functions with locations.
class SourceLocations {
 public:
  SourceLocations(llvm::Module& module, const wasm::SourceLines& lines);

  // What `ir` makes from now on belongs to the function, whose body lies at `body_offset` in the
  // module, and comes from its start.
  void begin_function(llvm::IRBuilder<>& ir, llvm::Function& function, wasm::FuncIndex index,
                      uint32_t body_offset);
  // It comes from the instruction at this offset. Offsets ascend within a function.
  void move_to(llvm::IRBuilder<>& ir, uint32_t offset);

 private:
  unsigned line() const;

  const wasm::SourceLines& lines_;
  llvm::DIBuilder builder_;
  llvm::DIFile* file_;
  llvm::DISubroutineType* type_;
  llvm::DISubprogram* function_ = nullptr;
  size_t run_ = 0;
};

// Where code of a function comes from: innermost first, what LLVM inlined and into what.
struct SourceStep {
  wasm::FuncIndex function = 0;
  uint32_t place = wasm::SourcePlace::kNone;
};

// Appends the steps of a location.
void append_steps(const llvm::DILocation& location, std::vector<SourceStep>& steps);
// Of a function's first instructions, which have no location.
SourceStep step_of_start(const llvm::DISubprogram& function);

}  // namespace wherry::compile
