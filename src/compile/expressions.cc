#include "compile/expressions.h"

#include <llvm/Analysis/LoopInfo.h>

#include <algorithm>

namespace wherry::compile {
namespace {

// Offsets up to here never wrap an address that lies inside a memory (contract/vm.h).
constexpr int64_t kMostFolded = 32 * 1024;

uint64_t truncated(uint64_t value, unsigned bits) {
  return bits >= 64 ? value : value & ((uint64_t{1} << bits) - 1);
}

uint64_t identity(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

// What tells two operations on equal operands apart.
uint64_t shape_of(const llvm::Instruction& instruction) {
  uint64_t extra = 0;
  if (auto* compare = llvm::dyn_cast<llvm::CmpInst>(&instruction)) extra = compare->getPredicate();
  if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction))
    extra = call->getIntrinsicID();
  return instruction.getOpcode() | extra << 16;
}

bool is_pure(const llvm::Instruction& instruction) {
  if (auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction)) {
    return call->doesNotAccessMemory() && call->willReturn();
  }
  return llvm::isa<llvm::BinaryOperator, llvm::UnaryOperator, llvm::CastInst, llvm::CmpInst,
                   llvm::SelectInst, llvm::FreezeInst>(instruction);
}

}  // namespace

Expressions::Number Expressions::intern(Node node) {
  auto [found, is_new] = numbers_.emplace(node, static_cast<Number>(nodes_.size()));
  if (is_new) nodes_.push_back(std::move(node));
  return found->second;
}

Expressions::Number Expressions::number_of(const llvm::Value* value) {
  if (auto known = values_.find(value); known != values_.end()) return known->second;
  Node node{value->getType(), kLeaf, identity(value), {}};
  if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value);
      constant && constant->getBitWidth() <= 64) {
    node = {value->getType(), kSum, constant->getZExtValue(), {}};
  } else if (auto* inside = llvm::dyn_cast<llvm::Instruction>(value);
             inside && loop_.contains(inside)) {
    const bool is_state =
        llvm::isa<llvm::PHINode>(inside) && inside->getParent() == loop_.getHeader();
    node.kind = is_state ? kPhi : kUnknown;
  }
  return values_[value] = intern(std::move(node));
}

// A linear form with its terms in order and no factor of 0; a lone term is itself.
Expressions::Number Expressions::sum(llvm::Type* type,
                                     const std::vector<std::pair<Number, uint64_t>>& terms,
                                     uint64_t constant) {
  const unsigned bits = type->getIntegerBitWidth();
  std::map<Number, uint64_t> factors;
  for (const auto& [term, factor] : terms) {
    const Node& node = nodes_[term];
    if (node.kind != kSum) {
      factors[term] += factor;
      continue;
    }
    spend(node.operands.size());
    constant += node.what * factor;
    for (const auto& [inner, inner_factor] : node.operands) factors[inner] += inner_factor * factor;
  }
  Node node{type, kSum, truncated(constant, bits), {}};
  for (const auto& [term, factor] : factors) {
    if (uint64_t kept = truncated(factor, bits)) node.operands.push_back({term, kept});
  }
  if (node.what == 0 && node.operands.size() == 1 && node.operands[0].second == 1) {
    return node.operands[0].first;
  }
  return intern(std::move(node));
}

Expressions::Number Expressions::plus(Number expression, int64_t constant) {
  return sum(nodes_[expression].type, {{expression, 1}}, static_cast<uint64_t>(constant));
}

// base + zext(index) + offset.
Expressions::Number Expressions::address(Number base, Number index, int64_t offset) {
  if (offset >= -kMostFolded && offset <= kMostFolded) {
    index = plus(index, offset);
    offset = 0;
  }
  return intern(
      {nodes_[base].type, kAddress, static_cast<uint64_t>(offset), {{base, 1}, {index, 1}}});
}

Expressions::Number Expressions::address_of(const llvm::GetElementPtrInst& gep) {
  if (gep.getNumIndices() == 1 && gep.getSourceElementType()->isIntegerTy(8)) {
    const llvm::Value* index = gep.getOperand(1);
    const Number base = number_of(gep.getPointerOperand());
    if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(index)) {
      const Node node = nodes_[base];
      if (node.kind == kAddress) {
        return address(node.operands[0].first, node.operands[1].first,
                       static_cast<int64_t>(node.what) + constant->getSExtValue());
      }
    } else if (auto* widened = llvm::dyn_cast<llvm::ZExtInst>(index);
               widened && widened->getSrcTy()->isIntegerTy(32) && nodes_[base].kind != kAddress) {
      return address(base, number_of(widened->getOperand(0)), 0);
    }
  }
  Node node{gep.getType(), kOperation, gep.getOpcode(), {}};
  node.operands.push_back(
      {number_of(gep.getPointerOperand()), identity(gep.getSourceElementType())});
  for (const llvm::Value* index : gep.indices()) node.operands.push_back({number_of(index), 1});
  return intern(std::move(node));
}

Expressions::Number Expressions::operation(const llvm::Instruction& instruction) {
  llvm::Type* type = instruction.getType();
  if (type->isIntegerTy() && type->getIntegerBitWidth() <= 64 &&
      instruction.getNumOperands() == 2) {
    const Number left = number_of(instruction.getOperand(0));
    const Number right = number_of(instruction.getOperand(1));
    const bool right_is_constant = nodes_[right].kind == kSum && nodes_[right].operands.empty();
    const uint64_t constant = nodes_[right].what;
    switch (instruction.getOpcode()) {
      case llvm::Instruction::Add: return sum(type, {{left, 1}, {right, 1}}, 0);
      case llvm::Instruction::Sub: return sum(type, {{left, 1}, {right, ~uint64_t{0}}}, 0);
      case llvm::Instruction::Mul:
        if (right_is_constant) return sum(type, {{left, constant}}, 0);
        break;
      case llvm::Instruction::Shl:
        if (right_is_constant && constant < type->getIntegerBitWidth()) {
          return sum(type, {{left, uint64_t{1} << constant}}, 0);
        }
        break;
      default: break;
    }
  }
  Node node{type, kOperation, shape_of(instruction), {}};
  unsigned count = instruction.getNumOperands();
  if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction)) count = call->arg_size();
  for (unsigned i = 0; i < count; i++) {
    node.operands.push_back({number_of(instruction.getOperand(i)), 1});
  }
  if (instruction.isCommutative() && node.operands.size() == 2) {
    std::sort(node.operands.begin(), node.operands.end());
  }
  return intern(std::move(node));
}

std::optional<Expressions::Number> Expressions::number(const llvm::Instruction& instruction,
                                                       uint32_t stores_before) {
  Number out;
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction)) {
    out = intern(
        {load->getType(), kLoad, stores_before, {{number_of(load->getPointerOperand()), 1}}});
  } else if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(&instruction)) {
    out = address_of(*gep);
  } else if (is_pure(instruction)) {
    out = operation(instruction);
  } else {
    return std::nullopt;
  }
  values_[&instruction] = out;
  return out;
}

std::optional<Expressions::Number> Expressions::advance(Number expression, const Step& step,
                                                        uint32_t stores) {
  std::map<Number, std::optional<Number>> done;
  return advance(expression, step, stores, done);
}

std::optional<Expressions::Number> Expressions::advance(
    Number expression, const Step& step, uint32_t stores,
    std::map<Number, std::optional<Number>>& done) {
  if (auto known = done.find(expression); known != done.end()) return known->second;
  if (exhausted()) return std::nullopt;
  Node node = nodes_[expression];
  spend(node.operands.size());
  std::optional<Number>& out = done[expression];
  if (node.kind == kLeaf) return out = expression;
  if (node.kind == kUnknown) return out;
  if (node.kind == kPhi) {
    auto found = step.find(expression);
    if (found != step.end()) out = found->second;
    return out;
  }
  for (auto& [operand, factor] : node.operands) {
    std::optional<Number> moved = advance(operand, step, stores, done);
    if (!moved) return std::nullopt;
    operand = *moved;
  }
  std::optional<Number>& place = done[expression];
  switch (node.kind) {
    case kSum: return place = sum(node.type, node.operands, node.what);
    case kAddress:
      return place = address(node.operands[0].first, node.operands[1].first,
                             static_cast<int64_t>(node.what));
    case kLoad: node.what += stores; break;
    default: break;
  }
  // Operands of commutative operations may have come out of order.
  if (node.kind == kOperation && llvm::Instruction::isCommutative(node.what & 0xffff) &&
      node.operands.size() == 2) {
    std::sort(node.operands.begin(), node.operands.end());
  }
  return place = intern(std::move(node));
}

// Operations and loads stay what they are; sums may come apart, and phis become anything.
bool Expressions::may_become(Number from, Number to) const {
  const Node &a = nodes_[from], &b = nodes_[to];
  if (a.type != b.type) return false;
  const bool keeps_kind = a.kind == kOperation || a.kind == kLoad || a.kind == kAddress;
  if (keeps_kind && a.kind != b.kind) return false;
  return a.kind != kOperation || a.what == b.what;
}

std::optional<uint32_t> Expressions::address_distance(Number a, Number b) {
  if (a == b) return 0;
  const Node left = nodes_[a], right = nodes_[b];
  if (left.kind != kAddress || right.kind != kAddress || left.operands[0] != right.operands[0]) {
    return std::nullopt;
  }
  const Number from = right.operands[1].first, to = left.operands[1].first;
  const Node& apart = nodes_[sum(nodes_[to].type, {{to, 1}, {from, ~uint64_t{0}}}, 0)];
  if (apart.kind != kSum || !apart.operands.empty()) return std::nullopt;
  return static_cast<uint32_t>(apart.what + left.what - right.what);
}

std::optional<int64_t> Expressions::distance_from(const llvm::PHINode* phi, Number expression) {
  if (!phi->getType()->isIntegerTy()) return std::nullopt;
  const unsigned bits = phi->getType()->getIntegerBitWidth();
  const Number difference =
      sum(phi->getType(), {{expression, 1}, {number_of(phi), ~uint64_t{0}}}, 0);
  const Node& node = nodes_[difference];
  if (node.kind != kSum || !node.operands.empty()) return std::nullopt;
  return static_cast<int64_t>(node.what << (64 - bits)) >> (64 - bits);
}

}  // namespace wherry::compile
