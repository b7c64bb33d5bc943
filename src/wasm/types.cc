#include "wasm/types.h"

namespace wherry::wasm {

std::string name_of(ValueType type) {
  switch (type.kind) {
    case ValueType::Kind::kI32: return "i32";
    case ValueType::Kind::kI64: return "i64";
    case ValueType::Kind::kF32: return "f32";
    case ValueType::Kind::kF64: return "f64";
    case ValueType::Kind::kV128: return "v128";
    case ValueType::Kind::kRef: break;
  }
  if (type == kFuncRef) return "funcref";
  if (type == kExternRef) return "externref";
  const std::string heap = type.heap == kHeapFunc     ? "func"
                           : type.heap == kHeapExtern ? "extern"
                                                      : std::to_string(type.heap);
  return (type.nullable ? "(ref null " : "(ref ") + heap + ")";
}

namespace {

std::string list_of(const std::vector<ValueType>& types) {
  std::string out = "(";
  for (const ValueType& type : types) {
    if (out.size() > 1) out += ' ';
    out += name_of(type);
  }
  return out + ")";
}

}  // namespace

std::string name_of(const FuncType& type) {
  return list_of(type.params) + " -> " + list_of(type.results);
}

const char* name_of(ExternKind kind) {
  switch (kind) {
    case ExternKind::kFunc: return "function";
    case ExternKind::kTable: return "table";
    case ExternKind::kMemory: return "memory";
    case ExternKind::kGlobal: return "global";
  }
  return "unknown";
}

}  // namespace wherry::wasm
