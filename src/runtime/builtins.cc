#include "runtime/builtins.h"

#include <algorithm>
#include <cstring>

#include "runtime/instance.h"
#include "runtime/store_state.h"

namespace wherry::runtime {

using contract::HostBinding;
using contract::TrapCode;

// Arguments arrive as u64 slots with i32s zero-extended, so sums of two cannot overflow.
struct Builtins {
  static Instance& instance_of(HostBinding* binding) {
    return *static_cast<Instance*>(binding->instance);
  }

  // 0, or how to end the guest.
  static uint64_t finish(HostBinding* binding, TrapCode code) {
    if (code == TrapCode::kNone) return 0;
    instance_of(binding).store().state().stop_guest(Trap{code, {}, {}, 0});
    return static_cast<uint64_t>(HostOutcome::kStop);
  }

  static uint64_t memory_grow(HostBinding* binding, uint64_t* slots) {
    auto old_pages = instance_of(binding).memories_[slots[0]]->grow(slots[1]);
    slots[0] = static_cast<uint32_t>(old_pages.value_or(UINT32_MAX));
    return 0;
  }

  static uint64_t memory_init(HostBinding* binding, uint64_t* slots) {
    return finish(binding, instance_of(binding).memory_init(static_cast<uint32_t>(slots[0]),
                                                            static_cast<uint32_t>(slots[1]),
                                                            slots[2], slots[3], slots[4]));
  }

  static uint64_t data_drop(HostBinding* binding, uint64_t* slots) {
    instance_of(binding).dropped_datas_[slots[0]] = true;
    return 0;
  }

  static uint64_t table_grow(HostBinding* binding, uint64_t* slots) {
    auto old_size = instance_of(binding).tables_[slots[0]]->grow(slots[2], slots[1]);
    slots[0] = static_cast<uint32_t>(old_size.value_or(UINT32_MAX));
    return 0;
  }

  static uint64_t table_fill(HostBinding* binding, uint64_t* slots) {
    contract::VmTable& table = *instance_of(binding).tables_[slots[0]]->vm();
    if (slots[1] + slots[3] > table.size) return finish(binding, TrapCode::kTableOutOfBounds);
    std::fill_n(table.elements + slots[1], slots[3], slots[2]);
    return 0;
  }

  static uint64_t table_copy(HostBinding* binding, uint64_t* slots) {
    contract::VmTable& to = *instance_of(binding).tables_[slots[0]]->vm();
    contract::VmTable& from = *instance_of(binding).tables_[slots[1]]->vm();
    if (slots[2] + slots[4] > to.size || slots[3] + slots[4] > from.size) {
      return finish(binding, TrapCode::kTableOutOfBounds);
    }
    std::memmove(to.elements + slots[2], from.elements + slots[3], slots[4] * sizeof(uint64_t));
    return 0;
  }

  static uint64_t table_init(HostBinding* binding, uint64_t* slots) {
    return finish(binding, instance_of(binding).table_init(static_cast<uint32_t>(slots[0]),
                                                           static_cast<uint32_t>(slots[1]),
                                                           slots[2], slots[3], slots[4]));
  }

  static uint64_t elem_drop(HostBinding* binding, uint64_t* slots) {
    instance_of(binding).dropped_elems_[slots[0]] = true;
    return 0;
  }
};

void bind_builtins(contract::VmContext& context, Instance& instance) {
  using Function = uint64_t (*)(HostBinding*, uint64_t*);
  // In the order of contract::Builtin.
  static constexpr Function kFunctions[contract::kBuiltinCount] = {
      Builtins::memory_grow, Builtins::memory_init, Builtins::data_drop,  Builtins::table_grow,
      Builtins::table_fill,  Builtins::table_copy,  Builtins::table_init, Builtins::elem_drop,
  };
  for (size_t i = 0; i < contract::kBuiltinCount; i++) {
    context.builtins[i] = {&wherry_host_call, kFunctions[i], &instance.store().state().stack,
                           &instance, nullptr};
  }
}

}  // namespace wherry::runtime
