// Exceptions: throw, try_table, and the try, catch, delegate and rethrow of before 3.0.
//
// Calls in a body that handles exceptions are LLVM invokes, which cost nothing until something is
// thrown. All of a body's invokes share a landing pad, which hands the exception to the body's
// dispatch: that compares tags, goes to the handler, or on to the dispatch of the next body outside
// and, when there is none in this function, lets the runtime unwind further.
#include "compile/function_translator.h"
#include "contract/slots.h"

namespace wherry::compile {

using contract::Builtin;
using contract::TrapCode;
using contract::VmException;
using wasm::CatchClause;
using wasm::Opcode;

bool FunctionTranslator::translate_exception(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::try_:
    case Opcode::try_table: begin_try(in); return true;
    case Opcode::catch_:
    case Opcode::catch_all: begin_catch(in); return true;
    case Opcode::delegate: end_delegate(in); return true;
    case Opcode::throw_:
      throw_tag(in.index);
      set_unreachable();
      return true;
    case Opcode::throw_ref: {
      llvm::Value* exception = pop();
      trap_if(ir_.CreateIsNull(exception), TrapCode::kNullExceptionReference);
      unwind_to_outer(exception, frames_.size());
      set_unreachable();
      return true;
    }
    case Opcode::rethrow:
      unwind_to_outer(frame_at(in.index).exception, frames_.size());
      set_unreachable();
      return true;
    default: return false;
  }
}

void FunctionTranslator::begin_try(const wasm::Instruction& in) {
  const bool is_table = in.op == Opcode::try_table;
  begin_block(is_table ? Frame::Kind::kTryTable : Frame::Kind::kTry, in.block);
  if (is_table) frames_.back().catches.assign(in.catches.begin(), in.catches.end());
}

// The innermost of the first `frames` frames whose body handles exceptions, or null.
FunctionTranslator::Frame* FunctionTranslator::innermost_try(size_t frames) {
  while (frames-- > 0) {
    Frame& frame = frames_[frames];
    if (frame.kind == Frame::Kind::kTry || frame.kind == Frame::Kind::kTryTable) return &frame;
  }
  return nullptr;
}

void FunctionTranslator::make_dispatch(Frame& frame) {
  if (frame.dispatch) return;
  frame.dispatch = new_block("dispatch");
  frame.exception = llvm::PHINode::Create(m_.ptr, 2, "", frame.dispatch);
}

// Where an exception of a call made here arrives; null if this function does not handle it.
llvm::BasicBlock* FunctionTranslator::landing_pad() {
  Frame* frame = innermost_try(frames_.size());
  if (!frame) return nullptr;
  if (frame->landing) return frame->landing;
  llvm::IRBuilder<>::InsertPointGuard guard(ir_);
  make_dispatch(*frame);
  frame->landing = new_block("landing");
  ir_.SetInsertPoint(frame->landing);
  if (!function_->hasPersonalityFn()) {
    auto personality =
        m_.module->getOrInsertFunction(kPersonality, llvm::FunctionType::get(m_.i32, {}, true));
    auto* declaration = llvm::cast<llvm::Function>(personality.getCallee());
    declaration->setVisibility(llvm::GlobalValue::HiddenVisibility);
    declaration->setDSOLocal(true);
    function_->setPersonalityFn(declaration);
  }
  auto* pad = ir_.CreateLandingPad(llvm::StructType::get(m_.context, {m_.ptr, m_.i32}), 1);
  pad->addClause(llvm::ConstantPointerNull::get(m_.ptr));  // catches all
  frame->exception->addIncoming(ir_.CreateExtractValue(pad, 0), frame->landing);
  ir_.CreateBr(frame->dispatch);
  return frame->landing;
}

// A call that leads to a landing pad if the callee may throw and someone here wants to know.
llvm::CallBase* FunctionTranslator::call(llvm::FunctionType* type, llvm::Value* callee,
                                         const std::vector<llvm::Value*>& arguments,
                                         bool may_throw) {
  llvm::BasicBlock* landing = may_throw ? landing_pad() : nullptr;
  if (!landing) return ir_.CreateCall(type, callee, arguments);
  llvm::BasicBlock* next = new_block("next");
  llvm::CallBase* made = ir_.CreateInvoke(type, callee, next, landing, arguments);
  ir_.SetInsertPoint(next);
  return made;
}

// Asks the runtime to unwind: the code goes on in a landing pad, of this function or of another.
void FunctionTranslator::raise(Builtin builtin, llvm::Value* slots, llvm::BasicBlock* landing) {
  llvm::Value* binding = builtin_binding(builtin);
  llvm::Value* stub = load_context(m_.ptr, binding, true);
  auto* type = llvm::FunctionType::get(m_.void_type, {m_.ptr, m_.ptr}, false);
  llvm::CallBase* made = nullptr;
  if (landing) {
    llvm::BasicBlock* next = new_block("thrown");
    made = ir_.CreateInvoke(type, stub, next, landing, {binding, slots});
    ir_.SetInsertPoint(next);
  } else {
    made = ir_.CreateCall(type, stub, {binding, slots});
  }
  made->setDoesNotReturn();
  ir_.CreateUnreachable();
}

llvm::Value* FunctionTranslator::throw_slots() {
  constexpr unsigned kHeadSlots = 2;
  if (!throw_slots_) {
    unsigned most = 0;
    for (const wasm::Tag& tag : m_.wasm.tags) {
      most = std::max(most, contract::slots_of(m_.wasm.types[tag.type].params));
    }
    throw_slots_ = entry_alloca(m_.i64, kHeadSlots + most);
  }
  return throw_slots_;
}

void FunctionTranslator::throw_tag(wasm::TagIndex tag) {
  const wasm::FuncType& type = m_.wasm.types[m_.wasm.tags[tag].type];
  const std::vector<llvm::Value*> values = pop_many(type.params.size());
  llvm::Value* slots = throw_slots();
  store_slots(m_, ir_, slots, 0, ir_.CreatePtrToInt(vm_tag(tag), m_.i64));
  store_slots(m_, ir_, slots, 1, ir_.getInt64(contract::slots_of(type.params)));
  unsigned slot = 2;
  for (size_t i = 0; i < values.size(); i++) {
    store_slots(m_, ir_, slots, slot, values[i]);
    slot += contract::slots_of(type.params[i]);
  }
  raise(Builtin::kThrow, slots, landing_pad());
}

// Passes an exception on to the innermost of the first `frames` frames that handles exceptions, or
// out of the function.
void FunctionTranslator::unwind_to_outer(llvm::Value* exception, size_t frames) {
  if (Frame* outer = innermost_try(frames)) {
    make_dispatch(*outer);
    outer->exception->addIncoming(exception, ir_.GetInsertBlock());
    ir_.CreateBr(outer->dispatch);
    return;
  }
  llvm::Value* slots = throw_slots();
  store_slots(m_, ir_, slots, 0, ir_.CreatePtrToInt(exception, m_.i64));
  raise(Builtin::kThrowRef, slots, nullptr);
}

llvm::Value* FunctionTranslator::vm_tag(wasm::TagIndex index) {
  const contract::Layout& layout = m_.plan.layout;
  if (m_.wasm.tags[index].imported) {
    return load_context(m_.ptr, context_at(layout.imported_tags + int64_t{8} * index), true);
  }
  return context_at(layout.tags +
                    int64_t{sizeof(contract::VmTag)} * (index - m_.wasm.imported_tags));
}

llvm::Value* FunctionTranslator::exception_field(llvm::Value* exception, size_t offset) {
  return ir_.CreateConstInBoundsGEP1_64(m_.i8, exception, offset);
}

llvm::Value* FunctionTranslator::matches_tag(llvm::Value* exception, wasm::TagIndex tag) {
  llvm::Value* thrown = ir_.CreateAlignedLoad(
      m_.ptr, exception_field(exception, offsetof(VmException, tag)), llvm::Align(8));
  return ir_.CreateICmpEQ(thrown, vm_tag(tag));
}

void FunctionTranslator::push_payload(llvm::Value* exception, wasm::TagIndex tag) {
  llvm::Value* slots = exception_field(exception, offsetof(VmException, slots));
  unsigned slot = 0;
  for (wasm::ValueType type : m_.wasm.types[m_.wasm.tags[tag].type].params) {
    push(load_slots(m_, ir_, slots, slot, type));
    slot += contract::slots_of(type);
  }
}

// Tells the runtime whether the exception can be used again: not while anyone has a reference.
void FunctionTranslator::mark_caught(llvm::Value* exception, bool keeps_reference) {
  llvm::Value* escaped = exception_field(exception, offsetof(VmException, escaped));
  if (keeps_reference) {
    ir_.CreateStore(ir_.getInt8(1), escaped);
    return;
  }
  llvm::Value* is_free = ir_.CreateXor(ir_.CreateLoad(m_.i8, escaped), ir_.getInt8(1));
  ir_.CreateStore(is_free, exception_field(exception, offsetof(VmException, dead)));
}

// try_table's clauses, whose labels count from outside of it: its frame has been popped.
void FunctionTranslator::dispatch_clauses(Frame& frame) {
  for (const CatchClause& clause : frame.catches) {
    llvm::BasicBlock* next = nullptr;
    if (clause.has_tag()) {
      llvm::BasicBlock* matching = new_block("matching");
      next = new_block("next_clause");
      ir_.CreateCondBr(matches_tag(frame.exception, clause.tag), matching, next);
      ir_.SetInsertPoint(matching);
      push_payload(frame.exception, clause.tag);
    }
    if (clause.has_ref()) push(frame.exception);
    mark_caught(frame.exception, clause.has_ref());
    branch_to(frame_at(clause.label));
    stack_.resize(frame.height);
    if (!next) return;  // nothing is left for the clauses behind a catch_all
    ir_.SetInsertPoint(next);
  }
  unwind_to_outer(frame.exception, frames_.size());
}

// The end of a try, a catch or a try_table, whose frame has been popped: what becomes of exceptions
// that no handler took.
void FunctionTranslator::end_handlers(Frame& frame) {
  if (frame.kind == Frame::Kind::kCatch) {
    if (!frame.next_handler) return;
    ir_.SetInsertPoint(frame.next_handler);
    unwind_to_outer(frame.exception, frames_.size());
  } else if (frame.dispatch) {
    ir_.SetInsertPoint(frame.dispatch);
    dispatch_clauses(frame);
  }
}

// Ends the body or the handler before, and starts the next handler where the others did not match.
void FunctionTranslator::begin_catch(const wasm::Instruction& in) {
  Frame& frame = frames_.back();
  if (reachable_) {
    add_incoming(frame.end_phis, ir_.GetInsertBlock());
    ir_.CreateBr(frame.end);
  }
  stack_.resize(frame.height);
  llvm::BasicBlock* handler = frame.kind == Frame::Kind::kTry ? frame.dispatch : frame.next_handler;
  frame.kind = Frame::Kind::kCatch;
  frame.next_handler = nullptr;
  if (!handler) return set_unreachable();  // nothing in the body can throw, or all was caught
  reachable_ = true;
  ir_.SetInsertPoint(handler);
  if (in.op == Opcode::catch_) {
    llvm::BasicBlock* body = new_block("catch");
    frame.next_handler = new_block("next_catch");
    ir_.CreateCondBr(matches_tag(frame.exception, in.index), body, frame.next_handler);
    ir_.SetInsertPoint(body);
    push_payload(frame.exception, in.index);
  }
  mark_caught(frame.exception, true);  // a rethrow may come
}

// Exceptions of the body go where those of the label's block would go.
void FunctionTranslator::end_delegate(const wasm::Instruction& in) {
  Frame frame = leave_frame();
  if (frame.dispatch) {
    ir_.SetInsertPoint(frame.dispatch);
    unwind_to_outer(frame.exception, frames_.size() - in.index);
  }
  enter_end(frame);
}

}  // namespace wherry::compile
