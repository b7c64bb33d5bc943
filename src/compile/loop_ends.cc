#include "compile/loop_ends.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Pass.h>
#include <llvm/Transforms/Utils/Local.h>

#include <vector>

#include "compile/llvm.h"

namespace wherry::compile {
namespace {

constexpr int kMostTerms = 8;

// A sum of one value that changes in the loop and of some that do not.
struct Sum {
  llvm::Value* changing = nullptr;
  std::vector<std::pair<llvm::Value*, bool>> constant;  // true: taken away

  // False if it is another sum. Only what nothing else needs is taken apart.
  bool take_apart(llvm::Value* value, bool negative, const llvm::Loop& loop) {
    if (loop.isLoopInvariant(value)) {
      constant.emplace_back(value, negative);
      return constant.size() <= kMostTerms;
    }
    auto* instruction = llvm::cast<llvm::Instruction>(value);
    const bool is_add = instruction->getOpcode() == llvm::Instruction::Add;
    const bool is_sub = instruction->getOpcode() == llvm::Instruction::Sub;
    if ((is_add || is_sub) && instruction->hasOneUse()) {
      return take_apart(instruction->getOperand(0), negative, loop) &&
             take_apart(instruction->getOperand(1), negative != is_sub, loop);
    }
    if (changing != nullptr || negative) return false;
    changing = value;
    return true;
  }
};

class LoopEnds : public llvm::FunctionPass {
 public:
  static char ID;
  LoopEnds() : FunctionPass(ID) {}

  llvm::StringRef getPassName() const override { return "Wherry loop ends"; }

  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
    usage.addRequired<llvm::LoopInfoWrapperPass>();
    usage.setPreservesCFG();
  }

  bool runOnFunction(llvm::Function&) override {
    bool changed = false;
    auto& loops = getAnalysis<llvm::LoopInfoWrapperPass>().getLoopInfo();
    for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
      if (!loop->isInnermost() || !loop->getLoopPreheader()) continue;
      llvm::SmallVector<llvm::BasicBlock*, 4> ends;
      loop->getExitingBlocks(ends);
      for (llvm::BasicBlock* end : ends) changed |= simplify(*loop, *end);
    }
    return changed;
  }

 private:
  static bool simplify(const llvm::Loop& loop, llvm::BasicBlock& end) {
    auto* branch = llvm::dyn_cast<llvm::BranchInst>(end.getTerminator());
    auto* compare = branch && branch->isConditional()
                        ? llvm::dyn_cast<llvm::ICmpInst>(branch->getCondition())
                        : nullptr;
    if (!compare || !compare->isEquality() || !loop.contains(compare) ||
        !compare->getOperand(0)->getType()->isIntegerTy()) {
      return false;
    }
    for (unsigned side = 0; side < 2; side++) {
      llvm::Value* bound = compare->getOperand(1 - side);
      llvm::Value* value = compare->getOperand(side);
      Sum sum;
      if (!loop.isLoopInvariant(bound) || loop.isLoopInvariant(value) ||
          !sum.take_apart(value, false, loop) || !sum.changing || sum.constant.empty()) {
        continue;
      }
      llvm::IRBuilder<> ir(loop.getLoopPreheader()->getTerminator());
      for (auto [term, negative] : sum.constant) {
        bound = negative ? ir.CreateAdd(bound, term) : ir.CreateSub(bound, term);
      }
      compare->setOperand(side, sum.changing);
      compare->setOperand(1 - side, bound);
      llvm::RecursivelyDeleteTriviallyDeadInstructions(value);
      return true;
    }
    return false;
  }
};

char LoopEnds::ID = 0;

}  // namespace

llvm::Pass* create_loop_ends_pass() { return new LoopEnds(); }

}  // namespace wherry::compile
