// What a Store owns, for the files of this room.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "runtime/exceptions.h"
#include "runtime/slot.h"
#include "runtime/stack_state.h"
#include "runtime/store.h"
#include "runtime/watchdog.h"

namespace wherry::runtime {

struct StoreState;

// Memories of a store: in an instance's slot, with the image laid over it; or on their own, shared
// ones included. kLimit if the type's minimum exceeds what the store may still have.
Result<std::unique_ptr<Memory>> make_slot_memory(const wasm::MemoryType& type, StoreState& state,
                                                 Slot& slot, contract::VmMemory* vm);
Result<std::unique_ptr<Memory>> make_memory(const wasm::MemoryType& type, StoreState& state);
std::unique_ptr<Memory> make_view(std::shared_ptr<SharedMemory> memory);

// What an instance needs of a slot, without a stack.
SlotShape shape_of_instance(const artifact::Artifact& artifact, const StoreOptions& options);

// Whether [start, start + length) lies within `size`.
constexpr bool fits(uint64_t start, uint64_t length, uint64_t size) {
  return length <= size && start <= size - length;
}

using TypeDigest = std::array<uint8_t, 32>;

struct StoreState {
  StoreOptions options;
  // The stack lies in a slot of its own, or in that of the store's first instance, which waits here
  // for it.
  std::unique_ptr<Slot> stack_slot;
  std::unique_ptr<Slot> first_slot;
  const CompiledModule* first_module = nullptr;
  GuestStack guest_stack;
  StackState stack;

  // A guest trapped or was interrupted: what it left behind is not used again.
  bool ended_badly = false;

  // The call that begin() made, until it has ended: where its results go, which is where the guest
  // looks for its arguments, and their types.
  std::vector<uint64_t> begun_slots;
  std::vector<wasm::ValueType> begun_results;
  bool may_suspend = false;  // the innermost call is that one

  // The thread that the instance in the store began on, if a pool asks, and whether guests of the
  // store ran on another since.
  int home_thread = 0;
  bool has_moved = false;

  // How a host function ended the guest, from its kStop answer to the end of the call.
  std::optional<std::variant<Trap, Exit>> stop;

  // Tables point into instances' slots and to vm_tables: these outlive them.
  std::vector<std::unique_ptr<Instance>> instances;
  std::vector<std::unique_ptr<contract::VmTable>> vm_tables;
  std::vector<std::unique_ptr<contract::VmGlobal>> globals;
  std::vector<std::unique_ptr<contract::VmTag>> tags;
  std::vector<std::unique_ptr<Memory>> memories;
  std::vector<std::unique_ptr<Table>> tables;

  uint64_t table_budget = 0;   // elements that tables may still take
  uint64_t memory_budget = 0;  // bytes that memories may still take

  // For the signal handlers, which run on the thread that owns the store, in guest code only:
  // nothing below changes then.
  std::vector<const artifact::Artifact*> code;
  std::vector<const Memory*> reservations;

  // Function types by identity, once more than one module is in the store.
  std::map<uint64_t, TypeDigest> type_identities;
  size_t identified_instances = 0;

  // The store's numbers of types that value types refer to.
  std::map<TypeDigest, wasm::HeapType> type_numbers;
  wasm::HeapType intern_type(const TypeDigest& digest) {
    auto next = static_cast<wasm::HeapType>(type_numbers.size());
    return type_numbers.emplace(digest, next).first->second;
  }

  ExceptionHeap exceptions;

  // For VmContext::tail_arguments, once a module makes tail calls.
  std::unique_ptr<uint64_t[]> tail_arguments;

  // Of the thread that is in a call, or 0, for interrupt() from another one: that first asks, then
  // looks here; a call first says so here, then looks whether it was asked (enter.S). A call does
  // not end while the other is about to send its thread a signal.
  std::atomic<int> running_thread{0};
  std::atomic<int> interrupters{0};
  int call_depth = 0;

  // Its place with the watchdog that watched it first.
  std::shared_ptr<Watchdog::Watch> watch;

  // For host functions that end the guest: how, and where the guest stands. The crossing code has
  // left its caller's registers at guest_sp (enter.S, wherry_host_call).
  void stop_guest(std::variant<Trap, Exit> how) {
    stop = std::move(how);
    stop_here();
  }
  void stop_here() {
    // The call itself: where it would return to may belong to the next function already.
    const auto* frame = static_cast<const uint64_t*>(stack.guest_sp);
    stack.stop = {frame[1] - 1, reinterpret_cast<uint64_t>(frame + 2), frame[0], frame[-1]};
  }

  // Where faults are the guest's doing, for the signal handlers.
  void add_reservation(const Memory* memory) {
    if (std::find(reservations.begin(), reservations.end(), memory) == reservations.end()) {
      reservations.push_back(memory);
    }
  }

  const artifact::Artifact* code_at(uint64_t pc) const {
    for (const artifact::Artifact* artifact : code) {
      Bytes text = artifact->text();
      if (pc - reinterpret_cast<uint64_t>(text.data()) < text.size()) return artifact;
    }
    return nullptr;
  }
};

}  // namespace wherry::runtime
