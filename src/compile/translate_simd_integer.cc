// Vectors of integers, and of bits.
#include "compile/function_translator.h"

namespace wherry::compile {

using llvm::CmpInst;
using wasm::Opcode;
namespace Intrinsic = llvm::Intrinsic;

namespace {

// What an instruction compares by, as its name says behind the dot, or BAD_ICMP_PREDICATE.
CmpInst::Predicate comparison_of(Opcode op) {
  constexpr std::pair<std::string_view, CmpInst::Predicate> kComparisons[] = {
      {"eq", CmpInst::ICMP_EQ},    {"ne", CmpInst::ICMP_NE},    {"lt_s", CmpInst::ICMP_SLT},
      {"lt_u", CmpInst::ICMP_ULT}, {"gt_s", CmpInst::ICMP_SGT}, {"gt_u", CmpInst::ICMP_UGT},
      {"le_s", CmpInst::ICMP_SLE}, {"le_u", CmpInst::ICMP_ULE}, {"ge_s", CmpInst::ICMP_SGE},
      {"ge_u", CmpInst::ICMP_UGE},
  };
  std::string_view name = wasm::text_of(op);
  if (name[0] != 'i') return CmpInst::BAD_ICMP_PREDICATE;
  name.remove_prefix(name.find('.') + 1);
  for (auto [text, predicate] : kComparisons) {
    if (text == name) return predicate;
  }
  return CmpInst::BAD_ICMP_PREDICATE;
}

}  // namespace

// A shift counts modulo the lane's bits, the same for all lanes.
llvm::Value* FunctionTranslator::shift_count(llvm::FixedVectorType* lanes, llvm::Value* count) {
  llvm::Type* lane = lanes->getElementType();
  count = ir_.CreateAnd(count, ir_.getInt32(lane->getIntegerBitWidth() - 1));
  return ir_.CreateVectorSplat(lanes->getNumElements(), ir_.CreateZExtOrTrunc(count, lane));
}

// x86 shifts no bytes: each goes into the high half of 16 bits, which are shifted and packed again.
llvm::Value* FunctionTranslator::shift_bytes_signed(llvm::Value* bytes, llvm::Value* count) {
  count = ir_.CreateAdd(ir_.CreateAnd(count, ir_.getInt32(7)), ir_.getInt32(8));
  count = ir_.CreateVectorSplat(8, ir_.CreateTrunc(count, m_.i16));
  auto shifted_half = [&](int first) {
    llvm::SmallVector<int, 16> twice;
    for (int i = first; twice.size() < 16; i++) twice.append({i, i});
    return ir_.CreateAShr(as(ir_.CreateShuffleVector(bytes, twice), m_.i16x8), count);
  };
  return x86(Intrinsic::x86_sse2_packsswb_128, {shifted_half(0), shifted_half(8)});
}

bool FunctionTranslator::translate_simd_integer(const wasm::Instruction& in) {
  llvm::FixedVectorType* lanes = lanes_of(in.op);
  auto unary = [&](auto make) {
    push_lanes(make(pop_lanes(lanes)));
    return true;
  };
  auto binary = [&](auto make) { return binary_lanes(lanes, make); };
  auto both = [&](Intrinsic::ID id) {
    return binary([&](auto* a, auto* b) { return intrinsic(id, {a, b}); });
  };
  auto native = [&](Intrinsic::ID id) {
    return binary([&](auto* a, auto* b) { return x86(id, {a, b}); });
  };
  auto shift = [&](llvm::Instruction::BinaryOps op) {
    llvm::Value* count = shift_count(lanes, pop());
    push_lanes(ir_.CreateBinOp(op, pop_lanes(lanes), count));
    return true;
  };
  // A test's answer as an i32.
  auto answer = [&](llvm::Value* condition) {
    push(ir_.CreateZExt(condition, m_.i32));
    return true;
  };
  auto whole = [&](llvm::Value* vector) { return ir_.CreateBitCast(vector, ir_.getInt128Ty()); };
  auto signs = [&](llvm::Value* vector) {
    return ir_.CreateICmpSLT(vector, llvm::Constant::getNullValue(vector->getType()));
  };
  if (auto predicate = comparison_of(in.op); predicate != CmpInst::BAD_ICMP_PREDICATE) {
    return binary(
        [&](auto* a, auto* b) { return ir_.CreateSExt(ir_.CreateICmp(predicate, a, b), lanes); });
  }
  switch (in.op) {
    case Opcode::v128_not: return unary([&](auto* a) { return ir_.CreateNot(a); });
    case Opcode::v128_and: return binary([&](auto* a, auto* b) { return ir_.CreateAnd(a, b); });
    case Opcode::v128_or: return binary([&](auto* a, auto* b) { return ir_.CreateOr(a, b); });
    case Opcode::v128_xor: return binary([&](auto* a, auto* b) { return ir_.CreateXor(a, b); });
    case Opcode::v128_andnot:
      return binary([&](auto* a, auto* b) { return ir_.CreateAnd(a, ir_.CreateNot(b)); });
    case Opcode::v128_bitselect: {
      llvm::Value* mask = pop();
      return binary([&](auto* a, auto* b) {
        return ir_.CreateOr(ir_.CreateAnd(a, mask), ir_.CreateAnd(b, ir_.CreateNot(mask)));
      });
    }
    case Opcode::v128_any_true: return answer(ir_.CreateIsNotNull(whole(pop())));
    case Opcode::i8x16_all_true:
    case Opcode::i16x8_all_true:
    case Opcode::i32x4_all_true:
    case Opcode::i64x2_all_true: {
      llvm::Value* zeros = ir_.CreateICmpEQ(pop_lanes(lanes), splat(lanes, 0));
      return answer(ir_.CreateIsNull(whole(ir_.CreateSExt(zeros, lanes))));
    }
    case Opcode::i8x16_bitmask:
    case Opcode::i16x8_bitmask:
    case Opcode::i32x4_bitmask:
    case Opcode::i64x2_bitmask:
      return answer(
          ir_.CreateBitCast(signs(pop_lanes(lanes)), ir_.getIntNTy(lanes->getNumElements())));

    case Opcode::i8x16_abs:
    case Opcode::i16x8_abs:
    case Opcode::i32x4_abs:
    case Opcode::i64x2_abs:
      return unary([&](auto* a) { return intrinsic(Intrinsic::abs, {a, ir_.getFalse()}); });
    case Opcode::i8x16_neg:
    case Opcode::i16x8_neg:
    case Opcode::i32x4_neg:
    case Opcode::i64x2_neg: return unary([&](auto* a) { return ir_.CreateNeg(a); });
    case Opcode::i8x16_popcnt:
      return unary([&](auto* a) { return intrinsic(Intrinsic::ctpop, {a}); });
    case Opcode::i8x16_shl:
    case Opcode::i16x8_shl:
    case Opcode::i32x4_shl:
    case Opcode::i64x2_shl: return shift(llvm::Instruction::Shl);
    case Opcode::i8x16_shr_s: {
      // By a constant, LLVM's way is shorter.
      if (llvm::isa<llvm::Constant>(stack_.back())) return shift(llvm::Instruction::AShr);
      llvm::Value* count = pop();
      push_lanes(shift_bytes_signed(pop_lanes(lanes), count));
      return true;
    }
    case Opcode::i16x8_shr_s:
    case Opcode::i32x4_shr_s:
    case Opcode::i64x2_shr_s: return shift(llvm::Instruction::AShr);
    case Opcode::i8x16_shr_u:
    case Opcode::i16x8_shr_u:
    case Opcode::i32x4_shr_u:
    case Opcode::i64x2_shr_u: return shift(llvm::Instruction::LShr);
    case Opcode::i8x16_add:
    case Opcode::i16x8_add:
    case Opcode::i32x4_add:
    case Opcode::i64x2_add: return binary([&](auto* a, auto* b) { return ir_.CreateAdd(a, b); });
    case Opcode::i8x16_sub:
    case Opcode::i16x8_sub:
    case Opcode::i32x4_sub:
    case Opcode::i64x2_sub: return binary([&](auto* a, auto* b) { return ir_.CreateSub(a, b); });
    case Opcode::i16x8_mul:
    case Opcode::i32x4_mul:
    case Opcode::i64x2_mul: return binary([&](auto* a, auto* b) { return ir_.CreateMul(a, b); });
    case Opcode::i8x16_add_sat_s:
    case Opcode::i16x8_add_sat_s: return both(Intrinsic::sadd_sat);
    case Opcode::i8x16_add_sat_u:
    case Opcode::i16x8_add_sat_u: return both(Intrinsic::uadd_sat);
    case Opcode::i8x16_sub_sat_s:
    case Opcode::i16x8_sub_sat_s: return both(Intrinsic::ssub_sat);
    case Opcode::i8x16_sub_sat_u:
    case Opcode::i16x8_sub_sat_u: return both(Intrinsic::usub_sat);
    case Opcode::i8x16_min_s:
    case Opcode::i16x8_min_s:
    case Opcode::i32x4_min_s: return both(Intrinsic::smin);
    case Opcode::i8x16_min_u:
    case Opcode::i16x8_min_u:
    case Opcode::i32x4_min_u: return both(Intrinsic::umin);
    case Opcode::i8x16_max_s:
    case Opcode::i16x8_max_s:
    case Opcode::i32x4_max_s: return both(Intrinsic::smax);
    case Opcode::i8x16_max_u:
    case Opcode::i16x8_max_u:
    case Opcode::i32x4_max_u: return both(Intrinsic::umax);
    case Opcode::i8x16_avgr_u: return native(Intrinsic::x86_sse2_pavg_b);
    case Opcode::i16x8_avgr_u: return native(Intrinsic::x86_sse2_pavg_w);
    case Opcode::i16x8_q15mulr_sat_s:
      // pmulhrsw is exact but for -1 * -1, where it wraps to -1; nothing else gives -1.
      return binary([&](auto* a, auto* b) {
        llvm::Value* product = x86(Intrinsic::x86_ssse3_pmul_hr_sw_128, {a, b});
        llvm::Value* wrapped = ir_.CreateICmpEQ(product, splat(lanes, 0x8000));
        return ir_.CreateXor(product, ir_.CreateSExt(wrapped, lanes));
      });
    default: return false;
  }
}

// Lanes of other widths than the operands'.
bool FunctionTranslator::translate_simd_widening(const wasm::Instruction& in) {
  llvm::FixedVectorType* lanes = lanes_of(in.op);
  unsigned bits = lanes->getScalarSizeInBits();
  llvm::FixedVectorType* narrow = bits == 16 ? m_.i8x16 : bits == 32 ? m_.i16x8 : m_.i32x4;
  llvm::FixedVectorType* wide = bits == 8 ? m_.i16x8 : m_.i32x4;
  auto extended_half = [&](bool is_high, bool is_signed) {
    llvm::Value* value = half(pop_lanes(narrow), is_high);
    return is_signed ? ir_.CreateSExt(value, lanes) : ir_.CreateZExt(value, lanes);
  };
  auto extend = [&](bool is_high, bool is_signed) {
    push_lanes(extended_half(is_high, is_signed));
    return true;
  };
  auto multiply = [&](bool is_high, bool is_signed) {
    if (narrow == m_.i16x8) {
      // The products' low and high halves, interleaved: cheaper than 32-bit multiplication, and
      // shared if the guest wants the low and the high lanes.
      llvm::Value* right = pop_lanes(narrow);
      llvm::Value* left = pop_lanes(narrow);
      llvm::Value* high = x86(
          is_signed ? Intrinsic::x86_sse2_pmulh_w : Intrinsic::x86_sse2_pmulhu_w, {left, right});
      llvm::SmallVector<int, 8> pairs;
      for (int i = is_high ? 4 : 0; pairs.size() < 8; i++) pairs.append({i, i + 8});
      push_lanes(ir_.CreateShuffleVector(ir_.CreateMul(left, right), high, pairs));
      return true;
    }
    llvm::Value* right = extended_half(is_high, is_signed);
    push_lanes(ir_.CreateMul(extended_half(is_high, is_signed), right));
    return true;
  };
  auto native = [&](Intrinsic::ID id, llvm::FixedVectorType* from) {
    llvm::Value* right = pop_lanes(from);
    push_lanes(x86(id, {pop_lanes(from), right}));
    return true;
  };
  switch (in.op) {
    case Opcode::i8x16_narrow_i16x8_s: return native(Intrinsic::x86_sse2_packsswb_128, wide);
    case Opcode::i8x16_narrow_i16x8_u: return native(Intrinsic::x86_sse2_packuswb_128, wide);
    case Opcode::i16x8_narrow_i32x4_s: return native(Intrinsic::x86_sse2_packssdw_128, wide);
    case Opcode::i16x8_narrow_i32x4_u: return native(Intrinsic::x86_sse41_packusdw, wide);
    case Opcode::i16x8_extend_low_i8x16_s:
    case Opcode::i32x4_extend_low_i16x8_s:
    case Opcode::i64x2_extend_low_i32x4_s: return extend(false, true);
    case Opcode::i16x8_extend_high_i8x16_s:
    case Opcode::i32x4_extend_high_i16x8_s:
    case Opcode::i64x2_extend_high_i32x4_s: return extend(true, true);
    case Opcode::i16x8_extend_low_i8x16_u:
    case Opcode::i32x4_extend_low_i16x8_u:
    case Opcode::i64x2_extend_low_i32x4_u: return extend(false, false);
    case Opcode::i16x8_extend_high_i8x16_u:
    case Opcode::i32x4_extend_high_i16x8_u:
    case Opcode::i64x2_extend_high_i32x4_u: return extend(true, false);
    case Opcode::i16x8_extmul_low_i8x16_s:
    case Opcode::i32x4_extmul_low_i16x8_s:
    case Opcode::i64x2_extmul_low_i32x4_s: return multiply(false, true);
    case Opcode::i16x8_extmul_high_i8x16_s:
    case Opcode::i32x4_extmul_high_i16x8_s:
    case Opcode::i64x2_extmul_high_i32x4_s: return multiply(true, true);
    case Opcode::i16x8_extmul_low_i8x16_u:
    case Opcode::i32x4_extmul_low_i16x8_u:
    case Opcode::i64x2_extmul_low_i32x4_u: return multiply(false, false);
    case Opcode::i16x8_extmul_high_i8x16_u:
    case Opcode::i32x4_extmul_high_i16x8_u:
    case Opcode::i64x2_extmul_high_i32x4_u: return multiply(true, false);
    // pmaddubsw multiplies unsigned bytes (first) with signed ones and adds pairs, which cannot
    // saturate where one side is 1.
    case Opcode::i16x8_extadd_pairwise_i8x16_s:
      push_lanes(x86(Intrinsic::x86_ssse3_pmadd_ub_sw_128, {splat(narrow, 1), pop_lanes(narrow)}));
      return true;
    case Opcode::i16x8_extadd_pairwise_i8x16_u:
      push_lanes(x86(Intrinsic::x86_ssse3_pmadd_ub_sw_128, {pop_lanes(narrow), splat(narrow, 1)}));
      return true;
    case Opcode::i32x4_extadd_pairwise_i16x8_s:
      push_lanes(x86(Intrinsic::x86_sse2_pmadd_wd, {pop_lanes(narrow), splat(narrow, 1)}));
      return true;
    case Opcode::i32x4_extadd_pairwise_i16x8_u: {
      llvm::Value* pairs = pop_lanes(lanes);
      push_lanes(ir_.CreateAdd(ir_.CreateLShr(pairs, splat(lanes, 16)),
                               ir_.CreateAnd(pairs, splat(lanes, 0xffff))));
      return true;
    }
    case Opcode::i32x4_dot_i16x8_s: return native(Intrinsic::x86_sse2_pmadd_wd, narrow);
    default: return false;
  }
}

}  // namespace wherry::compile
