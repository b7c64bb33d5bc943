#include "wasm/constant_validator.h"

#include <algorithm>

namespace wherry::wasm {

namespace {

Error not_constant(const Instruction& in) {
  return make_error(ErrorKind::kInvalid,
                    "constant expression required at offset {:#x}: {} {} is not constant",
                    in.offset, text_of(in.op), in.index);
}

Result<ValueType> type_of_global(const Module& module, const Instruction& in, uint32_t globals) {
  const bool sees_own = module.has(Feature::kExtendedConst);
  const uint32_t visible = sees_own ? globals : std::min(globals, module.imported_globals);
  if (in.index >= visible) {
    return make_error(ErrorKind::kInvalid,
                      "unknown global {} at offset {:#x}: this constant expression sees the first "
                      "{} globals only",
                      in.index, in.offset, visible);
  }
  const GlobalType& type = module.globals[in.index].type;
  if (type.is_mutable) return not_constant(in);
  return type.type;
}

Result<ValueType> type_of_function(const Module& module, const Instruction& in) {
  if (in.index >= module.functions.size()) {
    return make_error(ErrorKind::kInvalid, "unknown function {} at offset {:#x}: the module has {}",
                      in.index, in.offset, module.functions.size());
  }
  const TypeIndex type = module.functions[in.index].type;
  if (type >= module.types.size()) {
    return make_error(ErrorKind::kInvalid, "unknown type {} at offset {:#x}", type, in.offset);
  }
  return ref(static_cast<HeapType>(module.canonical_type(type)), false);
}

// What the instruction pushes. The arithmetic ones pop two of the same first.
Result<ValueType> pushed_type(const Module& module, const Instruction& in, uint32_t globals) {
  switch (in.op) {
    case Opcode::i32_const:
    case Opcode::i32_add:
    case Opcode::i32_sub:
    case Opcode::i32_mul: return kI32;
    case Opcode::i64_const:
    case Opcode::i64_add:
    case Opcode::i64_sub:
    case Opcode::i64_mul: return kI64;
    case Opcode::f32_const: return kF32;
    case Opcode::f64_const: return kF64;
    case Opcode::v128_const: return kV128;
    case Opcode::ref_null: return in.type;
    case Opcode::ref_func: return type_of_function(module, in);
    case Opcode::global_get: return type_of_global(module, in, globals);
    default: return not_constant(in);
  }
}

bool is_arithmetic(const Instruction& in) {
  return info_of(in.op).signature == "ii:i" || info_of(in.op).signature == "II:I";
}

}  // namespace

Status check_constant(const Module& module, const ConstExpr& expr, ValueType expected,
                      std::string_view what, uint32_t globals) {
  std::vector<ValueType> stack;
  for (const Instruction& in : expr.code) {
    const ValueType type = TRY(pushed_type(module, in, globals));
    for (int i = 0; is_arithmetic(in) && i < 2; i++) {
      if (stack.empty() || stack.back() != type) {
        return make_error(ErrorKind::kInvalid,
                          "type mismatch at offset {:#x}: {} expects {}, found {}", in.offset,
                          text_of(in.op), name_of(type),
                          stack.empty() ? "an empty stack" : name_of(stack.back()));
      }
      stack.pop_back();
    }
    stack.push_back(type);
  }
  if (stack.size() != 1) {
    return make_error(ErrorKind::kInvalid,
                      "type mismatch at offset {:#x}: {} expects one {}, found {} values",
                      expr.offset, what, name_of(expected), stack.size());
  }
  if (matches(stack[0], expected)) return ok_status();
  return make_error(ErrorKind::kInvalid, "type mismatch at offset {:#x}: {} expects {}, found {}",
                    expr.offset, what, name_of(expected), name_of(stack[0]));
}

}  // namespace wherry::wasm
