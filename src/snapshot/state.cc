#include "snapshot/state.h"

#include <map>

#include "artifact/artifact.h"
#include "runtime/instance.h"

namespace wherry::snapshot {
namespace {

class References {
 public:
  explicit References(const runtime::Instance& instance) {
    const auto functions = instance.module().artifact().functions();
    for (uint32_t i = 0; i < functions.size(); i++) {
      if (functions[i].func_ref == artifact::kNone) continue;
      functions_.emplace(reinterpret_cast<uint64_t>(instance.function(i).ref), i);
    }
  }

  // `where` names the place in errors: "global 3".
  Result<Constant> constant(uint64_t reference, wasm::ValueType type, std::string where) const {
    if (reference == 0) return Constant{};
    const bool is_function = type.is_concrete_ref() || type.heap == wasm::kHeapFunc;
    auto found = is_function ? functions_.find(reference) : functions_.end();
    if (found == functions_.end()) {
      return make_error(ErrorKind::kUnsupported,
                        "after initialization {} holds a {}, which a module cannot begin with",
                        where, is_function ? "function of the host's" : name_of(type));
    }
    return Constant{0, 0, found->second};
  }

 private:
  std::map<uint64_t, uint32_t> functions_;
};

std::vector<uint64_t> contents_of(const runtime::Table& table) {
  std::vector<uint64_t> out(table.size());
  for (uint64_t i = 0; i < out.size(); i++) out[i] = *table.element(i);
  return out;
}

}  // namespace

TableContents table_contents_of(const runtime::Instance& instance) {
  TableContents out;
  for (const runtime::Table* table : instance.tables()) {
    out.push_back(table ? contents_of(*table) : std::vector<uint64_t>());
  }
  return out;
}

Result<State> state_of(const runtime::Instance& instance, const TableContents& initial) {
  State state;
  const References references(instance);
  for (const runtime::Memory* memory : instance.memories()) {
    state.memories.push_back({memory->size_pages(), {memory->base(), memory->size_bytes()}});
  }
  for (const runtime::Global& global : instance.globals()) {
    Constant value{global.vm->low, global.vm->high, {}};
    if (global.type.type.is_ref()) {
      value = TRY(references.constant(global.vm->low, global.type.type,
                                      fmt::format("global {}", state.globals.size())));
    }
    state.globals.push_back(value);
  }
  const TableContents now = table_contents_of(instance);
  for (size_t i = 0; i < now.size(); i++) {
    auto& table = state.tables.emplace_back();
    if (now[i] == initial[i]) continue;
    table.emplace();
    for (uint64_t reference : now[i]) {
      table->push_back(TRY(references.constant(reference, instance.tables()[i]->type().element,
                                               fmt::format("table {}", i))));
    }
  }
  state.dropped_elems = instance.dropped_elems();
  state.dropped_datas = instance.dropped_datas();
  return state;
}

}  // namespace wherry::snapshot
