#include "runtime/builtins.h"

#include <algorithm>
#include <cstring>

#include "runtime/instance.h"
#include "runtime/parking.h"
#include "runtime/store_state.h"

namespace wherry::runtime {

using contract::HostBinding;
using contract::TrapCode;

// Arguments arrive as u64 slots, with i32s zero-extended.
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
    slots[0] = old_pages.value_or(UINT64_MAX);
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
    slots[0] = old_size.value_or(UINT64_MAX);
    return 0;
  }

  static uint64_t table_fill(HostBinding* binding, uint64_t* slots) {
    contract::VmTable& table = *instance_of(binding).tables_[slots[0]]->vm();
    if (!fits(slots[1], slots[3], table.size)) return finish(binding, TrapCode::kTableOutOfBounds);
    std::fill_n(table.elements + slots[1], slots[3], slots[2]);
    return 0;
  }

  static uint64_t table_copy(HostBinding* binding, uint64_t* slots) {
    contract::VmTable& to = *instance_of(binding).tables_[slots[0]]->vm();
    contract::VmTable& from = *instance_of(binding).tables_[slots[1]]->vm();
    if (!fits(slots[2], slots[4], to.size) || !fits(slots[3], slots[4], from.size)) {
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

  // What wherry_throw makes of an answer: 0 a handler was found, 1 none, 2 the guest ends.
  static uint64_t raise(HostBinding* binding, contract::VmException* exception) {
    return find_handler(instance_of(binding).store().state(), exception) ? 0 : 1;
  }

  static uint64_t throw_(HostBinding* binding, uint64_t* slots) {
    StoreState& state = instance_of(binding).store().state();
    auto* tag = reinterpret_cast<const contract::VmTag*>(slots[0]);
    auto count = static_cast<uint32_t>(slots[1]);
    contract::VmException* exception = state.exceptions.allocate(state, tag, count);
    if (!exception) {
      state.stop_guest(Trap{TrapCode::kHost, "too many exceptions are live", {}, 0});
      return 2;
    }
    std::copy_n(slots + 2, count, exception->slots);
    return raise(binding, exception);
  }

  static uint64_t throw_ref(HostBinding* binding, uint64_t* slots) {
    return raise(binding, reinterpret_cast<contract::VmException*>(slots[0]));
  }

  static uint64_t atomic_notify(HostBinding* binding, uint64_t* slots) {
    const Memory& memory = *instance_of(binding).memories_[slots[0]];
    slots[0] = memory.type().is_shared
                   ? notify(memory.base() + slots[1], static_cast<uint32_t>(slots[2]))
                   : 0;
    return 0;
  }

  template <typename T>
  static uint64_t atomic_wait(HostBinding* binding, uint64_t* slots) {
    Instance& instance = instance_of(binding);
    const Memory& memory = *instance.memories_[slots[0]];
    if (!memory.type().is_shared) return finish(binding, TrapCode::kUnsharedWait);
    WaitResult result = wait(reinterpret_cast<T*>(memory.base() + slots[1]),
                             static_cast<T>(slots[2]), static_cast<int64_t>(slots[3]),
                             [&] { return instance.store().interrupt_requested(); });
    if (result == WaitResult::kInterrupted) return finish(binding, TrapCode::kInterrupted);
    slots[0] = static_cast<uint64_t>(result);
    return 0;
  }
};

void bind_builtins(contract::VmContext& context, Instance& instance) {
  using Function = uint64_t (*)(HostBinding*, uint64_t*);
  // In the order of contract::Builtin.
  static constexpr Function kFunctions[contract::kBuiltinCount] = {
      Builtins::memory_grow,
      Builtins::memory_init,
      Builtins::data_drop,
      Builtins::table_grow,
      Builtins::table_fill,
      Builtins::table_copy,
      Builtins::table_init,
      Builtins::elem_drop,
      Builtins::throw_,
      Builtins::throw_ref,
      Builtins::atomic_notify,
      Builtins::atomic_wait<uint32_t>,
      Builtins::atomic_wait<uint64_t>,
  };
  for (size_t i = 0; i < contract::kBuiltinCount; i++) {
    const auto builtin = static_cast<contract::Builtin>(i);
    const bool throws =
        builtin == contract::Builtin::kThrow || builtin == contract::Builtin::kThrowRef;
    context.builtins[i] = {throws ? &wherry_throw : &wherry_host_call, kFunctions[i],
                           &instance.store().state().stack, &instance, nullptr};
  }
}

}  // namespace wherry::runtime
