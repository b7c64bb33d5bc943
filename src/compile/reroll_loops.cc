// LLVM's WebAssembly backend unrolls small loops, by four as a rule, which keeps them from being
// vectorized: the copies' accesses look like an interleaved group. LLVM has no pass that takes the
// copies together again.
//
// A loop of one block is taken to be N copies of a step if a step G of its phis exists such that
//   - N times G is what the block makes of the phis,
//   - the block's stores are N times the first N-th of them, each copy with the state that G has
//   made
//     of the phis so far, and loads see memory after as many stores.
// Both are decided on expressions (expressions.h), not on the order or form of instructions. Then
// the block keeps the first copy and the phis take G's values; since the number of rounds must be
// known when the loop begins, a counter of its own ends the loop after N times as many.
//
// Addresses are base + zext(i32) + constant. That a copy's `zext(i) + 8` is the step's `zext(i +
// 8)` does not hold if i + 8 wraps around 32 bits. But then the first copy's access, at i or a few
// KiB from it, is beyond the end of any memory (contract/vm.h: none has the last 64 KiB) and traps,
// in the loop as it was and in the loop as it becomes. Whatever later passes remove, each access
// keeps a form that stays within the reservation.
#include "compile/reroll_loops.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/PassManager.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include <bit>

#include "compile/expressions.h"

namespace wherry::compile {
namespace {

constexpr size_t kMostInstructions = 400;
constexpr uint32_t kMostCopies = 16;
// What was rolled up in the kernels, SQLite, cwebp and Rust's library took at most 920; a hostile
// loop would take without end.
constexpr uint64_t kWorkPerInstruction = 1500;

class LoopBody {
 public:
  LoopBody(llvm::Loop& loop, llvm::ScalarEvolution& evolution)
      : loop_(loop),
        evolution_(evolution),
        block_(*loop.getHeader()),
        expressions_(loop, block_.size() * kWorkPerInstruction) {}

  bool reroll() {
    if (!look_at_instructions()) return false;
    rounds_ = evolution_.getBackedgeTakenCount(&loop_);
    llvm::SCEVExpander expander(evolution_, "rounds");
    if (llvm::isa<llvm::SCEVCouldNotCompute>(rounds_) ||
        !expander.isSafeToExpandAt(rounds_, loop_.getLoopPreheader()->getTerminator())) {
      rounds_ = nullptr;
      if (!find_end()) return false;
    }
    for (uint32_t copies = kMostCopies; copies >= 2 && !expressions_.exhausted(); copies--) {
      if (is_copies(copies)) {
        rewrite(copies);
        return true;
      }
    }
    return false;
  }

 private:
  using Number = Expressions::Number;
  struct Store {
    llvm::StoreInst* instruction;
    Number address, value;
  };

  bool look_at_instructions();
  bool find_end();
  llvm::Value* count_rounds();
  bool is_copies(uint32_t copies);
  bool find_step(uint32_t copies);
  bool find_step_of(llvm::PHINode* phi, uint32_t copies);
  bool stores_are_copies(uint32_t copies);
  bool find_live_outs(uint32_t copies);
  bool find_live_out(llvm::Instruction& instruction, Number number, uint32_t copies);
  std::optional<Number> after(Number expression, uint32_t steps);
  llvm::Instruction* first_with(Number number) const;
  void rewrite(uint32_t copies);
  void replace_outside(llvm::Instruction& instruction, llvm::Value& value);

  llvm::Value* latch_value(llvm::PHINode* phi) const {
    return phi->getIncomingValueForBlock(&block_);
  }

  llvm::Loop& loop_;
  llvm::ScalarEvolution& evolution_;
  llvm::BasicBlock& block_;
  Expressions expressions_;
  // How often the loop goes on, if LLVM can tell; else the loop ends when `end_phi_`, which grows
  // by `end_step_` in each round, is `end_bound_` less `end_distance_`.
  const llvm::SCEV* rounds_ = nullptr;
  llvm::PHINode* end_phi_ = nullptr;
  llvm::Value* end_bound_ = nullptr;
  int64_t end_step_ = 0, end_distance_ = 0;
  std::vector<Store> stores_;
  std::vector<std::pair<llvm::Instruction*, Number>> values_;  // all but phis, in order
  // For the number of copies that is being tried.
  Expressions::Step step_;
  uint32_t stores_per_copy_ = 0;
  struct LiveOut {
    llvm::Instruction* instruction;
    llvm::Instruction* kept;  // which takes its place, with this added
    int64_t distance;
  };
  std::vector<LiveOut> live_outs_;
};

bool LoopBody::look_at_instructions() {
  if (block_.size() > kMostInstructions) return false;
  uint32_t loads = 0;
  for (llvm::Instruction& instruction : block_) {
    if (llvm::isa<llvm::PHINode>(instruction) || instruction.isTerminator()) continue;
    if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction)) {
      if (!store->isSimple()) return false;
      stores_.push_back({store, expressions_.number_of(store->getPointerOperand()),
                         expressions_.number_of(store->getValueOperand())});
      continue;
    }
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
      if (!load->isSimple()) return false;
      loads++;
    }
    auto number = expressions_.number(instruction, static_cast<uint32_t>(stores_.size()));
    if (!number) return false;
    values_.push_back({&instruction, *number});
  }
  return !stores_.empty() || loads > 1;
}

// A loop that goes on while phi + distance != bound.
bool LoopBody::find_end() {
  auto* branch = llvm::cast<llvm::BranchInst>(block_.getTerminator());
  auto* compare = llvm::dyn_cast<llvm::ICmpInst>(branch->getCondition());
  if (!compare || compare->getParent() != &block_ || !compare->isEquality()) return false;
  const bool goes_on_when_equal = compare->getPredicate() == llvm::CmpInst::ICMP_EQ
                                      ? branch->getSuccessor(0) == &block_
                                      : branch->getSuccessor(1) == &block_;
  if (goes_on_when_equal) return false;
  for (unsigned side = 0; side < 2; side++) {
    llvm::Value* bound = compare->getOperand(1 - side);
    if (!loop_.isLoopInvariant(bound) || !bound->getType()->isIntegerTy(32)) continue;
    for (llvm::PHINode& phi : block_.phis()) {
      if (!phi.getType()->isIntegerTy(32)) continue;
      auto step = expressions_.distance_from(&phi, expressions_.number_of(latch_value(&phi)));
      auto distance =
          expressions_.distance_from(&phi, expressions_.number_of(compare->getOperand(side)));
      if (!step || *step == 0 || !distance) continue;
      end_phi_ = &phi;
      end_bound_ = bound;
      end_step_ = *step;
      end_distance_ = *distance;
      return true;
    }
  }
  return false;
}

// In the preheader: how many rounds the loop has. The phi reaches its bound, D away, after the
// least t with step * t = D modulo 2^32. The step is odd * 2^k: if D is a multiple of 2^k, t is D /
// 2^k divided by the odd number modulo 2^(32 - k); if not, there is no such t, the loop has no end,
// and a number of rounds that takes centuries stands for that.
llvm::Value* LoopBody::count_rounds() {
  llvm::BasicBlock* preheader = loop_.getLoopPreheader();
  llvm::Type* i64 = llvm::Type::getInt64Ty(block_.getContext());
  if (rounds_) {
    llvm::SCEVExpander expander(evolution_, "rounds");
    const llvm::SCEV* rounds =
        evolution_.getAddExpr(evolution_.getZeroExtendExpr(rounds_, i64), evolution_.getOne(i64));
    return expander.expandCodeFor(rounds, i64, preheader->getTerminator());
  }
  const auto step = static_cast<uint32_t>(end_step_);
  const unsigned shift = static_cast<unsigned>(std::countr_zero(step));
  const uint32_t odd = step >> shift;
  uint32_t inverse = odd;  // right in three bits, and each round doubles their number
  for (int i = 0; i < 4; i++) inverse *= 2 - odd * inverse;
  llvm::IRBuilder<> ir(preheader->getTerminator());
  llvm::Value* from = ir.CreateAdd(end_phi_->getIncomingValueForBlock(preheader),
                                   ir.getInt32(static_cast<uint32_t>(end_distance_)));
  llvm::Value* away = ir.CreateSub(end_bound_, from);
  llvm::Value* times = ir.CreateMul(ir.CreateLShr(away, shift), ir.getInt32(inverse));
  times = ir.CreateAnd(times, ir.getInt32(UINT32_MAX >> shift));
  llvm::Value* rounds = ir.CreateAdd(ir.CreateZExt(times, i64), ir.getInt64(1));
  if (shift == 0) return rounds;
  llvm::Value* rest = ir.CreateAnd(away, ir.getInt32((uint32_t{1} << shift) - 1));
  constexpr uint64_t kForever = uint64_t{1} << 58;
  return ir.CreateSelect(ir.CreateIsNull(rest), rounds, ir.getInt64(kForever));
}

std::optional<Expressions::Number> LoopBody::after(Number expression, uint32_t steps) {
  std::optional<Number> out = expression;
  for (uint32_t i = 0; i < steps && out; i++) {
    out = expressions_.advance(*out, step_, stores_per_copy_);
  }
  return out;
}

llvm::Instruction* LoopBody::first_with(Number number) const {
  for (const auto& [instruction, own] : values_) {
    if (own == number) return instruction;
  }
  return nullptr;
}

bool LoopBody::is_copies(uint32_t copies) {
  if (stores_.size() % copies != 0) return false;
  stores_per_copy_ = static_cast<uint32_t>(stores_.size()) / copies;
  return find_step(copies) && stores_are_copies(copies) && find_live_outs(copies);
}

// Induction first; then what carries values from round to round, each when all it depends on is
// known.
bool LoopBody::find_step(uint32_t copies) {
  step_.clear();
  std::vector<llvm::PHINode*> open;
  for (llvm::PHINode& phi : block_.phis()) {
    auto distance = expressions_.distance_from(&phi, expressions_.number_of(latch_value(&phi)));
    if (!distance) {
      open.push_back(&phi);
    } else if (*distance % copies == 0) {
      const Number number = expressions_.number_of(&phi);
      step_[number] = expressions_.plus(number, *distance / copies);
    } else {
      return false;
    }
  }
  // A loop whose copies are all alike does the same in each round: nothing to gain.
  if (step_.empty()) return false;
  while (!open.empty()) {
    size_t solved =
        std::erase_if(open, [&](llvm::PHINode* phi) { return find_step_of(phi, copies); });
    if (solved == 0) return false;
  }
  return true;
}

bool LoopBody::find_step_of(llvm::PHINode* phi, uint32_t copies) {
  const Number key = expressions_.number_of(phi);
  const Number wanted = expressions_.number_of(latch_value(phi));
  for (const auto& [instruction, candidate] : values_) {
    if (!expressions_.may_become(candidate, wanted) || candidate == wanted) continue;
    step_[key] = candidate;
    if (after(candidate, copies - 1) == wanted) return true;
  }
  step_.erase(key);
  return false;
}

bool LoopBody::stores_are_copies(uint32_t copies) {
  std::vector<std::pair<Number, Number>> expected;
  for (uint32_t i = 0; i < stores_per_copy_; i++) {
    expected.push_back({stores_[i].address, stores_[i].value});
  }
  for (uint32_t copy = 1; copy < copies; copy++) {
    for (uint32_t i = 0; i < stores_per_copy_; i++) {
      auto address = after(expected[i].first, 1), value = after(expected[i].second, 1);
      const Store& store = stores_[copy * stores_per_copy_ + i];
      if (address != store.address || value != store.value) return false;
      if (store.instruction->getValueOperand()->getType() !=
          stores_[i].instruction->getValueOperand()->getType()) {
        return false;
      }
      expected[i] = {*address, *value};
    }
  }
  return true;
}

// What is used behind the loop must be what a value of the step is in the last copy, or lie a
// constant away from a phi.
bool LoopBody::find_live_outs(uint32_t copies) {
  live_outs_.clear();
  const auto is_live = [&](const llvm::Instruction& instruction) {
    return std::any_of(instruction.user_begin(), instruction.user_end(), [&](auto* user) {
      return llvm::cast<llvm::Instruction>(user)->getParent() != &block_;
    });
  };
  for (llvm::PHINode& phi : block_.phis()) {
    if (is_live(phi) && !find_live_out(phi, expressions_.number_of(&phi), copies)) return false;
  }
  for (const auto& [instruction, number] : values_) {
    if (is_live(*instruction) && !find_live_out(*instruction, number, copies)) return false;
  }
  return true;
}

bool LoopBody::find_live_out(llvm::Instruction& instruction, Number number, uint32_t copies) {
  for (llvm::PHINode& phi : block_.phis()) {
    if (phi.getType() != instruction.getType()) continue;
    auto distance = expressions_.distance_from(&phi, number);
    auto step = expressions_.distance_from(&phi, step_.at(expressions_.number_of(&phi)));
    if (!distance || !step) continue;
    live_outs_.push_back({&instruction, &phi, *distance - (copies - 1) * *step});
    return true;
  }
  for (const auto& [candidate, own] : values_) {
    if (!expressions_.may_become(own, number) || after(own, copies - 1) != number) continue;
    live_outs_.push_back({&instruction, candidate, 0});
    return true;
  }
  return false;
}

void LoopBody::replace_outside(llvm::Instruction& instruction, llvm::Value& value) {
  instruction.replaceUsesWithIf(&value, [&](llvm::Use& use) {
    return llvm::cast<llvm::Instruction>(use.getUser())->getParent() != &block_;
  });
}

void LoopBody::rewrite(uint32_t copies) {
  llvm::BasicBlock* preheader = loop_.getLoopPreheader();
  llvm::Type* i64 = llvm::Type::getInt64Ty(block_.getContext());

  llvm::Value* end = llvm::IRBuilder<>(preheader->getTerminator())
                         .CreateMul(count_rounds(), llvm::ConstantInt::get(i64, copies));

  llvm::IRBuilder<> ir(block_.getTerminator());
  for (const LiveOut& out : live_outs_) {
    llvm::Value* value = out.kept;
    if (out.distance != 0) {
      value = ir.CreateAdd(value, llvm::ConstantInt::getSigned(value->getType(), out.distance));
    }
    if (value != out.instruction) replace_outside(*out.instruction, *value);
  }
  for (llvm::PHINode& phi : block_.phis()) {
    const Number next = step_.at(expressions_.number_of(&phi));
    llvm::Value* value = nullptr;
    if (auto distance = expressions_.distance_from(&phi, next)) {
      value = ir.CreateAdd(&phi, llvm::ConstantInt::getSigned(phi.getType(), *distance));
    } else {
      value = first_with(next);
    }
    phi.setIncomingValueForBlock(&block_, value);
  }
  for (size_t i = stores_per_copy_; i < stores_.size(); i++) {
    stores_[i].instruction->eraseFromParent();
  }

  auto* counter = llvm::PHINode::Create(i64, 2, "round", block_.begin());
  llvm::Value* next_round =
      ir.CreateAdd(counter, llvm::ConstantInt::get(i64, 1), "", /*NUW=*/true, /*NSW=*/true);
  counter->addIncoming(llvm::ConstantInt::get(i64, 0), preheader);
  counter->addIncoming(next_round, &block_);
  auto* branch = llvm::cast<llvm::BranchInst>(block_.getTerminator());
  const bool ends_when_true = branch->getSuccessor(1) == &block_;
  branch->setCondition(ends_when_true ? ir.CreateICmpEQ(next_round, end)
                                      : ir.CreateICmpNE(next_round, end));
  // The other copies, and what told the end.
  for (auto at = values_.rbegin(); at != values_.rend(); ++at) {
    if (at->first->use_empty()) {
      at->first->eraseFromParent();
    } else {
      // Expressions know no `nuw` and the like: what held for a copy's value need not for ours.
      at->first->dropPoisonGeneratingFlags();
    }
  }
  evolution_.forgetLoop(&loop_);
}

class RerollPass : public llvm::PassInfoMixin<RerollPass> {
 public:
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
    if (loops.empty()) return llvm::PreservedAnalyses::all();
    auto& evolution = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
    bool changed = false;
    for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
      auto* branch = llvm::dyn_cast<llvm::BranchInst>(loop->getHeader()->getTerminator());
      if (loop->getNumBlocks() != 1 || !loop->getLoopPreheader() || !branch ||
          !branch->isConditional()) {
        continue;
      }
      changed |= LoopBody(*loop, evolution).reroll();
    }
    if (!changed) return llvm::PreservedAnalyses::all();
    llvm::PreservedAnalyses preserved;
    preserved.preserveSet<llvm::CFGAnalyses>();
    return preserved;
  }
};

}  // namespace

void register_reroll_pass(llvm::PassBuilder& builder) {
  builder.registerPipelineEarlySimplificationEPCallback(
      [](llvm::ModulePassManager& passes, llvm::OptimizationLevel, llvm::ThinOrFullLTOPhase) {
        llvm::FunctionPassManager functions;
        functions.addPass(llvm::LoopSimplifyPass());
        functions.addPass(RerollPass());
        passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(functions)));
      });
}

}  // namespace wherry::compile
