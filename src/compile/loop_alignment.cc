#include "compile/loop_alignment.h"

#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineLoopInfo.h>

#include <algorithm>

namespace wherry::compile {
namespace {

constexpr uint64_t kCacheLineBytes = 64;

class LoopAlignment : public llvm::MachineFunctionPass {
 public:
  static char ID;
  LoopAlignment() : MachineFunctionPass(ID) {}

  llvm::StringRef getPassName() const override { return "Wherry loop alignment"; }

  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
    usage.addRequired<llvm::MachineLoopInfoWrapperPass>();
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

  bool runOnMachineFunction(llvm::MachineFunction&) override {
    bool changed = false;
    for (llvm::MachineLoop* loop :
         getAnalysis<llvm::MachineLoopInfoWrapperPass>().getLI().getLoopsInPreorder()) {
      if (loop->isInnermost() && !has_call(*loop)) changed |= align(*loop);
    }
    return changed;
  }

 private:
  static bool has_call(const llvm::MachineLoop& loop) {
    return std::any_of(loop.block_begin(), loop.block_end(), [](llvm::MachineBasicBlock* block) {
      return std::any_of(block->begin(), block->end(), [](const llvm::MachineInstr& instruction) {
        return instruction.isCall();
      });
    });
  }

  static bool align(llvm::MachineLoop& loop) {
    bool changed = false;
    for (llvm::MachineBasicBlock* block : loop.blocks()) {
      if (block->getAlignment() == llvm::Align(1)) continue;
      block->setAlignment(llvm::Align(kCacheLineBytes));
      changed = true;
    }
    return changed;
  }
};

char LoopAlignment::ID = 0;

}  // namespace

llvm::Pass* create_loop_alignment_pass() { return new LoopAlignment(); }

}  // namespace wherry::compile
