#include "compile/wide_phis.h"

#include <llvm/ADT/MapVector.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Pass.h>

#include <map>
#include <vector>

#include "compile/llvm.h"

namespace wherry::compile {
namespace {

// Instructions of which x86-64 has none that leaves the upper half of a register as it was.
bool clears_upper_half(const llvm::Value* value) {
  if (llvm::isa<llvm::Constant>(value)) return true;
  if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(value)) {
    switch (call->getIntrinsicID()) {
      case llvm::Intrinsic::umin:
      case llvm::Intrinsic::umax:
      case llvm::Intrinsic::smin:
      case llvm::Intrinsic::smax:
      case llvm::Intrinsic::fshl:
      case llvm::Intrinsic::fshr: return true;
      default: return false;
    }
  }
  return llvm::isa<llvm::BinaryOperator, llvm::LoadInst, llvm::ZExtInst, llvm::SExtInst,
                   llvm::SelectInst>(value);
}

class WidePhis : public llvm::FunctionPass {
 public:
  static char ID;
  WidePhis() : FunctionPass(ID) {}

  llvm::StringRef getPassName() const override { return "Wherry wide phis"; }

  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
    usage.addRequired<llvm::LoopInfoWrapperPass>();
    usage.setPreservesCFG();
  }

  bool runOnFunction(llvm::Function& function) override {
    loops_ = &getAnalysis<llvm::LoopInfoWrapperPass>().getLoopInfo();
    wide_.clear();
    zexts_.clear();
    collect(function);
    drop_expensive();
    if (wide_.empty()) return false;
    widen();
    return true;
  }

 private:
  // Phis that are extended, and those that they take values from.
  void collect(llvm::Function& function) {
    std::vector<llvm::PHINode*> open;
    const auto add = [&](llvm::PHINode* phi) {
      if (wide_.insert({phi, nullptr}).second) open.push_back(phi);
    };
    for (llvm::BasicBlock& block : function) {
      for (llvm::PHINode& phi : block.phis()) {
        if (phi.getType()->isIntegerTy(32) && is_extended(phi)) add(&phi);
      }
    }
    while (!open.empty()) {
      llvm::PHINode* phi = open.back();
      open.pop_back();
      for (llvm::Value* value : phi->incoming_values()) {
        if (auto* other = llvm::dyn_cast<llvm::PHINode>(value)) add(other);
      }
    }
  }

  static bool is_extended(const llvm::PHINode& phi) {
    return llvm::any_of(phi.users(), [](const llvm::User* user) {
      return llvm::isa<llvm::ZExtInst>(user) && user->getType()->isIntegerTy(64);
    });
  }

  // What enters a loop may cost an instruction, if what goes around does not.
  bool is_cheap(const llvm::PHINode& phi) const {
    const llvm::Loop* loop = loops_->getLoopFor(phi.getParent());
    const bool is_header = loop && loop->getHeader() == phi.getParent();
    for (unsigned i = 0; i < phi.getNumIncomingValues(); i++) {
      if (is_header && !loop->contains(phi.getIncomingBlock(i))) continue;
      const llvm::Value* value = phi.getIncomingValue(i);
      auto* other = llvm::dyn_cast<llvm::PHINode>(value);
      if (other ? !wide_.contains(const_cast<llvm::PHINode*>(other)) : !clears_upper_half(value)) {
        return false;
      }
    }
    return true;
  }

  void drop_expensive() {
    for (size_t before = 0; before != wide_.size();) {
      before = wide_.size();
      std::vector<llvm::PHINode*> expensive;
      for (const auto& [phi, wide] : wide_) {
        if (!is_cheap(*phi)) expensive.push_back(phi);
      }
      wide_.remove_if([&](const auto& item) { return llvm::is_contained(expensive, item.first); });
    }
  }

  void widen() {
    for (auto& [phi, wide] : wide_) {
      llvm::IRBuilder<> ir(phi);
      wide = ir.CreatePHI(ir.getInt64Ty(), phi->getNumIncomingValues(), phi->getName());
    }
    for (auto& [phi, wide] : wide_) {
      for (unsigned i = 0; i < phi->getNumIncomingValues(); i++) {
        llvm::BasicBlock* from = phi->getIncomingBlock(i);
        wide->addIncoming(extended(phi->getIncomingValue(i), *from), from);
      }
    }
    for (auto& [phi, wide] : wide_) replace(*phi, *wide);
    for (auto& [phi, wide] : wide_) phi->eraseFromParent();
  }

  // Behind the instruction that makes the value, so that selection sees both; for what no
  // instruction of its block makes, where it comes from.
  llvm::Value* extended(llvm::Value* value, llvm::BasicBlock& from) {
    llvm::Type* i64 = llvm::Type::getInt64Ty(from.getContext());
    if (auto* phi = llvm::dyn_cast<llvm::PHINode>(value)) {
      if (auto found = wide_.find(phi); found != wide_.end()) return found->second;
    }
    if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value)) {
      return llvm::ConstantInt::get(i64, constant->getZExtValue());
    }
    auto* instruction = llvm::dyn_cast<llvm::Instruction>(value);
    const bool is_here = instruction && clears_upper_half(value);
    llvm::Value*& made = zexts_[{value, is_here ? instruction->getParent() : &from}];
    if (!made) {
      llvm::IRBuilder<> ir(is_here ? instruction->getNextNode() : from.getTerminator());
      made = ir.CreateZExt(value, i64);
    }
    return made;
  }

  void replace(llvm::PHINode& phi, llvm::PHINode& wide) {
    for (llvm::User* user : llvm::make_early_inc_range(phi.users())) {
      auto* zext = llvm::dyn_cast<llvm::ZExtInst>(user);
      if (!zext || !zext->getType()->isIntegerTy(64)) continue;
      zext->replaceAllUsesWith(&wide);
      zext->eraseFromParent();
    }
    if (phi.use_empty()) return;
    llvm::IRBuilder<> ir(&*phi.getParent()->getFirstInsertionPt());
    phi.replaceAllUsesWith(ir.CreateTrunc(&wide, phi.getType()));
  }

  llvm::LoopInfo* loops_ = nullptr;
  llvm::MapVector<llvm::PHINode*, llvm::PHINode*> wide_;
  std::map<std::pair<llvm::Value*, llvm::BasicBlock*>, llvm::Value*> zexts_;
};

char WidePhis::ID = 0;

}  // namespace

llvm::Pass* create_wide_phis_pass() { return new WidePhis(); }

}  // namespace wherry::compile
