// Vectors: how an instruction sees the lanes of a v128, and what moves lanes about: loads and
// stores, constants, splats, single lanes, shuffles.
//
// The code is what LLVM selects for generic IR where that is one or two instructions; x86
// intrinsics stand where it is not (tests/compile holds the machine code of each).
#include <llvm/Analysis/ConstantFolding.h>

#include "compile/function_translator.h"

namespace wherry::compile {

using llvm::Intrinsic::x86_ssse3_pshuf_b_128;
using wasm::Opcode;

// The lanes an instruction's name starts with; 64-bit ones if it starts with v128.
llvm::FixedVectorType* FunctionTranslator::lanes_of(Opcode op) const {
  std::string_view name = wasm::text_of(op);
  if (name.starts_with("i8x16")) return m_.i8x16;
  if (name.starts_with("i16x8")) return m_.i16x8;
  if (name.starts_with("i32x4")) return m_.i32x4;
  if (name.starts_with("f32x4")) return m_.f32x4;
  if (name.starts_with("f64x2")) return m_.f64x2;
  return m_.i64x2;
}

// A bitcast, but for one that only takes another one back: then what was cast, so that whoever
// looks at operands (for constants, conversions, loads) sees them.
llvm::Value* FunctionTranslator::as(llvm::Value* vector, llvm::Type* type) {
  auto* cast = llvm::dyn_cast<llvm::BitCastInst>(vector);
  if (cast && cast->getSrcTy() == type) return cast->getOperand(0);
  if (auto* constant = llvm::dyn_cast<llvm::Constant>(vector)) {
    // The builder by itself does not look into lanes of another width.
    return llvm::ConstantFoldCastOperand(llvm::Instruction::BitCast, constant, type,
                                         m_.module->getDataLayout());
  }
  return ir_.CreateBitCast(vector, type);
}

llvm::Constant* FunctionTranslator::splat(llvm::FixedVectorType* lanes, uint64_t lane) const {
  return llvm::ConstantInt::get(lanes, lane);
}

llvm::Constant* FunctionTranslator::splat_float(llvm::FixedVectorType* lanes, double lane) const {
  return llvm::ConstantFP::get(lanes, lane);
}

llvm::Value* FunctionTranslator::x86(llvm::Intrinsic::ID id,
                                     std::initializer_list<llvm::Value*> arguments) {
  return ir_.CreateIntrinsic(id, arguments);
}

// The low or the high lanes, as a vector of half the size.
llvm::Value* FunctionTranslator::half(llvm::Value* vector, bool is_high) {
  int count =
      static_cast<int>(llvm::cast<llvm::FixedVectorType>(vector->getType())->getNumElements() / 2);
  llvm::SmallVector<int, 8> lanes;
  for (int i = 0; i < count; i++) lanes.push_back(is_high ? count + i : i);
  return ir_.CreateShuffleVector(vector, lanes);
}

bool FunctionTranslator::translate_simd(const wasm::Instruction& in) {
  return translate_simd_memory(in) || translate_simd_lanes(in) || translate_simd_integer(in) ||
         translate_simd_widening(in) || translate_simd_float(in) || translate_simd_conversion(in) ||
         translate_simd_relaxed(in);
}

// A load of any type at the address on the stack.
llvm::LoadInst* FunctionTranslator::load_lanes(const wasm::Instruction& in, llvm::Type* type) {
  unsigned bytes = static_cast<unsigned>(type->getPrimitiveSizeInBits()) / 8;
  return load_memory(in.memory.memory, type, effective_address(in.memory, pop(), bytes));
}

void FunctionTranslator::store_lane(const wasm::Instruction& in, llvm::FixedVectorType* lanes) {
  push(ir_.CreateExtractElement(pop_lanes(lanes), in.lane));
  store(in, lanes->getElementType());
}

bool FunctionTranslator::translate_simd_memory(const wasm::Instruction& in) {
  auto extend = [&](llvm::Type* lane, llvm::FixedVectorType* to, bool is_signed) {
    llvm::Value* loaded = load_lanes(in, llvm::FixedVectorType::get(lane, to->getNumElements()));
    push_lanes(is_signed ? ir_.CreateSExt(loaded, to) : ir_.CreateZExt(loaded, to));
    return true;
  };
  auto splat = [&](llvm::FixedVectorType* lanes) {
    llvm::Value* loaded = load_lanes(in, lanes->getElementType());
    push_lanes(ir_.CreateVectorSplat(lanes->getNumElements(), loaded));
    return true;
  };
  auto zero = [&](llvm::FixedVectorType* lanes) {
    llvm::Value* loaded = load_lanes(in, lanes->getElementType());
    push_lanes(ir_.CreateInsertElement(llvm::Constant::getNullValue(lanes), loaded, uint64_t{0}));
    return true;
  };
  auto lane = [&](llvm::FixedVectorType* lanes) {
    llvm::Value* vector = pop_lanes(lanes);
    llvm::Value* loaded = load_lanes(in, lanes->getElementType());
    push_lanes(ir_.CreateInsertElement(vector, loaded, in.lane));
    return true;
  };
  switch (in.op) {
    case Opcode::v128_load: load(in, m_.i64x2, m_.i64x2, false); return true;
    case Opcode::v128_store: store(in, m_.i64x2); return true;
    case Opcode::v128_load8x8_s: return extend(m_.i8, m_.i16x8, true);
    case Opcode::v128_load8x8_u: return extend(m_.i8, m_.i16x8, false);
    case Opcode::v128_load16x4_s: return extend(m_.i16, m_.i32x4, true);
    case Opcode::v128_load16x4_u: return extend(m_.i16, m_.i32x4, false);
    case Opcode::v128_load32x2_s: return extend(m_.i32, m_.i64x2, true);
    case Opcode::v128_load32x2_u: return extend(m_.i32, m_.i64x2, false);
    case Opcode::v128_load8_splat: return splat(m_.i8x16);
    case Opcode::v128_load16_splat: return splat(m_.i16x8);
    case Opcode::v128_load32_splat: return splat(m_.i32x4);
    case Opcode::v128_load64_splat: return splat(m_.i64x2);
    case Opcode::v128_load32_zero: return zero(m_.i32x4);
    case Opcode::v128_load64_zero: return zero(m_.i64x2);
    case Opcode::v128_load8_lane: return lane(m_.i8x16);
    case Opcode::v128_load16_lane: return lane(m_.i16x8);
    case Opcode::v128_load32_lane: return lane(m_.i32x4);
    case Opcode::v128_load64_lane: return lane(m_.i64x2);
    case Opcode::v128_store8_lane: store_lane(in, m_.i8x16); return true;
    case Opcode::v128_store16_lane: store_lane(in, m_.i16x8); return true;
    case Opcode::v128_store32_lane: store_lane(in, m_.i32x4); return true;
    case Opcode::v128_store64_lane: store_lane(in, m_.i64x2); return true;
    default: return false;
  }
}

bool FunctionTranslator::translate_simd_lanes(const wasm::Instruction& in) {
  llvm::FixedVectorType* lanes = lanes_of(in.op);
  auto extract = [&] { return ir_.CreateExtractElement(pop_lanes(lanes), in.lane); };
  switch (in.op) {
    case Opcode::v128_const: {
      llvm::ArrayRef<uint8_t> bytes(in.v128);
      push_lanes(llvm::ConstantDataVector::get(m_.context, bytes));
      return true;
    }
    case Opcode::i8x16_shuffle: {
      llvm::Value* right = pop_lanes(lanes);
      llvm::Value* left = pop_lanes(lanes);
      llvm::SmallVector<int, 16> from(std::begin(in.v128), std::end(in.v128));
      push_lanes(ir_.CreateShuffleVector(left, right, from));
      return true;
    }
    case Opcode::i8x16_swizzle: {
      // pshufb gives 0 for indices with the high bit set, which adding 0x70 with saturation sets
      // for all from 16 on, leaving the low four bits of the others.
      llvm::Value* indices = pop_lanes(lanes);
      indices = intrinsic(llvm::Intrinsic::uadd_sat, {indices, splat(lanes, 0x70)});
      push_lanes(x86(x86_ssse3_pshuf_b_128, {pop_lanes(lanes), indices}));
      return true;
    }
    case Opcode::i8x16_splat:
    case Opcode::i16x8_splat:
    case Opcode::i32x4_splat:
    case Opcode::i64x2_splat:
    case Opcode::f32x4_splat:
    case Opcode::f64x2_splat: {
      llvm::Value* lane = pop();
      if (lane->getType() != lanes->getElementType()) {
        lane = ir_.CreateTrunc(lane, lanes->getElementType());
      }
      push_lanes(ir_.CreateVectorSplat(lanes->getNumElements(), lane));
      return true;
    }
    case Opcode::i8x16_extract_lane_s:
    case Opcode::i16x8_extract_lane_s: push(ir_.CreateSExt(extract(), m_.i32)); return true;
    case Opcode::i8x16_extract_lane_u:
    case Opcode::i16x8_extract_lane_u: push(ir_.CreateZExt(extract(), m_.i32)); return true;
    case Opcode::i32x4_extract_lane:
    case Opcode::i64x2_extract_lane:
    case Opcode::f32x4_extract_lane:
    case Opcode::f64x2_extract_lane: push(extract()); return true;
    case Opcode::i8x16_replace_lane:
    case Opcode::i16x8_replace_lane:
    case Opcode::i32x4_replace_lane:
    case Opcode::i64x2_replace_lane:
    case Opcode::f32x4_replace_lane:
    case Opcode::f64x2_replace_lane: {
      llvm::Value* lane = pop();
      if (lane->getType() != lanes->getElementType()) {
        lane = ir_.CreateTrunc(lane, lanes->getElementType());
      }
      push_lanes(ir_.CreateInsertElement(pop_lanes(lanes), lane, in.lane));
      return true;
    }
    default: return false;
  }
}

}  // namespace wherry::compile
