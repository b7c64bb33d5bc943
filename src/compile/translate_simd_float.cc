// Vectors of floating-point numbers, and conversions between them and integers.
//
// NaN is quieted as for scalars (translate_numeric.cc). Conversions to integers saturate: x86's
// instructions give 0x80000000 for whatever does not fit, which a few instructions around them put
// right; LLVM would take the vector apart.
#include "compile/function_translator.h"

namespace wherry::compile {

using llvm::CmpInst;
using wasm::Opcode;
namespace Intrinsic = llvm::Intrinsic;

bool FunctionTranslator::translate_simd_float(const wasm::Instruction& in) {
  llvm::FixedVectorType* lanes = lanes_of(in.op);
  auto unary = [&](Intrinsic::ID id) {
    push_lanes(intrinsic(id, {pop_lanes(lanes)}));
    return true;
  };
  auto binary = [&](auto make) { return binary_lanes(lanes, make); };
  auto arithmetic = [&](llvm::Instruction::BinaryOps op) {
    return binary([&](auto* a, auto* b) { return quieting_arithmetic(op, a, b); });
  };
  auto compare = [&](CmpInst::Predicate predicate) {
    auto* mask = llvm::VectorType::getInteger(lanes);
    return binary(
        [&](auto* a, auto* b) { return ir_.CreateSExt(ir_.CreateFCmp(predicate, a, b), mask); });
  };
  switch (in.op) {
    case Opcode::f32x4_eq:
    case Opcode::f64x2_eq: return compare(CmpInst::FCMP_OEQ);
    case Opcode::f32x4_ne:
    case Opcode::f64x2_ne: return compare(CmpInst::FCMP_UNE);
    case Opcode::f32x4_lt:
    case Opcode::f64x2_lt: return compare(CmpInst::FCMP_OLT);
    case Opcode::f32x4_gt:
    case Opcode::f64x2_gt: return compare(CmpInst::FCMP_OGT);
    case Opcode::f32x4_le:
    case Opcode::f64x2_le: return compare(CmpInst::FCMP_OLE);
    case Opcode::f32x4_ge:
    case Opcode::f64x2_ge: return compare(CmpInst::FCMP_OGE);
    case Opcode::f32x4_abs:
    case Opcode::f64x2_abs: return unary(Intrinsic::fabs);
    case Opcode::f32x4_neg:
    case Opcode::f64x2_neg: push_lanes(ir_.CreateFNeg(pop_lanes(lanes))); return true;
    case Opcode::f32x4_ceil:
    case Opcode::f64x2_ceil: return unary(Intrinsic::ceil);
    case Opcode::f32x4_floor:
    case Opcode::f64x2_floor: return unary(Intrinsic::floor);
    case Opcode::f32x4_trunc:
    case Opcode::f64x2_trunc: return unary(Intrinsic::trunc);
    case Opcode::f32x4_nearest:
    case Opcode::f64x2_nearest: return unary(Intrinsic::roundeven);
    case Opcode::f32x4_sqrt:
    case Opcode::f64x2_sqrt: return unary(Intrinsic::sqrt);
    case Opcode::f32x4_add:
    case Opcode::f64x2_add: return arithmetic(llvm::Instruction::FAdd);
    case Opcode::f32x4_sub:
    case Opcode::f64x2_sub: return arithmetic(llvm::Instruction::FSub);
    case Opcode::f32x4_mul:
    case Opcode::f64x2_mul: return arithmetic(llvm::Instruction::FMul);
    case Opcode::f32x4_div:
    case Opcode::f64x2_div: return arithmetic(llvm::Instruction::FDiv);
    case Opcode::f32x4_min:
    case Opcode::f64x2_min:
      return binary([&](auto* a, auto* b) { return minimum_maximum(false, a, b); });
    case Opcode::f32x4_max:
    case Opcode::f64x2_max:
      return binary([&](auto* a, auto* b) { return minimum_maximum(true, a, b); });
    case Opcode::f32x4_pmin:
    case Opcode::f64x2_pmin:
      return binary([&](auto* a, auto* b) { return first_if_beyond(false, b, a); });
    case Opcode::f32x4_pmax:
    case Opcode::f64x2_pmax:
      return binary([&](auto* a, auto* b) { return first_if_beyond(true, b, a); });
    default: return false;
  }
}

// <4 x float> or <2 x double> to <4 x i32>; of the doubles, the upper lanes are 0.
llvm::Value* FunctionTranslator::truncate_saturated(llvm::Value* vector, bool is_signed) {
  auto* lanes = llvm::cast<llvm::FixedVectorType>(vector->getType());
  bool is_double = lanes == m_.f64x2;
  llvm::Value* zero = llvm::Constant::getNullValue(lanes);
  auto minimum = [&](auto* a, auto* b) { return first_if_beyond(false, a, b); };
  auto maximum = [&](auto* a, auto* b) { return first_if_beyond(true, a, b); };
  if (!is_signed && m_.cpu >= CpuLevel::kV4) {
    // vcvttps2udq gives 0xffffffff for what is too large.
    return x86(is_double ? Intrinsic::x86_avx512_mask_cvttpd2udq_128
                         : Intrinsic::x86_avx512_mask_cvttps2udq_128,
               {maximum(vector, zero), splat(m_.i32x4, 0), ir_.getInt8(0xff)});
  }
  if (is_double && is_signed) {
    // What is too small becomes INT_MIN by itself.
    llvm::Value* limit =
        ir_.CreateSelect(ir_.CreateFCmpORD(vector, vector), splat_float(lanes, 2147483647.0), zero);
    return x86(Intrinsic::x86_sse2_cvttpd2dq, {minimum(vector, limit)});
  }
  if (is_double) {
    // Added to 2^52, an integer stands in the low bits of the sum.
    vector = minimum(maximum(vector, zero), splat_float(lanes, 4294967295.0));
    vector = ir_.CreateFAdd(intrinsic(Intrinsic::trunc, {vector}), splat_float(lanes, 0x1p52));
    return ir_.CreateShuffleVector(ir_.CreateBitCast(vector, m_.i32x4), splat(m_.i32x4, 0),
                                   {0, 2, 4, 4});
  }
  auto convert = [&](llvm::Value* value) { return x86(Intrinsic::x86_sse2_cvttps2dq, {value}); };
  // 0x80000000 becomes 0x7fffffff where the number is at least 2^31.
  llvm::Value* limit = splat_float(lanes, 0x1p31);
  auto convert_up_to_limit = [&](llvm::Value* value) {
    llvm::Value* too_large = ir_.CreateSExt(ir_.CreateFCmpOGE(value, limit), m_.i32x4);
    return ir_.CreateXor(convert(value), too_large);
  };
  if (is_signed) {
    llvm::Value* is_number = ir_.CreateFCmpORD(vector, vector);
    return convert_up_to_limit(ir_.CreateSelect(is_number, vector, zero));
  }
  // From 2^31 on the first conversion gives 2^31 and the second the rest; below, the rest is 0.
  vector = maximum(vector, zero);
  llvm::Value* rest = convert_up_to_limit(ir_.CreateFSub(vector, limit));
  rest = intrinsic(Intrinsic::smax, {rest, splat(m_.i32x4, 0)});
  return ir_.CreateAdd(convert(vector), rest);
}

bool FunctionTranslator::translate_simd_conversion(const wasm::Instruction& in) {
  switch (in.op) {
    case Opcode::i32x4_trunc_sat_f32x4_s:
      push_lanes(truncate_saturated(pop_lanes(m_.f32x4), true));
      return true;
    case Opcode::i32x4_trunc_sat_f32x4_u:
      push_lanes(truncate_saturated(pop_lanes(m_.f32x4), false));
      return true;
    case Opcode::i32x4_trunc_sat_f64x2_s_zero:
      push_lanes(truncate_saturated(pop_lanes(m_.f64x2), true));
      return true;
    case Opcode::i32x4_trunc_sat_f64x2_u_zero:
      push_lanes(truncate_saturated(pop_lanes(m_.f64x2), false));
      return true;
    case Opcode::f32x4_convert_i32x4_s:
      push_lanes(ir_.CreateSIToFP(pop_lanes(m_.i32x4), m_.f32x4));
      return true;
    case Opcode::f32x4_convert_i32x4_u:
      push_lanes(ir_.CreateUIToFP(pop_lanes(m_.i32x4), m_.f32x4));
      return true;
    case Opcode::f64x2_convert_low_i32x4_s:
      push_lanes(ir_.CreateSIToFP(half(pop_lanes(m_.i32x4), false), m_.f64x2));
      return true;
    case Opcode::f64x2_convert_low_i32x4_u:
      push_lanes(ir_.CreateUIToFP(half(pop_lanes(m_.i32x4), false), m_.f64x2));
      return true;
    case Opcode::f64x2_promote_low_f32x4:
      push_lanes(ir_.CreateFPExt(half(pop_lanes(m_.f32x4), false), m_.f64x2));
      return true;
    case Opcode::f32x4_demote_f64x2_zero: {
      llvm::Value* vector = pop_lanes(m_.f64x2);
      // As for scalars, demote(promote(x)) would fold to x.
      if (llvm::isa<llvm::FPExtInst>(vector)) {
        vector = intrinsic(Intrinsic::canonicalize, {vector});
      }
      llvm::Type* pair = llvm::FixedVectorType::get(m_.f32, 2);
      push_lanes(ir_.CreateShuffleVector(ir_.CreateFPTrunc(vector, pair),
                                         llvm::Constant::getNullValue(pair), {0, 1, 2, 3}));
      return true;
    }
    default: return false;
  }
}

}  // namespace wherry::compile
