// What the values of a loop's body are as functions of the loop's state: for reroll_loops.cc and
// carry_stores.cc.
//
// Expressions are hash-consed: equal ones have one number. Sums of integers are kept as linear
// forms, so that `(a + 8) + b` and `b + (a + 8)` are equal; addresses in linear memory as base and
// an i32, with small constant offsets folded into that (effective_address() of translate_memory.cc
// makes them, and reroll_loops.cc says why the folding is sound there).
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "compile/llvm.h"

namespace llvm {
class Loop;
}

namespace wherry::compile {

class Expressions {
 public:
  using Number = uint32_t;

  // The state are the phis of the loop's header. After looking at `most_work` operands
  // nothing more is advanced: expressions grow with every step, and a guest's loop may be made so
  // that they grow without end.
  Expressions(const llvm::Loop& loop, uint64_t most_work) : loop_(loop), work_left_(most_work) {}
  bool exhausted() const { return work_left_ == 0; }

  // Gives a value its number, in the order of execution; nothing if it is more than a load, an
  // address or a pure operation. `stores_before` says how many stores come before it, which is what
  // tells loads of one address apart.
  std::optional<Number> number(const llvm::Instruction& instruction, uint32_t stores_before);
  // Of a value that has been given one or lies outside the loop; anything else is unknown, and no
  // function of the state.
  Number number_of(const llvm::Value* value);

  // What the phis are after one step, as far as it is known; by the phi's number.
  using Step = std::map<Number, Number>;
  // `expression` with the state after one step in place of the state, and loads that many stores
  // later; nothing if it depends on a phi without a step, or if exhausted().
  std::optional<Number> advance(Number expression, const Step& step, uint32_t stores);
  // Whether advance() could make one of the other, told at a glance.
  bool may_become(Number from, Number to) const;

  // a - b for addresses with one base, modulo 2^32: as both forms of an address (see above) are.
  std::optional<uint32_t> address_distance(Number a, Number b);

  // phi + constant for an expression of that form: the constant.
  std::optional<int64_t> distance_from(const llvm::PHINode* phi, Number expression);
  Number plus(Number expression, int64_t constant);

 private:
  enum Kind : uint64_t { kLeaf, kUnknown, kPhi, kSum, kLoad, kAddress, kOperation };
  struct Node {
    llvm::Type* type = nullptr;
    Kind kind = kLeaf;
    uint64_t what =
        0;  // leaf: the value; sum: the constant; load: stores before; operation: opcode…
    std::vector<std::pair<Number, uint64_t>> operands;  // with factors in sums
    auto operator<=>(const Node&) const = default;
  };
  Number intern(Node node);
  void spend(size_t operands) { work_left_ -= std::min<uint64_t>(work_left_, operands + 1); }
  Number sum(llvm::Type* type, const std::vector<std::pair<Number, uint64_t>>& terms,
             uint64_t constant);
  Number address(Number base, Number index, int64_t offset);
  Number address_of(const llvm::GetElementPtrInst& gep);
  Number operation(const llvm::Instruction& instruction);
  std::optional<Number> advance(Number expression, const Step& step, uint32_t stores,
                                std::map<Number, std::optional<Number>>& done);

  const llvm::Loop& loop_;
  uint64_t work_left_;
  std::map<Node, Number> numbers_;
  std::vector<Node> nodes_;
  std::map<const llvm::Value*, Number> values_;
};

}  // namespace wherry::compile
