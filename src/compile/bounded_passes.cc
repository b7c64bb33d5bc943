#include "compile/bounded_passes.h"

#include <llvm/IR/Function.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

#include <vector>

namespace wherry::compile {

namespace {

// Jump threading follows each condition through all that come before it, and copies blocks while
// there is something to gain: a chain of 700 comparisons of sums took 6 s, of 1,700 minutes.
constexpr size_t kMostBlocksToThread = 500;

constexpr size_t kLongBlock = 2000;

// As far as static allocas go, which belong in the entry.
bool belongs_at_the_start(const llvm::Instruction& instruction) {
  return llvm::isa<llvm::PHINode>(instruction) || llvm::isa<llvm::AllocaInst>(instruction) ||
         instruction.isEHPad();
}

void cut(llvm::BasicBlock& block) {
  if (block.size() <= kLongBlock) return;
  std::vector<llvm::Instruction*> places;
  size_t length = 0;
  for (llvm::Instruction& instruction : block) {
    if (belongs_at_the_start(instruction)) {
      places.clear();
      length = 0;
    } else if (++length % kLongBlock == 0 && !instruction.isTerminator()) {
      places.push_back(&instruction);
    }
  }
  // From the end, so that each cut moves no more than one piece.
  for (size_t i = places.size(); i-- > 0;) block.splitBasicBlock(places[i]);
}

}  // namespace

void bound_passes(llvm::PassInstrumentationCallbacks& callbacks) {
  callbacks.registerShouldRunOptionalPassCallback([](llvm::StringRef pass, llvm::Any ir) {
    if (pass != "JumpThreadingPass") return true;
    const auto* const* function = llvm::any_cast<const llvm::Function*>(&ir);
    return function == nullptr || (*function)->size() <= kMostBlocksToThread;
  });
}

llvm::ModulePassManager cheap_passes() {
  llvm::FunctionPassManager functions;
  functions.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  functions.addPass(llvm::EarlyCSEPass(true));
  functions.addPass(llvm::SimplifyCFGPass());
  functions.addPass(llvm::InstCombinePass());
  functions.addPass(llvm::SimplifyCFGPass());
  llvm::ModulePassManager modules;
  modules.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(functions)));
  return modules;
}

void cut_long_blocks(llvm::Module& module) {
  for (llvm::Function& function : module) {
    std::vector<llvm::BasicBlock*> blocks;
    for (llvm::BasicBlock& block : function) blocks.push_back(&block);
    for (llvm::BasicBlock* block : blocks) cut(*block);
  }
}

}  // namespace wherry::compile
