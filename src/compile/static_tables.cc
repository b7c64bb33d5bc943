// Which tables are static. Nearly all of what C, C++ and Rust make is: one table, never exported,
// filled by active segments and only called through.
#include <algorithm>

#include "compile/plan.h"

namespace wherry::compile {
namespace {

using wasm::FuncIndex;
using wasm::Opcode;

// Larger ones would only be read-only data in the artifact that nobody asked for.
constexpr uint64_t kMostElements = 1 << 20;

std::optional<uint64_t> constant_of(const wasm::ConstExpr& expr) {
  if (expr.code.size() != 1) return std::nullopt;
  const wasm::Instruction& in = expr.code[0];
  if (in.op == Opcode::i32_const) return static_cast<uint32_t>(in.bits);
  if (in.op == Opcode::i64_const) return in.bits;
  return std::nullopt;
}

// The function a constant expression names, kNone for null, or nothing if it is anything else.
std::optional<FuncIndex> function_of(const wasm::ConstExpr& expr) {
  if (expr.code.size() != 1) return std::nullopt;
  const wasm::Instruction& in = expr.code[0];
  if (in.op == Opcode::ref_func) return in.index;
  if (in.op == Opcode::ref_null) return artifact::kNone;
  return std::nullopt;
}

bool may_be_static(const wasm::Table& table) {
  return !table.imported && table.type.element.heap == wasm::kHeapFunc &&
         table.type.limits.min <= kMostElements && table.init.code.empty();
}

void find_entries(StaticTable& table, const wasm::Module& module) {
  for (uint64_t i = 0; i < table.elements.size(); i++) {
    const FuncIndex function = table.elements[i];
    if (function == artifact::kNone) continue;
    const wasm::TypeIndex type = module.canonical_type(module.functions[function].type);
    table.entries[type].push_back({i, function});
  }
}

}  // namespace

void find_static_tables(Plan& plan, const std::vector<bool>& is_touched) {
  const wasm::Module& module = *plan.module;
  plan.static_tables.assign(module.tables.size(), {});
  for (wasm::TableIndex i = 0; i < module.tables.size(); i++) {
    StaticTable& table = plan.static_tables[i];
    table.is_static = may_be_static(module.tables[i]) && !is_touched[i];
    if (table.is_static) table.elements.assign(module.tables[i].type.limits.min, artifact::kNone);
  }
  for (const wasm::Export& e : module.exports) {
    if (e.kind == wasm::ExternKind::kTable) plan.static_tables[e.index].is_static = false;
  }
  for (const wasm::ElemSegment& elem : module.elems) {
    if (elem.mode != wasm::ElemSegment::Mode::kActive) continue;
    StaticTable& table = plan.static_tables[elem.table];
    if (!table.is_static) continue;
    // A segment that does not fit traps when the module is instantiated: the runtime sees to that.
    std::optional<uint64_t> at = constant_of(elem.offset);
    if (!at || *at > table.elements.size() || elem.elements.size() > table.elements.size() - *at) {
      table.is_static = false;
      continue;
    }
    for (const wasm::ConstExpr& element : elem.elements) {
      std::optional<FuncIndex> function = function_of(element);
      if (!function) table.is_static = false;
      table.elements[(*at)++] = function.value_or(artifact::kNone);
    }
  }
  for (StaticTable& table : plan.static_tables) {
    if (table.is_static) find_entries(table, module);
  }
}

}  // namespace wherry::compile
