// WebAssembly adds in 32 bits before it accesses memory, so that `a[i]` and `a[i + 1]` have an
// address computation each, where native code has one and a displacement.
//
// What makes that sound (contract/vm.h has the numbers):
//   - Every address stays base + zext(i32) + constant, whatever passes make of it later, the
//   removal
//     of the dominating access included: with D = C - C0 of no more than kMostDistance either way
//     it lies in [base - kMostDistance, base + 4 GiB + guard), where whatever is not the memory is
//     inaccessible.
//   - Where the dominating access (the leader) succeeded, y + C0 < 4 GiB - 64 KiB, since no memory
//   has
//     its last page. For D > 0, y + C0 + D then does not wrap, so both forms are one address. For D
//     < 0 it may: the access was to wrap to the end of 4 GiB, and traps there; now it is to the
//     pre-guard, and traps as well, if the access has no offset of its own to lift it into the
//     memory again.
//   - Where the leader does not succeed, the guest has trapped. If its value is not needed and LLVM
//     removes it, this access is at most kMostDistance from where the leader's would have been:
//     beyond the end.
//   - Nothing is said of y + C0 that LLVM could use to widen other arithmetic (no nuw, no
//   inbounds).
#include "compile/relative_addresses.h"

#include <map>

#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/PassManager.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/Utils/Local.h>

#include "compile/llvm.h"
#include "contract/vm.h"

namespace wherry::compile {
namespace {

constexpr int64_t kMostDistance = contract::kPreGuardBytes - 64;

// base + zext(index) + offset.
struct Address {
  llvm::Value* base = nullptr;
  llvm::ZExtInst* index = nullptr;
  int64_t offset = 0;
};

// Of the two steps that effective_address() makes and of what LLVM makes of them.
std::optional<Address> address_of(llvm::Value* pointer) {
  Address address;
  for (int steps = 0; steps < 2; steps++) {
    auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(pointer);
    if (!gep || gep->getNumIndices() != 1 || !gep->getSourceElementType()->isIntegerTy(8)) break;
    if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(gep->getOperand(1))) {
      if (steps != 0) break;
      address.offset = constant->getSExtValue();
    } else {
      address.index = llvm::dyn_cast<llvm::ZExtInst>(gep->getOperand(1));
      if (!address.index || !address.index->getSrcTy()->isIntegerTy(32)) return std::nullopt;
      address.base = gep->getPointerOperand();
      return address;
    }
    pointer = gep->getPointerOperand();
  }
  return std::nullopt;
}

class RelativeAddressesPass : public llvm::PassInfoMixin<RelativeAddressesPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    if (function.hasOptNone()) return llvm::PreservedAnalyses::all();
    auto& evolution = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
    auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
    leaders_.clear();
    bool changed = false;
    for (auto* node : llvm::depth_first(dominators.getRootNode())) {
      for (llvm::Instruction& instruction : *node->getBlock()) {
        changed |= visit(instruction, evolution, dominators);
      }
    }
    if (!changed) return llvm::PreservedAnalyses::all();
    llvm::PreservedAnalyses preserved;
    preserved.preserveSet<llvm::CFGAnalyses>();
    return preserved;
  }

 private:
  struct Leader {
    llvm::Instruction* access;
    llvm::Value* start;  // base + zext(index)
    int64_t constant;    // of the index
  };
  // By base and by the index without its constant.
  std::map<std::pair<llvm::Value*, const llvm::SCEV*>, std::vector<Leader>> leaders_;

  static std::pair<const llvm::SCEV*, int64_t> split(const llvm::SCEV* index,
                                                     llvm::ScalarEvolution& evolution) {
    const llvm::SCEV* start = index;
    if (auto* recurrence = llvm::dyn_cast<llvm::SCEVAddRecExpr>(index))
      start = recurrence->getStart();
    const llvm::SCEVConstant* constant = llvm::dyn_cast<llvm::SCEVConstant>(start);
    if (auto* sum = llvm::dyn_cast<llvm::SCEVAddExpr>(start)) {
      constant = llvm::dyn_cast<llvm::SCEVConstant>(sum->getOperand(0));
    }
    if (!constant) return {index, 0};
    return {evolution.getMinusSCEV(index, constant), constant->getAPInt().getSExtValue()};
  }

  bool visit(llvm::Instruction& instruction, llvm::ScalarEvolution& evolution,
             llvm::DominatorTree& dominators) {
    llvm::Value* pointer = llvm::getLoadStorePointerOperand(&instruction);
    if (!pointer) return false;
    std::optional<Address> address = address_of(pointer);
    if (!address) return false;
    auto [rest, constant] = split(evolution.getSCEV(address->index->getOperand(0)), evolution);
    std::vector<Leader>& leaders = leaders_[{address->base, rest}];
    for (const Leader& leader : leaders) {
      // Modulo 2^32, as the index is.
      const int64_t distance = static_cast<int32_t>(constant - leader.constant);
      const bool is_near = distance >= -kMostDistance && distance <= kMostDistance;
      if (!is_near || (distance < 0 && address->offset != 0)) continue;
      if (!dominators.dominates(leader.access, &instruction)) continue;
      const int64_t offset = address->offset + distance;
      if (offset > static_cast<int64_t>(contract::kMaxUncheckedOffset)) continue;
      return replace(instruction, pointer, leader.start, offset);
    }
    if (leaders.size() < kMostLeaders) {
      leaders.push_back({&instruction, start_of(pointer), constant});
    }
    return false;
  }

  static llvm::Value* start_of(llvm::Value* pointer) {
    auto* gep = llvm::cast<llvm::GetElementPtrInst>(pointer);
    return llvm::isa<llvm::ConstantInt>(gep->getOperand(1)) ? gep->getPointerOperand() : gep;
  }

  static bool replace(llvm::Instruction& access, llvm::Value* pointer, llvm::Value* start,
                      int64_t offset) {
    llvm::IRBuilder<> ir(&access);
    llvm::Value* near = start;
    if (offset != 0) {
      near = ir.CreateGEP(ir.getInt8Ty(), start, ir.getInt64(static_cast<uint64_t>(offset)));
    }
    if (near == pointer) return false;
    const unsigned operand = llvm::isa<llvm::LoadInst>(access) ? 0 : 1;
    access.setOperand(operand, near);
    llvm::RecursivelyDeleteTriviallyDeadInstructions(pointer);
    return true;
  }

  static constexpr size_t kMostLeaders = 16;  // for each index: what is far away is rare
};

}  // namespace

void register_relative_addresses_pass(llvm::PassBuilder& builder) {
  builder.registerPipelineEarlySimplificationEPCallback(
      [](llvm::ModulePassManager& passes, llvm::OptimizationLevel, llvm::ThinOrFullLTOPhase) {
        passes.addPass(llvm::createModuleToFunctionPassAdaptor(RelativeAddressesPass()));
      });
  builder.registerScalarOptimizerLateEPCallback(
      [](llvm::FunctionPassManager& passes, llvm::OptimizationLevel) {
        passes.addPass(RelativeAddressesPass());
      });
  // What unrolling has made since.
  builder.registerOptimizerLastEPCallback(
      [](llvm::ModulePassManager& passes, llvm::OptimizationLevel, llvm::ThinOrFullLTOPhase) {
        passes.addPass(llvm::createModuleToFunctionPassAdaptor(RelativeAddressesPass()));
      });
}

}  // namespace wherry::compile
