// An instance brought back to where it was before it started, for the next lease of its slot.
#include <algorithm>
#include <cstring>

#include "runtime/instance.h"
#include "runtime/page_reset.h"
#include "runtime/store_state.h"

namespace wherry::runtime {

Instance::Saved Instance::save() const {
  Saved saved;
  const uint8_t* anchor = slot_->anchor();
  saved.context.assign(anchor + layout_.imported_tags, anchor - contract::kPreGuardBytes);
  for (const Table* table : tables_) {
    saved.tables.emplace_back();
    if (!table) continue;
    saved.tables.back().assign(table->vm()->elements, table->vm()->elements + table->size());
  }
  saved.dropped_elems = dropped_elems_;
  saved.dropped_datas = dropped_datas_;
  if (!memories_.empty()) saved.memory_bytes = memories_[0]->size_bytes();
  saved.memory_budget = store_->state().memory_budget;
  saved.table_budget = store_->state().table_budget;
  return saved;
}

Status Instance::restore(const Saved& saved, PageReset& pages) {
  if (!memories_.empty()) TRY(pages.end(memories_[0]->size_bytes(), saved.memory_bytes));
  // With the sizes of memory and tables.
  std::memcpy(slot_->anchor() + layout_.imported_tags, saved.context.data(), saved.context.size());
  for (size_t i = 0; i < tables_.size(); i++) {
    if (!tables_[i]) continue;
    std::copy(saved.tables[i].begin(), saved.tables[i].end(), tables_[i]->vm()->elements);
  }
  dropped_elems_ = saved.dropped_elems;
  dropped_datas_ = saved.dropped_datas;
  StoreState& state = store_->state();
  state.memory_budget = saved.memory_budget;
  state.table_budget = saved.table_budget;
  state.exceptions.clear();
  state.stop.reset();
  store_->clear_interrupt();
  return ok_status();
}

bool Instance::functions_have_environment(const void* environment) const {
  const auto has_it = [environment](const auto& bound) {
    return bound->function.environment == environment;
  };
  // The rest would be functions of other instances.
  return host_functions_.size() == artifact_.header().imported_functions &&
         std::all_of(host_functions_.begin(), host_functions_.end(), has_it);
}

void Instance::set_environment(void* environment) {
  for (const auto& bound : host_functions_) bound->function.environment = environment;
}

}  // namespace wherry::runtime
