// Blocks, branches and returns.
#include "compile/function_translator.h"

namespace wherry::compile {

using wasm::Opcode;

bool FunctionTranslator::translate_control(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::nop: return true;
    case Opcode::unreachable:
      trap(contract::TrapCode::kUnreachable);
      set_unreachable();
      return true;
    case Opcode::block: begin_block(Frame::Kind::kBlock, in.block); return true;
    case Opcode::loop: begin_block(Frame::Kind::kLoop, in.block); return true;
    case Opcode::if_: begin_block(Frame::Kind::kIf, in.block); return true;
    case Opcode::else_: begin_else(); return true;
    case Opcode::end: end_block(); return true;
    case Opcode::br:
      branch_to(frame_at(in.index));
      set_unreachable();
      return true;
    case Opcode::return_:
      branch_to(frames_.front());
      set_unreachable();
      return true;
    case Opcode::br_if: branch_if(in); return true;
    case Opcode::br_table: branch_table(in); return true;
    case Opcode::br_on_null:
    case Opcode::br_on_non_null: branch_on_null(in); return true;
    default: return false;
  }
}

// Unreachable code is only watched for the end of the construct it is in; true if `in` is skipped.
bool FunctionTranslator::translate_unreachable(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::block:
    case Opcode::loop:
    case Opcode::if_:
    case Opcode::try_:
    case Opcode::try_table: unreachable_depth_++; return true;
    case Opcode::else_:
    case Opcode::catch_:
    case Opcode::catch_all: return unreachable_depth_ > 0;
    case Opcode::end:
    case Opcode::delegate:
      if (unreachable_depth_ == 0) return false;
      unreachable_depth_--;
      return true;
    default: return true;
  }
}

wasm::FuncType FunctionTranslator::signature_of(const wasm::BlockType& type) const {
  switch (type.kind) {
    case wasm::BlockType::Kind::kEmpty: return {};
    case wasm::BlockType::Kind::kValue: return {{}, {type.value}};
    case wasm::BlockType::Kind::kTypeIndex: return m_.wasm.types[type.type_index];
  }
  return {};
}

llvm::BasicBlock* FunctionTranslator::new_block(const char* name) {
  return llvm::BasicBlock::Create(m_.context, name, function_);
}

std::vector<llvm::PHINode*> FunctionTranslator::new_phis(
    llvm::BasicBlock* block, const std::vector<wasm::ValueType>& types) {
  std::vector<llvm::PHINode*> phis;
  for (wasm::ValueType type : types) {
    phis.push_back(llvm::PHINode::Create(m_.type_of(type), 2, "", block));
  }
  return phis;
}

// Gives the phis their values for an edge from `from`: the topmost operands, which stay.
void FunctionTranslator::add_incoming(const std::vector<llvm::PHINode*>& phis,
                                      llvm::BasicBlock* from) {
  size_t base = stack_.size() - phis.size();
  for (size_t i = 0; i < phis.size(); i++) phis[i]->addIncoming(stack_[base + i], from);
}

void FunctionTranslator::begin_block(Frame::Kind kind, const wasm::BlockType& type) {
  wasm::FuncType signature = signature_of(type);
  llvm::Value* condition =
      kind == Frame::Kind::kIf ? ir_.CreateICmpNE(pop(), ir_.getInt32(0)) : nullptr;
  Frame frame;
  frame.kind = kind;
  frame.height = stack_.size() - signature.params.size();
  frame.end = frame.target = new_block("end");
  frame.end_phis = frame.target_phis = new_phis(frame.end, signature.results);
  if (kind == Frame::Kind::kLoop) {
    frame.target = new_block("loop");
    frame.target_phis = new_phis(frame.target, signature.params);
    add_incoming(frame.target_phis, ir_.GetInsertBlock());
    ir_.CreateBr(frame.target);
    ir_.SetInsertPoint(frame.target);
    stack_.resize(frame.height);
    stack_.insert(stack_.end(), frame.target_phis.begin(), frame.target_phis.end());
  } else if (kind == Frame::Kind::kIf) {
    frame.parameters.assign(stack_.begin() + static_cast<ptrdiff_t>(frame.height), stack_.end());
    frame.otherwise = new_block("else");
    llvm::BasicBlock* then = new_block("then");
    ir_.CreateCondBr(condition, then, frame.otherwise);
    ir_.SetInsertPoint(then);
  }
  frames_.push_back(std::move(frame));
}

void FunctionTranslator::begin_else() {
  Frame& frame = frames_.back();
  if (reachable_) {
    add_incoming(frame.end_phis, ir_.GetInsertBlock());
    ir_.CreateBr(frame.end);
  }
  frame.kind = Frame::Kind::kElse;
  stack_.resize(frame.height);
  stack_.insert(stack_.end(), frame.parameters.begin(), frame.parameters.end());
  ir_.SetInsertPoint(frame.otherwise);
  reachable_ = true;
}

void FunctionTranslator::end_block() {
  if (frames_.back().kind == Frame::Kind::kIf) begin_else();  // an absent else passes parameters on
  Frame frame = leave_frame();
  end_handlers(frame);
  enter_end(frame);
}

// Closes the innermost frame: what falls out of it goes to its end.
FunctionTranslator::Frame FunctionTranslator::leave_frame() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (reachable_) {
    add_incoming(frame.end_phis, ir_.GetInsertBlock());
    ir_.CreateBr(frame.end);
  }
  stack_.resize(frame.height);
  return frame;
}

// Goes on behind the construct, if anything leads there.
void FunctionTranslator::enter_end(const Frame& frame) {
  stack_.resize(frame.height);
  reachable_ = !llvm::pred_empty(frame.end);
  if (reachable_ || frame.kind == Frame::Kind::kFunction) {
    stack_.insert(stack_.end(), frame.end_phis.begin(), frame.end_phis.end());
    ir_.SetInsertPoint(frame.end);
  } else {
    frame.end->eraseFromParent();
    unreachable_depth_ = 0;
    ir_.ClearInsertionPoint();
  }
}

void FunctionTranslator::branch_to(Frame& frame) {
  add_incoming(frame.target_phis, ir_.GetInsertBlock());
  ir_.CreateBr(frame.target);
}

void FunctionTranslator::set_unreachable() {
  reachable_ = false;
  unreachable_depth_ = 0;
  stack_.resize(frames_.back().height);
  ir_.ClearInsertionPoint();
}

void FunctionTranslator::branch_if(const wasm::Instruction& in) {
  llvm::Value* condition = ir_.CreateICmpNE(pop(), ir_.getInt32(0));
  Frame& frame = frame_at(in.index);
  llvm::BasicBlock* next = new_block("next");
  add_incoming(frame.target_phis, ir_.GetInsertBlock());
  ir_.CreateCondBr(condition, frame.target, next);
  ir_.SetInsertPoint(next);
}

// br_on_null leaves the reference on the stack where it goes on, br_on_non_null takes it along.
void FunctionTranslator::branch_on_null(const wasm::Instruction& in) {
  llvm::Value* reference = pop();
  Frame& frame = frame_at(in.index);
  llvm::BasicBlock* next = new_block("next");
  llvm::BasicBlock* from = ir_.GetInsertBlock();
  llvm::Value* is_null = ir_.CreateIsNull(reference);
  if (in.op == Opcode::br_on_null) {
    add_incoming(frame.target_phis, from);
    ir_.CreateCondBr(is_null, frame.target, next);
    push(reference);
  } else {
    push(reference);
    add_incoming(frame.target_phis, from);
    pop();
    ir_.CreateCondBr(is_null, next, frame.target);
  }
  ir_.SetInsertPoint(next);
}

void FunctionTranslator::branch_table(const wasm::Instruction& in) {
  llvm::Value* selector = pop();
  Frame& fallback = frame_at(in.targets.back());
  add_incoming(fallback.target_phis, ir_.GetInsertBlock());
  auto* dispatch =
      ir_.CreateSwitch(selector, fallback.target, static_cast<unsigned>(in.targets.size() - 1));
  for (uint32_t i = 0; i + 1 < in.targets.size(); i++) {
    Frame& frame = frame_at(in.targets[i]);
    if (frame.target == fallback.target) continue;
    add_incoming(frame.target_phis, ir_.GetInsertBlock());
    dispatch->addCase(ir_.getInt32(i), frame.target);
  }
  set_unreachable();
}

// Behind the function's `end`: its results are on the stack, if it can be reached.
void FunctionTranslator::return_values() {
  if (!reachable_) {
    ir_.CreateUnreachable();
  } else if (returns_through_memory(type_, convention_)) {
    llvm::Type* all = m_.result_type(type_);
    llvm::Value* results = function_->getArg(function_->arg_size() - 1);
    for (unsigned i = 0; i < stack_.size(); i++) {
      ir_.CreateStore(stack_[i], ir_.CreateStructGEP(all, results, i));
    }
    ir_.CreateRetVoid();
  } else if (stack_.empty()) {
    ir_.CreateRetVoid();
  } else if (stack_.size() == 1) {
    ir_.CreateRet(pop());
  } else {
    llvm::Value* all = llvm::PoisonValue::get(function_->getReturnType());
    for (unsigned i = 0; i < stack_.size(); i++) all = ir_.CreateInsertValue(all, stack_[i], i);
    ir_.CreateRet(all);
  }
}

}  // namespace wherry::compile
