#include "wasm/types.h"

namespace wherry::wasm {

namespace {

std::string heap_name(HeapType heap) {
  switch (heap) {
    case kHeapFunc: return "func";
    case kHeapExtern: return "extern";
    case kHeapExn: return "exn";
    case kHeapNoFunc: return "nofunc";
    case kHeapNoExtern: return "noextern";
    case kHeapNoExn: return "noexn";
    default: return std::to_string(heap);
  }
}

}  // namespace

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
  if (type == kExnRef) return "exnref";
  return (type.nullable ? "(ref null " : "(ref ") + heap_name(type.heap) + ")";
}

bool matches(ValueType found, ValueType expected) {
  if (found == expected) return true;
  if (!found.is_ref() || !expected.is_ref()) return false;
  if (found.nullable && !expected.nullable) return false;
  if (found.heap == expected.heap) return true;
  switch (expected.heap) {
    case kHeapFunc: return found.heap >= 0 || found.heap == kHeapNoFunc;
    case kHeapExtern: return found.heap == kHeapNoExtern;
    case kHeapExn: return found.heap == kHeapNoExn;
    default: return expected.heap >= 0 && found.heap == kHeapNoFunc;
  }
}

uint64_t MemoryType::most_pages() const {
  const unsigned address_bits = is_64 ? 64 : 32;
  // Of one-byte pages there are no more than an address can say.
  if (page_log2 == 0) return is_64 ? UINT64_MAX : UINT32_MAX;
  return uint64_t{1} << (address_bits - page_log2);
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
    case ExternKind::kTag: return "tag";
  }
  return "unknown";
}

}  // namespace wherry::wasm
