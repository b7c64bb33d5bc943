#include "runtime/exceptions.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/instance.h"
#include "runtime/store_state.h"
#include "runtime/unwind.h"

namespace wherry::runtime {

using contract::VmException;

namespace {

uint64_t address_of(const VmException* exception) { return reinterpret_cast<uint64_t>(exception); }
VmException* at_address(uint64_t address) { return reinterpret_cast<VmException*>(address); }

uint64_t bytes_for(uint32_t slot_count) {
  return offsetof(VmException, slots) + sizeof(uint64_t) * std::max(slot_count, 1u);
}

// What one costs besides its own bytes: the allocator's and the map's share.
constexpr uint64_t kOverheadBytes = 96;

}  // namespace

ExceptionHeap::~ExceptionHeap() { clear(); }

void ExceptionHeap::clear() {
  for (auto& [address, entry] : exceptions_) std::free(at_address(address));
  exceptions_.clear();
  bytes_ = 0;
  collect_at_bytes_ = kFirstCollectionBytes;
  last_ = uncaught_ = nullptr;
}

VmException* ExceptionHeap::allocate(const StoreState& store, const contract::VmTag* tag,
                                     uint32_t slot_count) {
  VmException* exception = reuse(slot_count);
  const uint64_t bytes = bytes_for(slot_count);
  if (!exception) {
    // While a guest waits for the host below another one, references may lie in registers that the
    // host has saved where no one can tell; then the limit is all there is.
    const bool can_collect = store.call_depth == 1;
    const uint64_t cost = bytes + kOverheadBytes;
    if (can_collect && bytes_ + cost > std::min(collect_at_bytes_, limit_bytes_)) collect(store);
    if (bytes_ + cost > limit_bytes_) return nullptr;
    exception = static_cast<VmException*>(std::malloc(bytes));
    if (!exception) return nullptr;
    exceptions_.emplace(address_of(exception), Entry{bytes, false, false});
    bytes_ += cost;
  }
  *exception = {tag, 0, 0, {}, slot_count, {0}};
  last_ = exception;
  return exception;
}

VmException* ExceptionHeap::reuse(uint32_t slot_count) {
  if (!last_ || !last_->dead || last_->slot_count < slot_count) return nullptr;
  auto found = exceptions_.find(address_of(last_));
  return found != exceptions_.end() && !found->second.pinned ? last_ : nullptr;
}

void ExceptionHeap::pin(const Value& value) {
  if (value.type.is_ref() && (value.type.heap == wasm::kHeapExn) && value.bits != 0) {
    if (auto found = exceptions_.find(value.bits); found != exceptions_.end()) {
      found->second.pinned = true;
    }
  }
}

uint64_t ExceptionHeap::take_uncaught() {
  const Value value{wasm::kExnRef, address_of(uncaught_)};
  pin(value);
  uncaught_ = nullptr;
  return value.bits;
}

// At twice what was left over the next time: each byte is looked at a bounded number of times.
void ExceptionHeap::collect(const StoreState& store) {
  for (auto& [address, entry] : exceptions_) entry.marked = false;
  for (auto& [address, entry] : exceptions_) {
    if (entry.pinned) mark_word(address);
  }
  if (uncaught_) mark_word(address_of(uncaught_));
  // Registers that guest code may keep references in lie right below guest_sp, where wherry_throw
  // has put them (enter.S): rbx, r12 to r15.
  constexpr ptrdiff_t kSavedRegisters = 5;
  if (store.stack.guest_sp) {
    const auto* low = static_cast<const uint64_t*>(store.stack.guest_sp) - kSavedRegisters;
    mark_range(low, reinterpret_cast<const uint64_t*>(store.guest_stack.top()));
  }
  for (const auto& instance : store.instances) {
    for (const Global& global : instance->globals()) {
      if (global.type.type.is_ref()) mark_word(global.vm->low);
    }
  }
  for (const auto& table : store.tables) {
    const wasm::ValueType element = table->type().element;
    if (element.heap != wasm::kHeapExn) continue;
    mark_range(table->vm()->elements, table->vm()->elements + table->size());
  }
  sweep();
  collect_at_bytes_ = std::max<uint64_t>(2 * bytes_, kFirstCollectionBytes);
}

void ExceptionHeap::mark_range(const uint64_t* begin, const uint64_t* end) {
  for (; begin < end; begin++) mark_word(*begin);
}

void ExceptionHeap::mark_word(uint64_t word) {
  std::vector<uint64_t> work;  // most words are no exceptions, and cost no allocation
  visit(word, work);
  while (!work.empty()) {
    const uint64_t next = work.back();
    work.pop_back();
    visit(next, work);
  }
}

// A word may point into an exception: compiled code keeps addresses of its values.
void ExceptionHeap::visit(uint64_t word, std::vector<uint64_t>& work) {
  auto found = exceptions_.upper_bound(word);
  if (found == exceptions_.begin()) return;
  --found;
  Entry& entry = found->second;
  if (word - found->first >= entry.bytes || entry.marked) return;
  entry.marked = true;
  const VmException* exception = at_address(found->first);
  work.insert(work.end(), exception->slots, exception->slots + exception->slot_count);
}

void ExceptionHeap::sweep() {
  for (auto it = exceptions_.begin(); it != exceptions_.end();) {
    if (it->second.marked) {
      ++it;
      continue;
    }
    if (at_address(it->first) == last_) last_ = nullptr;
    bytes_ -= it->second.bytes + kOverheadBytes;
    std::free(at_address(it->first));
    it = exceptions_.erase(it);
  }
}

bool find_handler(StoreState& store, VmException* exception) {
  // What wherry_throw pushed, from guest_sp downwards (enter.S).
  const auto* frame = static_cast<const uint64_t*>(store.stack.guest_sp);
  const StopPoint thrown_at{frame[1],  reinterpret_cast<uint64_t>(frame + 2),
                            frame[0],  frame[-1],
                            frame[-2], frame[-3],
                            frame[-4], frame[-5]};
  std::optional<StopPoint> landing = find_landing(store, thrown_at);
  if (!landing) {
    store.exceptions.set_uncaught(exception);
    store.stop_here();
    return false;
  }
  store.stack.landing = *landing;
  store.stack.landing_exception = address_of(exception);
  return true;
}

}  // namespace wherry::runtime
