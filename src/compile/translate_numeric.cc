// Integer and floating-point instructions and the conversions between them.
#include "compile/function_translator.h"

namespace wherry::compile {

using contract::TrapCode;
using llvm::CmpInst;
using wasm::Opcode;

llvm::Value* FunctionTranslator::intrinsic(llvm::Intrinsic::ID id,
                                           std::initializer_list<llvm::Value*> arguments) {
  return ir_.CreateIntrinsic(id, {(*arguments.begin())->getType()}, arguments);
}

llvm::Value* FunctionTranslator::compare(CmpInst::Predicate predicate) {
  llvm::Value* right = pop();
  llvm::Value* left = pop();
  return ir_.CreateZExt(ir_.CreateCmp(predicate, left, right), m_.i32);
}

// LLVM's division is undefined where WebAssembly's traps (or, for rem_s, yields 0).
llvm::Value* FunctionTranslator::divide(Opcode op, llvm::Value* left, llvm::Value* right) {
  llvm::Type* type = left->getType();
  llvm::Value* zero = llvm::ConstantInt::get(type, 0);
  llvm::Value* minus_one = llvm::ConstantInt::getAllOnesValue(type);
  trap_if(ir_.CreateICmpEQ(right, zero), TrapCode::kIntegerDivideByZero);
  switch (op) {
    case Opcode::i32_div_u:
    case Opcode::i64_div_u: return ir_.CreateUDiv(left, right);
    case Opcode::i32_rem_u:
    case Opcode::i64_rem_u: return ir_.CreateURem(left, right);
    case Opcode::i32_rem_s:
    case Opcode::i64_rem_s: {
      // x % -1 is 0 for every x, as is x % 1, which cannot overflow.
      llvm::Value* safe = ir_.CreateSelect(ir_.CreateICmpEQ(right, minus_one),
                                           llvm::ConstantInt::get(type, 1), right);
      return ir_.CreateSRem(left, safe);
    }
    default: {
      auto* minimum =
          llvm::ConstantInt::get(type, llvm::APInt::getSignedMinValue(type->getIntegerBitWidth()));
      trap_if(ir_.CreateAnd(ir_.CreateICmpEQ(left, minimum), ir_.CreateICmpEQ(right, minus_one)),
              TrapCode::kIntegerOverflow);
      return ir_.CreateSDiv(left, right);
    }
  }
}

bool FunctionTranslator::translate_integer(const wasm::Instruction& in) {
  auto binary = [this](auto make) {
    llvm::Value* right = pop();
    llvm::Value* left = pop();
    push(make(left, right));
    return true;
  };
  auto shift_count = [this](llvm::Value* count) {
    unsigned bits = count->getType()->getIntegerBitWidth();
    return ir_.CreateAnd(count, llvm::ConstantInt::get(count->getType(), bits - 1));
  };
  switch (in.op) {
    case Opcode::i32_const: push(ir_.getInt32(static_cast<uint32_t>(in.bits))); return true;
    case Opcode::i64_const: push(ir_.getInt64(in.bits)); return true;
    case Opcode::i32_eqz:
    case Opcode::i64_eqz: {
      llvm::Value* value = pop();
      // Of a comparison, the opposite one (see pop_condition).
      llvm::CmpInst* comparison = nullptr;
      if (auto* extension = llvm::dyn_cast<llvm::ZExtInst>(value)) {
        comparison = llvm::dyn_cast<llvm::CmpInst>(extension->getOperand(0));
      }
      push(ir_.CreateZExt(comparison
                              ? ir_.CreateCmp(comparison->getInversePredicate(),
                                              comparison->getOperand(0), comparison->getOperand(1))
                              : ir_.CreateIsNull(value),
                          m_.i32));
      return true;
    }
    case Opcode::i32_eq:
    case Opcode::i64_eq: push(compare(CmpInst::ICMP_EQ)); return true;
    case Opcode::i32_ne:
    case Opcode::i64_ne: push(compare(CmpInst::ICMP_NE)); return true;
    case Opcode::i32_lt_s:
    case Opcode::i64_lt_s: push(compare(CmpInst::ICMP_SLT)); return true;
    case Opcode::i32_lt_u:
    case Opcode::i64_lt_u: push(compare(CmpInst::ICMP_ULT)); return true;
    case Opcode::i32_gt_s:
    case Opcode::i64_gt_s: push(compare(CmpInst::ICMP_SGT)); return true;
    case Opcode::i32_gt_u:
    case Opcode::i64_gt_u: push(compare(CmpInst::ICMP_UGT)); return true;
    case Opcode::i32_le_s:
    case Opcode::i64_le_s: push(compare(CmpInst::ICMP_SLE)); return true;
    case Opcode::i32_le_u:
    case Opcode::i64_le_u: push(compare(CmpInst::ICMP_ULE)); return true;
    case Opcode::i32_ge_s:
    case Opcode::i64_ge_s: push(compare(CmpInst::ICMP_SGE)); return true;
    case Opcode::i32_ge_u:
    case Opcode::i64_ge_u: push(compare(CmpInst::ICMP_UGE)); return true;
    case Opcode::i32_clz:
    case Opcode::i64_clz:
      push(intrinsic(llvm::Intrinsic::ctlz, {pop(), ir_.getFalse()}));
      return true;
    case Opcode::i32_ctz:
    case Opcode::i64_ctz:
      push(intrinsic(llvm::Intrinsic::cttz, {pop(), ir_.getFalse()}));
      return true;
    case Opcode::i32_popcnt:
    case Opcode::i64_popcnt: push(intrinsic(llvm::Intrinsic::ctpop, {pop()})); return true;
    case Opcode::i32_add:
    case Opcode::i64_add: return binary([&](auto* a, auto* b) { return ir_.CreateAdd(a, b); });
    case Opcode::i32_sub:
    case Opcode::i64_sub: return binary([&](auto* a, auto* b) { return ir_.CreateSub(a, b); });
    case Opcode::i32_mul:
    case Opcode::i64_mul: return binary([&](auto* a, auto* b) { return ir_.CreateMul(a, b); });
    case Opcode::i32_and:
    case Opcode::i64_and: return binary([&](auto* a, auto* b) { return ir_.CreateAnd(a, b); });
    case Opcode::i32_or:
    case Opcode::i64_or: return binary([&](auto* a, auto* b) { return ir_.CreateOr(a, b); });
    case Opcode::i32_xor:
    case Opcode::i64_xor: return binary([&](auto* a, auto* b) { return ir_.CreateXor(a, b); });
    case Opcode::i32_div_s:
    case Opcode::i64_div_s:
    case Opcode::i32_div_u:
    case Opcode::i64_div_u:
    case Opcode::i32_rem_s:
    case Opcode::i64_rem_s:
    case Opcode::i32_rem_u:
    case Opcode::i64_rem_u: return binary([&](auto* a, auto* b) { return divide(in.op, a, b); });
    case Opcode::i32_shl:
    case Opcode::i64_shl:
      return binary([&](auto* a, auto* b) { return ir_.CreateShl(a, shift_count(b)); });
    case Opcode::i32_shr_s:
    case Opcode::i64_shr_s:
      return binary([&](auto* a, auto* b) { return ir_.CreateAShr(a, shift_count(b)); });
    case Opcode::i32_shr_u:
    case Opcode::i64_shr_u:
      return binary([&](auto* a, auto* b) { return ir_.CreateLShr(a, shift_count(b)); });
    case Opcode::i32_rotl:
    case Opcode::i64_rotl:
      return binary([&](auto* a, auto* b) { return intrinsic(llvm::Intrinsic::fshl, {a, a, b}); });
    case Opcode::i32_rotr:
    case Opcode::i64_rotr:
      return binary([&](auto* a, auto* b) { return intrinsic(llvm::Intrinsic::fshr, {a, a, b}); });
    case Opcode::i32_extend8_s:
      push(ir_.CreateSExt(ir_.CreateTrunc(pop(), m_.i8), m_.i32));
      return true;
    case Opcode::i32_extend16_s:
      push(ir_.CreateSExt(ir_.CreateTrunc(pop(), m_.i16), m_.i32));
      return true;
    case Opcode::i64_extend8_s:
      push(ir_.CreateSExt(ir_.CreateTrunc(pop(), m_.i8), m_.i64));
      return true;
    case Opcode::i64_extend16_s:
      push(ir_.CreateSExt(ir_.CreateTrunc(pop(), m_.i16), m_.i64));
      return true;
    case Opcode::i64_extend32_s:
      push(ir_.CreateSExt(ir_.CreateTrunc(pop(), m_.i32), m_.i64));
      return true;
    default: return false;
  }
}

namespace {

// Whether `predicate` holds for a lane of a constant, or for the constant if it is no vector.
template <typename Predicate>
bool has_lane(llvm::Value* value, Predicate predicate) {
  auto* constant = llvm::dyn_cast<llvm::Constant>(value);
  if (!constant) return false;
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(value->getType());
  for (unsigned i = 0; i < (vector ? vector->getNumElements() : 1); i++) {
    auto* lane = vector ? constant->getAggregateElement(i) : constant;
    auto* number = llvm::dyn_cast_or_null<llvm::ConstantFP>(lane);
    if (number && predicate(number->getValueAPF())) return true;
  }
  return false;
}

}  // namespace

// x*1, x/1, x-0 and x+-0 must quiet a signalling NaN; LLVM folds them to x, so the quieting is made
// explicit. (x*-1, x/-1 and -0-x fold to fneg, which does not quiet either. Of a vector, LLVM may
// look at a single lane. x+0 folds where x cannot be -0 and yet may be NaN: where it is |y|.)
llvm::Value* FunctionTranslator::quieting_arithmetic(llvm::Instruction::BinaryOps op,
                                                     llvm::Value* left, llvm::Value* right) {
  bool is_difference = op == llvm::Instruction::FSub;
  bool is_sum = is_difference || op == llvm::Instruction::FAdd;
  auto folds = [&](llvm::Value* constant, llvm::Value* other, bool is_right) {
    auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(other);
    bool is_absolute = call && call->getIntrinsicID() == llvm::Intrinsic::fabs;
    return has_lane(constant, [&](const llvm::APFloat& lane) {
      if (!is_sum) return llvm::abs(lane).isExactlyValue(1.0);
      bool is_neutral = lane.isNegative() != (is_difference && is_right);
      return lane.isZero() && (is_neutral || is_absolute);
    });
  };
  bool folds_left = folds(right, left, true);
  bool folds_right = op != llvm::Instruction::FDiv && folds(left, right, false);
  if (folds_left) left = intrinsic(llvm::Intrinsic::canonicalize, {left});
  if (folds_right) right = intrinsic(llvm::Intrinsic::canonicalize, {right});
  return ir_.CreateBinOp(op, left, right);
}

// a < b ? a : b, or a > b ? a : b: the second for NaN and for zeros of different sign, which is
// what x86's instructions do. For vectors it is said with them, since LLVM does not always
// recognize it; for scalars it is not, so that loops are vectorized.
llvm::Value* FunctionTranslator::first_if_beyond(bool is_maximum, llvm::Value* a, llvm::Value* b) {
  namespace Intrinsic = llvm::Intrinsic;
  if (a->getType() == m_.f32x4) {
    return x86(is_maximum ? Intrinsic::x86_sse_max_ps : Intrinsic::x86_sse_min_ps, {a, b});
  }
  if (a->getType() == m_.f64x2) {
    return x86(is_maximum ? Intrinsic::x86_sse2_max_pd : Intrinsic::x86_sse2_min_pd, {a, b});
  }
  auto beyond = is_maximum ? CmpInst::FCMP_OGT : CmpInst::FCMP_OLT;
  return ir_.CreateSelect(ir_.CreateFCmp(beyond, a, b), a, b);
}

// min(a, b) is (a < b ? a : b) | (b < a ? b : a), which differ only for zeros of different sign and
// for NaN; `&` for max. The sum quiets NaN. Branch-free.
llvm::Value* FunctionTranslator::minimum_maximum(bool is_maximum, llvm::Value* left,
                                                 llvm::Value* right) {
  llvm::Type* type = left->getType();
  llvm::Type* bits = type->getWithNewType(ir_.getIntNTy(type->getScalarSizeInBits()));
  llvm::Value* one = ir_.CreateBitCast(first_if_beyond(is_maximum, left, right), bits);
  llvm::Value* other = ir_.CreateBitCast(first_if_beyond(is_maximum, right, left), bits);
  llvm::Value* ordered = is_maximum ? ir_.CreateAnd(one, other) : ir_.CreateOr(one, other);
  return ir_.CreateSelect(ir_.CreateFCmpUNO(left, right), ir_.CreateFAdd(left, right),
                          ir_.CreateBitCast(ordered, type));
}

bool FunctionTranslator::translate_float(const wasm::Instruction& in) {
  auto binary = [this](auto make) {
    llvm::Value* right = pop();
    llvm::Value* left = pop();
    push(make(left, right));
    return true;
  };
  auto arithmetic = [&](llvm::Instruction::BinaryOps op) {
    return binary([&](auto* a, auto* b) { return quieting_arithmetic(op, a, b); });
  };
  switch (in.op) {
    case Opcode::f32_const:
      push(ir_.CreateBitCast(ir_.getInt32(static_cast<uint32_t>(in.bits)), m_.f32));
      return true;
    case Opcode::f64_const: push(ir_.CreateBitCast(ir_.getInt64(in.bits), m_.f64)); return true;
    case Opcode::f32_eq:
    case Opcode::f64_eq: push(compare(CmpInst::FCMP_OEQ)); return true;
    case Opcode::f32_ne:
    case Opcode::f64_ne: push(compare(CmpInst::FCMP_UNE)); return true;
    case Opcode::f32_lt:
    case Opcode::f64_lt: push(compare(CmpInst::FCMP_OLT)); return true;
    case Opcode::f32_gt:
    case Opcode::f64_gt: push(compare(CmpInst::FCMP_OGT)); return true;
    case Opcode::f32_le:
    case Opcode::f64_le: push(compare(CmpInst::FCMP_OLE)); return true;
    case Opcode::f32_ge:
    case Opcode::f64_ge: push(compare(CmpInst::FCMP_OGE)); return true;
    case Opcode::f32_abs:
    case Opcode::f64_abs: push(intrinsic(llvm::Intrinsic::fabs, {pop()})); return true;
    case Opcode::f32_neg:
    case Opcode::f64_neg: push(ir_.CreateFNeg(pop())); return true;
    case Opcode::f32_ceil:
    case Opcode::f64_ceil: push(intrinsic(llvm::Intrinsic::ceil, {pop()})); return true;
    case Opcode::f32_floor:
    case Opcode::f64_floor: push(intrinsic(llvm::Intrinsic::floor, {pop()})); return true;
    case Opcode::f32_trunc:
    case Opcode::f64_trunc: push(intrinsic(llvm::Intrinsic::trunc, {pop()})); return true;
    case Opcode::f32_nearest:
    case Opcode::f64_nearest: push(intrinsic(llvm::Intrinsic::roundeven, {pop()})); return true;
    case Opcode::f32_sqrt:
    case Opcode::f64_sqrt: push(intrinsic(llvm::Intrinsic::sqrt, {pop()})); return true;
    case Opcode::f32_add:
    case Opcode::f64_add: return arithmetic(llvm::Instruction::FAdd);
    case Opcode::f32_sub:
    case Opcode::f64_sub: return arithmetic(llvm::Instruction::FSub);
    case Opcode::f32_mul:
    case Opcode::f64_mul: return arithmetic(llvm::Instruction::FMul);
    case Opcode::f32_div:
    case Opcode::f64_div: return arithmetic(llvm::Instruction::FDiv);
    case Opcode::f32_min:
    case Opcode::f64_min:
      return binary([&](auto* a, auto* b) { return minimum_maximum(false, a, b); });
    case Opcode::f32_max:
    case Opcode::f64_max:
      return binary([&](auto* a, auto* b) { return minimum_maximum(true, a, b); });
    case Opcode::f32_copysign:
    case Opcode::f64_copysign:
      return binary([&](auto* a, auto* b) { return intrinsic(llvm::Intrinsic::copysign, {a, b}); });
    default: return false;
  }
}

// In range, one compare on each side and the conversion; NaN fails both and is told apart only
// then.
llvm::Value* FunctionTranslator::truncate_checked(llvm::Value* value, llvm::Type* to,
                                                  bool is_signed) {
  llvm::Type* from = value->getType();
  bool to_32 = to == m_.i32;
  // The bounds are exact in both formats but for i32's lower one in f32, where the next value below
  // -2^31 is already out of range and the comparison is >= instead.
  double low = !is_signed ? -1.0 : to_32 ? -2147483649.0 : -9223372036854775808.0;
  double high = is_signed ? (to_32 ? 2147483648.0 : 9223372036854775808.0)
                          : (to_32 ? 4294967296.0 : 18446744073709551616.0);
  bool low_is_in_range = is_signed && (!to_32 || from == m_.f32);
  if (low_is_in_range && to_32) low = -2147483648.0;
  llvm::Value* above = ir_.CreateFCmp(low_is_in_range ? CmpInst::FCMP_OGE : CmpInst::FCMP_OGT,
                                      value, llvm::ConstantFP::get(from, low));
  llvm::Value* below = ir_.CreateFCmpOLT(value, llvm::ConstantFP::get(from, high));
  llvm::BasicBlock* failing = new_block("trap");
  llvm::BasicBlock* next = new_block("next");
  ir_.CreateCondBr(ir_.CreateNot(ir_.CreateAnd(above, below)), failing, next, m_.unlikely);
  ir_.SetInsertPoint(failing);
  trap_if(ir_.CreateFCmpUNO(value, value), TrapCode::kInvalidConversion);
  trap(TrapCode::kIntegerOverflow);
  ir_.SetInsertPoint(next);
  return is_signed ? ir_.CreateFPToSI(value, to) : ir_.CreateFPToUI(value, to);
}

bool FunctionTranslator::translate_conversion(const wasm::Instruction& in) {
  auto truncate = [this](llvm::Type* to, bool is_signed) {
    push(truncate_checked(pop(), to, is_signed));
    return true;
  };
  auto saturate = [this](llvm::Type* to, bool is_signed) {
    llvm::Value* value = pop();
    push(ir_.CreateIntrinsic(is_signed ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat,
                             {to, value->getType()}, {value}));
    return true;
  };
  switch (in.op) {
    case Opcode::i32_wrap_i64: push(ir_.CreateTrunc(pop(), m_.i32)); return true;
    case Opcode::i64_extend_i32_s: push(ir_.CreateSExt(pop(), m_.i64)); return true;
    case Opcode::i64_extend_i32_u: push(ir_.CreateZExt(pop(), m_.i64)); return true;
    case Opcode::i32_trunc_f32_s:
    case Opcode::i32_trunc_f64_s: return truncate(m_.i32, true);
    case Opcode::i32_trunc_f32_u:
    case Opcode::i32_trunc_f64_u: return truncate(m_.i32, false);
    case Opcode::i64_trunc_f32_s:
    case Opcode::i64_trunc_f64_s: return truncate(m_.i64, true);
    case Opcode::i64_trunc_f32_u:
    case Opcode::i64_trunc_f64_u: return truncate(m_.i64, false);
    case Opcode::i32_trunc_sat_f32_s:
    case Opcode::i32_trunc_sat_f64_s: return saturate(m_.i32, true);
    case Opcode::i32_trunc_sat_f32_u:
    case Opcode::i32_trunc_sat_f64_u: return saturate(m_.i32, false);
    case Opcode::i64_trunc_sat_f32_s:
    case Opcode::i64_trunc_sat_f64_s: return saturate(m_.i64, true);
    case Opcode::i64_trunc_sat_f32_u:
    case Opcode::i64_trunc_sat_f64_u: return saturate(m_.i64, false);
    case Opcode::f32_convert_i32_s:
    case Opcode::f32_convert_i64_s: push(ir_.CreateSIToFP(pop(), m_.f32)); return true;
    case Opcode::f32_convert_i32_u:
    case Opcode::f32_convert_i64_u: push(ir_.CreateUIToFP(pop(), m_.f32)); return true;
    case Opcode::f64_convert_i32_s:
    case Opcode::f64_convert_i64_s: push(ir_.CreateSIToFP(pop(), m_.f64)); return true;
    case Opcode::f64_convert_i32_u:
    case Opcode::f64_convert_i64_u: push(ir_.CreateUIToFP(pop(), m_.f64)); return true;
    case Opcode::f32_demote_f64: {
      llvm::Value* value = pop();
      // demote(promote(x)) would fold to x and leave a signalling NaN as it is.
      if (llvm::isa<llvm::FPExtInst>(value)) {
        value = intrinsic(llvm::Intrinsic::canonicalize, {value});
      }
      push(ir_.CreateFPTrunc(value, m_.f32));
      return true;
    }
    case Opcode::f64_promote_f32: push(ir_.CreateFPExt(pop(), m_.f64)); return true;
    case Opcode::i32_reinterpret_f32: push(ir_.CreateBitCast(pop(), m_.i32)); return true;
    case Opcode::i64_reinterpret_f64: push(ir_.CreateBitCast(pop(), m_.i64)); return true;
    case Opcode::f32_reinterpret_i32: push(ir_.CreateBitCast(pop(), m_.f32)); return true;
    case Opcode::f64_reinterpret_i64: push(ir_.CreateBitCast(pop(), m_.f64)); return true;
    default: return false;
  }
}

}  // namespace wherry::compile
