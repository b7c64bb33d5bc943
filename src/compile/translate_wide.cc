// Wide arithmetic (a proposal): 128-bit numbers as two i64s, the low half first.
#include "compile/function_translator.h"

namespace wherry::compile {

using wasm::Opcode;

bool FunctionTranslator::translate_wide(const wasm::Instruction& in) {
  llvm::Type* i128 = llvm::Type::getIntNTy(m_.context, 128);
  const auto push_wide = [&](llvm::Value* value) {
    push(ir_.CreateTrunc(value, m_.i64));
    push(ir_.CreateTrunc(ir_.CreateLShr(value, 64), m_.i64));
    return true;
  };
  const auto pop_wide = [&] {
    llvm::Value* high = ir_.CreateZExt(pop(), i128);
    llvm::Value* low = ir_.CreateZExt(pop(), i128);
    return ir_.CreateOr(ir_.CreateShl(high, 64), low);
  };
  switch (in.op) {
    case Opcode::i64_add128:
    case Opcode::i64_sub128: {
      llvm::Value* right = pop_wide();
      llvm::Value* left = pop_wide();
      return push_wide(in.op == Opcode::i64_add128 ? ir_.CreateAdd(left, right)
                                                   : ir_.CreateSub(left, right));
    }
    case Opcode::i64_mul_wide_s: {
      llvm::Value* right = ir_.CreateSExt(pop(), i128);
      return push_wide(ir_.CreateMul(ir_.CreateSExt(pop(), i128), right));
    }
    case Opcode::i64_mul_wide_u: {
      llvm::Value* right = ir_.CreateZExt(pop(), i128);
      return push_wide(ir_.CreateMul(ir_.CreateZExt(pop(), i128), right));
    }
    default: return false;
  }
}

}  // namespace wherry::compile
