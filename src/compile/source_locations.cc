#include "compile/source_locations.h"

namespace wherry::compile {
namespace {

using wasm::SourcePlace;

uint32_t place_of_line(unsigned line) { return line == 0 ? SourcePlace::kNone : line - 1; }

}  // namespace

SourceLocations::SourceLocations(llvm::Module& module, const wasm::SourceLines& lines)
    : lines_(lines), builder_(module) {
  file_ = builder_.createFile("module.wasm", "");
  builder_.createCompileUnit(llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_C99), file_, "", true,
                             "", 0, "", llvm::DICompileUnit::NoDebug);
  type_ = builder_.createSubroutineType(builder_.getOrCreateTypeArray({}));
}

void SourceLocations::begin_function(llvm::IRBuilder<>& ir, llvm::Function& function,
                                     wasm::FuncIndex index, uint32_t body_offset) {
  run_ = lines_.find(body_offset);  // the first one covers all of the code section's beginning
  function_ = builder_.createFunction(file_, "", "", file_, index, type_, line(),
                                      llvm::DINode::FlagZero, llvm::DISubprogram::SPFlagDefinition);
  builder_.finalizeSubprogram(function_);
  function.setSubprogram(function_);
  ir.SetCurrentDebugLocation(llvm::DILocation::get(ir.getContext(), line(), 0, function_));
}

void SourceLocations::move_to(llvm::IRBuilder<>& ir, uint32_t offset) {
  const size_t before = run_;
  while (run_ + 1 < lines_.runs.size() && lines_.runs[run_ + 1].offset <= offset) run_++;
  if (run_ == before) return;
  ir.SetCurrentDebugLocation(llvm::DILocation::get(ir.getContext(), line(), 0, function_));
}

unsigned SourceLocations::line() const {
  const uint32_t place = lines_.runs[run_].place;
  return place == SourcePlace::kNone ? 0 : place + 1;
}

void append_steps(const llvm::DILocation& location, std::vector<SourceStep>& steps) {
  for (const llvm::DILocation* at = &location; at; at = at->getInlinedAt()) {
    steps.push_back({at->getScope()->getSubprogram()->getLine(), place_of_line(at->getLine())});
  }
}

SourceStep step_of_start(const llvm::DISubprogram& function) {
  return {function.getLine(), place_of_line(function.getScopeLine())};
}

}  // namespace wherry::compile
