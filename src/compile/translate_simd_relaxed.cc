// Relaxed SIMD, whose results are for the engine to choose where CPUs differ.
//
// Ours do not depend on the CPU level or the profile, so that a function computes the same
// everywhere. Where one instruction that every x86-64-v2 CPU has gives a result the specification
// allows, it is that; all else is as in the specification's deterministic profile. So multiply-add
// is not fused: v2 has no instruction for it, and the deterministic profile rounds twice.
#include "compile/function_translator.h"

namespace wherry::compile {

using llvm::CmpInst;
using wasm::Opcode;
namespace Intrinsic = llvm::Intrinsic;

bool FunctionTranslator::translate_simd_relaxed(const wasm::Instruction& in) {
  llvm::FixedVectorType* lanes = lanes_of(in.op);
  auto multiply_add = [&](bool is_negated) {
    llvm::Value* addend = pop_lanes(lanes);
    return binary_lanes(lanes, [&](auto* a, auto* b) {
      llvm::Value* product = quieting_arithmetic(llvm::Instruction::FMul, a, b);
      return is_negated ? quieting_arithmetic(llvm::Instruction::FSub, addend, product)
                        : quieting_arithmetic(llvm::Instruction::FAdd, product, addend);
    });
  };
  // pmaddubsw: signed times unsigned bytes, which agree below 128.
  auto dot = [&](llvm::Value* a, llvm::Value* b) {
    return x86(Intrinsic::x86_ssse3_pmadd_ub_sw_128, {b, a});
  };
  switch (in.op) {
    // Indices from 16 to 127 count modulo 16.
    case Opcode::i8x16_relaxed_swizzle:
      return binary_lanes(lanes, [&](auto* a, auto* indices) {
        return x86(Intrinsic::x86_ssse3_pshuf_b_128, {a, indices});
      });
    // 0x80000000 for what does not fit.
    case Opcode::i32x4_relaxed_trunc_f32x4_s:
      push_lanes(x86(Intrinsic::x86_sse2_cvttps2dq, {pop_lanes(m_.f32x4)}));
      return true;
    case Opcode::i32x4_relaxed_trunc_f64x2_s_zero:
      push_lanes(x86(Intrinsic::x86_sse2_cvttpd2dq, {pop_lanes(m_.f64x2)}));
      return true;
    case Opcode::i32x4_relaxed_trunc_f32x4_u:
      push_lanes(truncate_saturated(pop_lanes(m_.f32x4), false));
      return true;
    case Opcode::i32x4_relaxed_trunc_f64x2_u_zero:
      push_lanes(truncate_saturated(pop_lanes(m_.f64x2), false));
      return true;
    case Opcode::f32x4_relaxed_madd:
    case Opcode::f64x2_relaxed_madd: return multiply_add(false);
    case Opcode::f32x4_relaxed_nmadd:
    case Opcode::f64x2_relaxed_nmadd: return multiply_add(true);
    // Each lane by its mask's highest bit.
    case Opcode::i8x16_relaxed_laneselect:
    case Opcode::i16x8_relaxed_laneselect:
    case Opcode::i32x4_relaxed_laneselect:
    case Opcode::i64x2_relaxed_laneselect: {
      llvm::Value* mask = ir_.CreateICmpSLT(pop_lanes(lanes), splat(lanes, 0));
      return binary_lanes(lanes, [&](auto* a, auto* b) { return ir_.CreateSelect(mask, a, b); });
    }
    // The second operand for NaN and for zeros of different sign.
    case Opcode::f32x4_relaxed_min:
    case Opcode::f64x2_relaxed_min:
      return binary_lanes(lanes, [&](auto* a, auto* b) { return first_if_beyond(false, a, b); });
    case Opcode::f32x4_relaxed_max:
    case Opcode::f64x2_relaxed_max:
      return binary_lanes(lanes, [&](auto* a, auto* b) { return first_if_beyond(true, a, b); });
    // -1 * -1 wraps to -1.
    case Opcode::i16x8_relaxed_q15mulr_s:
      return binary_lanes(lanes, [&](auto* a, auto* b) {
        return x86(Intrinsic::x86_ssse3_pmul_hr_sw_128, {a, b});
      });
    case Opcode::i16x8_relaxed_dot_i8x16_i7x16_s: return binary_lanes(m_.i8x16, dot);
    case Opcode::i32x4_relaxed_dot_i8x16_i7x16_add_s: {
      llvm::Value* addend = pop_lanes(lanes);
      return binary_lanes(m_.i8x16, [&](auto* a, auto* b) {
        return ir_.CreateAdd(x86(Intrinsic::x86_sse2_pmadd_wd, {dot(a, b), splat(m_.i16x8, 1)}),
                             addend);
      });
    }
    default: return false;
  }
}

}  // namespace wherry::compile
