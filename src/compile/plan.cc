#include "compile/plan.h"

#include <algorithm>

namespace wherry::compile {
namespace {

using wasm::FuncIndex;

// What a walk over all bodies finds.
struct BodyFacts {
  std::vector<std::vector<FuncIndex>> calls;  // per function: whom it calls
  std::vector<bool> table_is_touched;         // by more than calls through it
  std::vector<FuncIndex> named;               // by ref.func
};

// Imports come first; then every function whose address the guest or the host can take.
void assign_func_refs(Plan& plan, const BodyFacts& facts) {
  const wasm::Module& module = *plan.module;
  plan.func_refs.assign(module.functions.size(), artifact::kNone);
  for (FuncIndex i = 0; i < module.imported_functions; i++) plan.func_refs[i] = i;
  plan.func_ref_count = module.imported_functions;
  auto take = [&plan](FuncIndex function) {
    uint32_t& slot = plan.func_refs[function];
    if (slot == artifact::kNone) slot = plan.func_ref_count++;
  };
  auto take_all = [&take](const wasm::ConstExpr& expr) {
    for (const wasm::Instruction& instruction : expr.code) {
      if (instruction.op == wasm::Opcode::ref_func) take(instruction.index);
    }
  };
  for (const wasm::Export& e : module.exports) {
    if (e.kind == wasm::ExternKind::kFunc) take(e.index);
  }
  for (const wasm::Global& global : module.globals) take_all(global.init);
  for (const wasm::Table& table : module.tables) take_all(table.init);
  for (const wasm::ElemSegment& elem : module.elems) {
    if (elem.mode == wasm::ElemSegment::Mode::kActive && plan.static_tables[elem.table].is_static) {
      continue;
    }
    for (const wasm::ConstExpr& element : elem.elements) take_all(element);
  }
  for (FuncIndex function : facts.named) take(function);
  if (module.start) take(*module.start);
}

// Whether an instruction does more with the table `in.index` than to call through it.
bool touches_table(wasm::Opcode op) {
  using wasm::Opcode;
  switch (op) {
    case Opcode::table_get:
    case Opcode::table_set:
    case Opcode::table_grow:
    case Opcode::table_fill:
    case Opcode::table_copy: return true;
    default: return false;
  }
}

Effort effort_for(size_t body_bytes, size_t loops, size_t cases) {
  if (body_bytes > kHugeBodyBytes || loops > kTooManyLoops || cases > kTooManyCases) {
    return Effort::kNone;
  }
  if (body_bytes > kLargeBodyBytes || loops > kManyLoops) return Effort::kCheap;
  return Effort::kFull;
}

size_t count_different(std::span<const uint32_t> labels) {
  std::vector<uint32_t> sorted(labels.begin(), labels.end());
  std::sort(sorted.begin(), sorted.end());
  return static_cast<size_t>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
}

// Who calls whom, and what else has to be known before code is made.
Result<BodyFacts> look_at_bodies(Plan& plan) {
  using wasm::Opcode;
  const wasm::Module& module = *plan.module;
  BodyFacts facts;
  facts.calls.resize(module.functions.size());
  facts.table_is_touched.assign(module.tables.size(), false);
  plan.makes_tail_calls.assign(module.functions.size(), false);
  plan.efforts.assign(module.functions.size(), Effort::kFull);
  wasm::Instruction in;
  for (FuncIndex i = module.imported_functions; i < module.functions.size(); i++) {
    std::vector<FuncIndex>& calls = facts.calls[i];
    wasm::InstructionReader reader = module.body_reader(module.functions[i]);
    size_t loops = 0, cases = 0;
    while (!reader.at_end()) {
      TRY(reader.next(in));
      if (touches_table(in.op)) facts.table_is_touched[in.index] = true;
      switch (in.op) {
        case Opcode::return_call: plan.makes_tail_calls[i] = true; [[fallthrough]];
        case Opcode::call: calls.push_back(in.index); break;
        // Such calls need both conventions' code, which references have.
        case Opcode::return_call_indirect:
          facts.table_is_touched[in.index2] = true;
          [[fallthrough]];
        case Opcode::return_call_ref: plan.makes_tail_calls[i] = true; break;
        case Opcode::table_copy:
        case Opcode::table_init: facts.table_is_touched[in.index2] = true; break;
        case Opcode::ref_func: facts.named.push_back(in.index); break;
        case Opcode::loop: loops++; break;
        case Opcode::br_table: cases += count_different(in.targets); break;
        case Opcode::try_:
        case Opcode::try_table: plan.has_handlers = true; break;
        default: break;
      }
    }
    plan.efforts[i] = effort_for(module.functions[i].body.size(), loops, cases);
    std::sort(calls.begin(), calls.end());
    calls.erase(std::unique(calls.begin(), calls.end()), calls.end());
  }
  return facts;
}

template <typename Use>
void for_each_static_element(const Plan& plan, Use use) {
  for (const StaticTable& table : plan.static_tables) {
    if (!table.is_static) continue;
    for (FuncIndex function : table.elements) {
      if (function != artifact::kNone) use(function);
    }
  }
}

// Functions that neither the host nor a table nor a reachable function can call are not compiled.
std::vector<bool> reachable_functions(const Plan& plan,
                                      const std::vector<std::vector<FuncIndex>>& calls) {
  std::vector<bool> reached(calls.size(), false);
  std::vector<FuncIndex> work;
  auto reach = [&](FuncIndex function) {
    if (!reached[function]) work.push_back(function);
    reached[function] = true;
  };
  for (FuncIndex i = 0; i < calls.size(); i++) {
    if (plan.func_refs[i] != artifact::kNone) reach(i);
  }
  for_each_static_element(plan, reach);
  while (!work.empty()) {
    FuncIndex function = work.back();
    work.pop_back();
    for (FuncIndex callee : calls[function]) reach(callee);
  }
  return reached;
}

// Returns the chunk of each function. One that is not worth the full effort has a chunk of its own.
std::vector<size_t> cut_into_chunks(Plan& plan, const std::vector<bool>& reached,
                                    size_t chunk_bytes) {
  const wasm::Module& module = *plan.module;
  std::vector<size_t> chunk_of(module.functions.size(), 0);
  for (FuncIndex i = module.imported_functions; i < module.functions.size(); i++) {
    if (!reached[i]) continue;
    Effort effort = plan.efforts[i];
    if (plan.chunks.empty() || plan.chunks.back().body_bytes >= chunk_bytes ||
        effort != Effort::kFull || plan.chunks.back().effort != Effort::kFull) {
      plan.chunks.push_back({{}, 0, effort});
    }
    plan.chunks.back().functions.push_back(i);
    plan.chunks.back().body_bytes += module.functions[i].body.size();
    chunk_of[i] = plan.chunks.size() - 1;
  }
  return chunk_of;
}

// A function is external if a FuncRef, a table, a caller in another chunk, or a small external
// caller (whose body other chunks import) refers to it.
void find_internal_functions(Plan& plan, const std::vector<std::vector<FuncIndex>>& calls,
                             const std::vector<size_t>& chunk_of) {
  const wasm::Module& module = *plan.module;
  plan.is_internal.assign(calls.size(), true);
  std::vector<FuncIndex> work;
  auto make_external = [&](FuncIndex function) {
    if (plan.is_internal[function]) work.push_back(function);
    plan.is_internal[function] = false;
  };
  for_each_static_element(plan, make_external);
  for (FuncIndex i = 0; i < calls.size(); i++) {
    if (plan.func_refs[i] != artifact::kNone) make_external(i);
    for (FuncIndex callee : calls[i]) {
      if (chunk_of[callee] != chunk_of[i]) make_external(callee);
    }
  }
  while (!work.empty()) {
    FuncIndex function = work.back();
    work.pop_back();
    if (module.functions[function].body.size() > kImportedBodyBytes) continue;
    for (FuncIndex callee : calls[function]) make_external(callee);
  }
}

}  // namespace

Result<Plan> make_plan(const wasm::Module& module, contract::Profile profile) {
  Plan plan;
  plan.module = &module;
  TRY(identify_types(plan));
  BodyFacts facts = TRY(look_at_bodies(plan));
  find_static_tables(plan, facts.table_is_touched);
  assign_func_refs(plan, facts);
  plan.memory0_is_own = !module.memories.empty() && module.imported_memories == 0 &&
                        !module.memories[0].type.is_shared;
  for (const wasm::Memory& memory : module.memories) {
    if (memory.type.page_log2 != wasm::kStandardPageLog2) plan.addresses_do_not_wrap = false;
  }
  contract::LayoutCounts counts;
  counts.func_refs = plan.func_ref_count;
  counts.globals = static_cast<uint32_t>(module.globals.size()) - module.imported_globals;
  counts.imported_globals = module.imported_globals;
  counts.tables = static_cast<uint32_t>(module.tables.size()) - module.imported_tables;
  counts.imported_tables = module.imported_tables;
  counts.memories = static_cast<uint32_t>(module.memories.size()) - (plan.memory0_is_own ? 1 : 0);
  counts.tags = static_cast<uint32_t>(module.tags.size()) - module.imported_tags;
  counts.imported_tags = module.imported_tags;
  plan.layout = contract::compute_layout(counts);
  std::vector<size_t> chunk_of =
      cut_into_chunks(plan, reachable_functions(plan, facts.calls), chunk_body_bytes(profile));
  find_internal_functions(plan, facts.calls, chunk_of);
  return plan;
}

}  // namespace wherry::compile
