#include "compile/plan.h"

#include <algorithm>

namespace wherry::compile {
namespace {

using wasm::FuncIndex;

// Imports come first; then every function whose address the guest or the host can take.
void assign_func_refs(Plan& plan) {
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
    for (const wasm::ConstExpr& element : elem.elements) take_all(element);
  }
  if (module.start) take(*module.start);
}

using CallGraph = std::vector<std::vector<FuncIndex>>;

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

// One walk over all bodies: who calls whom, and what else has to be known before code is made.
Result<CallGraph> look_at_bodies(Plan& plan) {
  using wasm::Opcode;
  const wasm::Module& module = *plan.module;
  CallGraph calls(module.functions.size());
  plan.makes_tail_calls.assign(module.functions.size(), false);
  plan.efforts.assign(module.functions.size(), Effort::kFull);
  wasm::Instruction in;
  for (FuncIndex i = module.imported_functions; i < module.functions.size(); i++) {
    wasm::InstructionReader reader = module.body_reader(module.functions[i]);
    size_t loops = 0, cases = 0;
    while (!reader.at_end()) {
      TRY(reader.next(in));
      switch (in.op) {
        case Opcode::return_call: plan.makes_tail_calls[i] = true; [[fallthrough]];
        case Opcode::call: calls[i].push_back(in.index); break;
        case Opcode::return_call_indirect:
        case Opcode::return_call_ref: plan.makes_tail_calls[i] = true; break;
        case Opcode::loop: loops++; break;
        case Opcode::br_table: cases += count_different(in.targets); break;
        case Opcode::try_:
        case Opcode::try_table: plan.has_handlers = true; break;
        default: break;
      }
    }
    plan.efforts[i] = effort_for(module.functions[i].body.size(), loops, cases);
    std::sort(calls[i].begin(), calls[i].end());
    calls[i].erase(std::unique(calls[i].begin(), calls[i].end()), calls[i].end());
  }
  return calls;
}

// Functions that neither the host nor a table nor a reachable function can call are not compiled.
std::vector<bool> reachable_functions(const Plan& plan, const CallGraph& calls) {
  std::vector<bool> reached(calls.size(), false);
  std::vector<FuncIndex> work;
  auto reach = [&](FuncIndex function) {
    if (!reached[function]) work.push_back(function);
    reached[function] = true;
  };
  for (FuncIndex i = 0; i < calls.size(); i++) {
    if (plan.func_refs[i] != artifact::kNone) reach(i);
  }
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

// A function is external if a FuncRef, a caller in another chunk, or a small external caller (whose
// body other chunks import) refers to it.
void find_internal_functions(Plan& plan, const CallGraph& calls,
                             const std::vector<size_t>& chunk_of) {
  const wasm::Module& module = *plan.module;
  plan.is_internal.assign(calls.size(), true);
  std::vector<FuncIndex> work;
  auto make_external = [&](FuncIndex function) {
    if (plan.is_internal[function]) work.push_back(function);
    plan.is_internal[function] = false;
  };
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
  assign_func_refs(plan);
  plan.memory0_is_own = !module.memories.empty() && module.imported_memories == 0 &&
                        !module.memories[0].type.is_shared;
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
  CallGraph calls = TRY(look_at_bodies(plan));
  std::vector<size_t> chunk_of =
      cut_into_chunks(plan, reachable_functions(plan, calls), chunk_body_bytes(profile));
  find_internal_functions(plan, calls, chunk_of);
  return plan;
}

}  // namespace wherry::compile
