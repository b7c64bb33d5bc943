// Linear memories: what they reserve, how they grow, and those that several stores share.
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>

#include "runtime/store_state.h"

namespace wherry::runtime {

MemoryRoom MemoryRoom::of(const wasm::MemoryType& type, uint64_t limit_bytes) {
  const bool is_confined = !type.is_64 && type.page_log2 == wasm::kStandardPageLog2;
  const uint64_t page_bytes = uint64_t{1} << type.page_log2;
  // Compiled code counts on the reservation where it does not compare (contract/vm.h).
  uint64_t most = is_confined ? contract::kMaxMemoryPages * contract::kWasmPageBytes
                              : contract::kMaxComparedBytes;
  most = std::min(most, limit_bytes);
  uint64_t pages = std::min(most >> type.page_log2, type.most_pages());
  if (type.limits.max) pages = std::min(pages, *type.limits.max);
  const uint64_t max_bytes = pages * page_bytes;
  return {is_confined ? contract::kMemoryReservedBytes
                      : align_up(std::max(max_bytes, page_bytes), 65536),
          max_bytes};
}

uint8_t* Memory::base() const { return vm_->base; }

uint64_t Memory::size_bytes() const {
  if (!type_.is_shared) return vm_->size_bytes;
  return std::atomic_ref(vm_->size_bytes).load(std::memory_order_acquire);
}

namespace {

// Opens what lies between the sizes; both are whole pages of the type, not of the machine.
bool open_more(uint8_t* base, uint64_t old_bytes, uint64_t new_bytes) {
  const uint64_t from = align_up(old_bytes, 4096), to = align_up(new_bytes, 4096);
  return from == to || ::mprotect(base + from, to - from, PROT_READ | PROT_WRITE) == 0;
}

// Growing is rare; two threads that do it to one memory take turns.
std::mutex& growing() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

std::optional<uint64_t> Memory::grow(uint64_t delta_pages) {
  std::unique_lock lock(growing(), std::defer_lock);
  if (type_.is_shared) lock.lock();
  const uint64_t old_bytes = size_bytes();
  const uint64_t room = old_bytes <= room_.max_bytes ? room_.max_bytes - old_bytes : 0;
  if (delta_pages > room >> type_.page_log2) return std::nullopt;
  const uint64_t new_bytes = old_bytes + (delta_pages << type_.page_log2);
  if (budget_ && new_bytes - old_bytes > *budget_) return std::nullopt;
  if (!open_more(base(), old_bytes, new_bytes)) return std::nullopt;
  if (budget_) *budget_ -= new_bytes - old_bytes;
  if (type_.is_shared) {
    std::atomic_ref(vm_->size_bytes).store(new_bytes, std::memory_order_release);
  } else {
    vm_->size_bytes = new_bytes;
  }
  return old_bytes >> type_.page_log2;
}

namespace {

Error too_large(const wasm::MemoryType& type, uint64_t limit_bytes) {
  const std::string unit = type.page_log2 == wasm::kStandardPageLog2
                               ? "pages of 64 KiB"
                               : fmt::format("pages of {} bytes", 1u << type.page_log2);
  return make_error(ErrorKind::kLimit, "a memory starts with {} {}, and the limit is {}",
                    type.limits.min, unit, limit_bytes >> type.page_log2);
}

// Of a new memory, opened in its place and taken from the budget.
Result<uint64_t> open_initial(const wasm::MemoryType& type, const MemoryRoom& room, Slot& slot,
                              uint64_t* budget) {
  const uint64_t most = budget ? std::min(room.max_bytes, *budget) : room.max_bytes;
  if (type.limits.min > most >> type.page_log2) return too_large(type, most);
  const uint64_t bytes = type.limits.min << type.page_log2;
  TRY(slot.open_memory(align_up(bytes, 4096)));
  if (budget) *budget -= bytes;
  return bytes;
}

// In the slot of the instance that defines it.
class SlotMemory final : public Memory {
 public:
  SlotMemory(const wasm::MemoryType& type, MemoryRoom room, contract::VmMemory* vm,
             uint64_t* budget)
      : Memory(type, room, vm, budget) {}
};

// On its own.
class LoneMemory final : public Memory {
 public:
  LoneMemory(const wasm::MemoryType& type, MemoryRoom room, std::unique_ptr<Slot> slot,
             std::unique_ptr<contract::VmMemory> vm, uint64_t* budget)
      : Memory(type, room, vm.get(), budget), slot_(std::move(slot)), own_vm_(std::move(vm)) {}

 private:
  std::unique_ptr<Slot> slot_;
  std::unique_ptr<contract::VmMemory> own_vm_;
};

}  // namespace

struct SharedMemory::State {
  std::unique_ptr<Slot> slot;
  contract::VmMemory vm{};
};

SharedMemory::SharedMemory(wasm::MemoryType type, MemoryRoom room)
    : type_(type), room_(room), state_(std::make_unique<State>()) {}

SharedMemory::~SharedMemory() = default;

// What a store sees of a shared memory.
class SharedMemoryView final : public Memory {
 public:
  explicit SharedMemoryView(std::shared_ptr<SharedMemory> memory)
      : Memory(memory->type_, memory->room_, &memory->state_->vm, nullptr),
        memory_(std::move(memory)) {}

 private:
  std::shared_ptr<SharedMemory> memory_;
};

Result<std::shared_ptr<SharedMemory>> SharedMemory::create(wasm::MemoryType type,
                                                           uint64_t limit_bytes) {
  const MemoryRoom room = MemoryRoom::of(type, limit_bytes);
  std::shared_ptr<SharedMemory> memory(new SharedMemory(type, room));
  State& state = *memory->state_;
  state.slot = TRY(Slot::create({.memory_bytes = room.reserved_bytes}));
  state.vm = {state.slot->anchor(), TRY(open_initial(type, room, *state.slot, nullptr))};
  return memory;
}

Result<std::unique_ptr<Memory>> make_slot_memory(const wasm::MemoryType& type, StoreState& state,
                                                 Slot& slot, contract::VmMemory* vm) {
  const MemoryRoom room = MemoryRoom::of(type, state.options.memory_limit_bytes);
  *vm = {slot.anchor(), TRY(open_initial(type, room, slot, &state.memory_budget))};
  return std::unique_ptr<Memory>(new SlotMemory(type, room, vm, &state.memory_budget));
}

Result<std::unique_ptr<Memory>> make_memory(const wasm::MemoryType& type, StoreState& state) {
  if (type.is_shared) {
    // Whoever grows it, and when, it stays within what the store may have.
    auto memory = TRY(SharedMemory::create(type, state.memory_budget));
    state.memory_budget -= memory->max_bytes();
    return make_view(std::move(memory));
  }
  const MemoryRoom room = MemoryRoom::of(type, state.options.memory_limit_bytes);
  std::unique_ptr<Slot> slot = TRY(Slot::create({.memory_bytes = room.reserved_bytes}));
  const uint64_t bytes = TRY(open_initial(type, room, *slot, &state.memory_budget));
  auto vm = std::make_unique<contract::VmMemory>(contract::VmMemory{slot->anchor(), bytes});
  return std::unique_ptr<Memory>(
      new LoneMemory(type, room, std::move(slot), std::move(vm), &state.memory_budget));
}

std::unique_ptr<Memory> make_view(std::shared_ptr<SharedMemory> memory) {
  return std::make_unique<SharedMemoryView>(std::move(memory));
}

}  // namespace wherry::runtime
