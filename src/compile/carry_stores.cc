// `row[j + 1] = f(row[j])`: what a round stores is what the next one loads. LLVM sees that when the
// addresses are the same values; those of WebAssembly are base + zext(i32) + constant, and `zext(p)
// + 4` of this round is `zext(p + 4)` of the next only if p + 4 does not wrap around 32 bits. And
// it loads ahead of the loop, for the first round, what the loop may not load at all: native code
// knows that it may.
//
// Here a load is taken to be of what the round before has stored if
//   - its address, with the state that a round leaves in place of the state, is a store's
//     (expressions.h), on every way through the loop,
//   - no other store of the loop can come between: each is a constant away that is not less than
//     its size.
// The first round is peeled off with its load; in all others a phi has the value.
//
// Equal expressions are one address, or two that lie 2^32 apart: the load's is beyond the end then,
// where it has to trap. Either
//   - that cannot be, because the load's constant is not above the store's: an address of 2^32 and
//     more is above 2^32 - 1 by no more than its constant, so the store's would be below the load's
//     constant, and not below its own;
//   - or the store has the load's own zext and a smaller constant, so that the step goes down by
//     less than 32 KiB (expressions.h): it takes the index below 0, and the round that was to trap
//     at the load traps at its store.
#include "compile/carry_stores.h"

#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/LoopIterator.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/PassManager.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/Utils/LoopPeel.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/LoopUtils.h>
#include <llvm/Transforms/Utils/SSAUpdater.h>
#include <llvm/Transforms/Utils/ValueMapper.h>

#include <algorithm>
#include <set>

#include "compile/expressions.h"

namespace wherry::compile {
namespace {

constexpr size_t kMostBlocks = 8;
constexpr size_t kMostInstructions = 300;
constexpr uint64_t kWorkPerInstruction = 100;  // each is advanced once, and compared with stores

struct Analyses {
  llvm::LoopInfo& loops;
  llvm::ScalarEvolution& evolution;
  llvm::DominatorTree& dominators;
  llvm::AssumptionCache& assumptions;
};

class CarriedStores {
 public:
  CarriedStores(llvm::Loop& loop, size_t instructions)
      : loop_(loop), expressions_(loop, instructions * kWorkPerInstruction) {}

  bool find(llvm::LoopInfo& loops);
  void carry(Analyses& analyses);

 private:
  using Number = Expressions::Number;
  struct Access {
    llvm::Instruction* instruction;
    Number address;
    uint32_t bytes;
    const llvm::Value* start;  // the address without the constant that it adds behind its zext
    int64_t constant;
  };
  struct Carried {
    llvm::LoadInst* load;
    std::vector<llvm::StoreInst*> stores;
  };

  bool look_at_instructions();
  void find_step();
  std::optional<Carried> carried_by(const Access& load);
  bool are_apart(const Access& access, Number address, uint32_t bytes);
  bool are_on_every_way(const std::vector<llvm::StoreInst*>& stores) const;
  void carry(const Carried& carried, const llvm::ValueToValueMapTy& first_round);

  llvm::Loop& loop_;
  Expressions expressions_;
  std::vector<llvm::BasicBlock*> blocks_;  // in reverse postorder
  std::vector<Access> loads_, stores_;
  Expressions::Step step_;
  std::vector<Carried> carried_;
};

bool CarriedStores::find(llvm::LoopInfo& loops) {
  llvm::LoopBlocksRPO order(&loop_);
  order.perform(&loops);
  blocks_.assign(order.begin(), order.end());
  if (!loop_.isLoopSimplifyForm() || !llvm::canPeel(&loop_) || !look_at_instructions())
    return false;
  find_step();
  for (const Access& load : loads_) {
    if (auto carried = carried_by(load)) carried_.push_back(*std::move(carried));
  }
  return !carried_.empty();
}

bool CarriedStores::look_at_instructions() {
  for (llvm::BasicBlock* block : blocks_) {
    for (llvm::Instruction& instruction : *block) {
      auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
      auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
      if (!load && !store) {
        if (instruction.mayReadOrWriteMemory()) return false;
        (void)expressions_.number(instruction, 0);
        continue;
      }
      if (load ? !load->isSimple() : !store->isSimple()) return false;
      const llvm::Value* pointer = llvm::getLoadStorePointerOperand(&instruction);
      const llvm::TypeSize size =
          block->getDataLayout().getTypeStoreSize(llvm::getLoadStoreType(&instruction));
      llvm::APInt constant(64, 0);
      const llvm::Value* start = pointer->stripAndAccumulateConstantOffsets(
          block->getDataLayout(), constant, /*AllowNonInbounds=*/true);
      (load ? loads_ : stores_)
          .push_back({&instruction, expressions_.number_of(pointer),
                      static_cast<uint32_t>(size.getFixedValue()), start, constant.getSExtValue()});
    }
  }
  return !loads_.empty() && !stores_.empty();
}

void CarriedStores::find_step() {
  for (llvm::PHINode& phi : loop_.getHeader()->phis()) {
    const Number next = expressions_.number_of(phi.getIncomingValueForBlock(loop_.getLoopLatch()));
    auto distance = expressions_.distance_from(&phi, next);
    if (distance) step_[expressions_.number_of(&phi)] = next;
  }
}

bool CarriedStores::are_apart(const Access& access, Number address, uint32_t bytes) {
  auto distance = expressions_.address_distance(access.address, address);
  return distance && *distance >= bytes && -*distance >= access.bytes;
}

// A store that the loop cannot get around ends each round with its value.
bool CarriedStores::are_on_every_way(const std::vector<llvm::StoreInst*>& stores) const {
  std::set<const llvm::BasicBlock*> stored;
  for (const llvm::BasicBlock* block : blocks_) {
    const bool has_store = std::any_of(stores.begin(), stores.end(),
                                       [&](auto* store) { return store->getParent() == block; });
    const bool is_behind = block != loop_.getHeader() &&
                           llvm::all_of(llvm::predecessors(block),
                                        [&](auto* before) { return stored.contains(before); });
    if (has_store || is_behind) stored.insert(block);
  }
  return stored.contains(loop_.getLoopLatch());
}

std::optional<CarriedStores::Carried> CarriedStores::carried_by(const Access& load) {
  auto next = expressions_.advance(load.address, step_, 0);
  if (!next || *next == load.address) return std::nullopt;
  Carried out{llvm::cast<llvm::LoadInst>(load.instruction), {}};
  bool cannot_wrap = true, traps_at_store = true;
  for (const Access& access : stores_) {
    if (!are_apart(access, load.address, load.bytes)) return std::nullopt;
    if (access.address != *next) {
      if (!are_apart(access, *next, load.bytes)) return std::nullopt;
      continue;
    }
    auto* store = llvm::cast<llvm::StoreInst>(access.instruction);
    if (store->getValueOperand()->getType() != load.instruction->getType()) return std::nullopt;
    cannot_wrap &= load.constant <= access.constant;
    traps_at_store &= load.start == access.start;
    out.stores.push_back(store);
  }
  if (out.stores.empty() || !are_on_every_way(out.stores)) return std::nullopt;
  if (!cannot_wrap && !traps_at_store) return std::nullopt;
  return out;
}

void CarriedStores::carry(Analyses& analyses) {
  llvm::formLCSSA(loop_, analyses.dominators, &analyses.loops, &analyses.evolution);
  llvm::ValueToValueMapTy first_round;
  llvm::peelLoop(&loop_, 1, /*PeelLast=*/false, &analyses.loops, &analyses.evolution,
                 analyses.dominators, &analyses.assumptions, /*PreserveLCSSA=*/true, first_round);
  for (const Carried& carried : carried_) carry(carried, first_round);
}

void CarriedStores::carry(const Carried& carried, const llvm::ValueToValueMapTy& first_round) {
  llvm::Type* type = carried.load->getType();
  llvm::SSAUpdater values;
  values.Initialize(type, "stored");
  // In the order of execution: a block's last store counts.
  for (llvm::StoreInst* store : carried.stores) {
    auto* first = llvm::cast<llvm::StoreInst>(first_round.lookup(store));
    values.AddAvailableValue(first->getParent(), first->getValueOperand());
    values.AddAvailableValue(store->getParent(), store->getValueOperand());
  }
  llvm::BasicBlock* before = loop_.getLoopPreheader();
  llvm::BasicBlock* latch = loop_.getLoopLatch();
  llvm::Value* at_first = values.GetValueAtEndOfBlock(before);
  llvm::Value* at_next = values.GetValueAtEndOfBlock(latch);
  llvm::BasicBlock* header = loop_.getHeader();
  auto* phi = llvm::PHINode::Create(type, 2, "carried", header->begin());
  phi->addIncoming(at_first, before);
  phi->addIncoming(at_next, latch);
  carried.load->replaceAllUsesWith(phi);
  carried.load->eraseFromParent();
}

class CarryStoresPass : public llvm::PassInfoMixin<CarryStoresPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& manager) {
    auto& loops = manager.getResult<llvm::LoopAnalysis>(function);
    if (loops.empty()) return llvm::PreservedAnalyses::all();
    Analyses analyses{loops, manager.getResult<llvm::ScalarEvolutionAnalysis>(function),
                      manager.getResult<llvm::DominatorTreeAnalysis>(function),
                      manager.getResult<llvm::AssumptionAnalysis>(function)};
    bool changed = false;
    for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
      if (!loop->isInnermost() || loop->getNumBlocks() > kMostBlocks) continue;
      size_t instructions = 0;
      for (const llvm::BasicBlock* block : loop->blocks()) instructions += block->size();
      if (instructions > kMostInstructions) continue;
      CarriedStores stores(*loop, instructions);
      if (!stores.find(loops)) continue;
      stores.carry(analyses);
      changed = true;
    }
    return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
  }
};

}  // namespace

void register_carry_stores_pass(llvm::PassBuilder& builder) {
  builder.registerPipelineEarlySimplificationEPCallback(
      [](llvm::ModulePassManager& passes, llvm::OptimizationLevel, llvm::ThinOrFullLTOPhase) {
        passes.addPass(llvm::createModuleToFunctionPassAdaptor(CarryStoresPass()));
      });
}

}  // namespace wherry::compile
