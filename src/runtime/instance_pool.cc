#include "runtime/instance_pool.h"

#include <sched.h>

#include <mutex>
#include <thread>

#include "base/check.h"
#include "runtime/instance.h"
#include "runtime/store_state.h"
#include "runtime/thread.h"

namespace wherry::runtime {

// A store with its one instance, and what is needed to bring them back. `saved` and `pages` are
// there if they can be used again.
struct InstancePool::Entry {
  std::unique_ptr<ImportResolver> imports;  // if they are its own; they outlive the store
  std::unique_ptr<Store> store;
  Instance* instance = nullptr;
  std::optional<Instance::Saved> saved;
  std::optional<PageReset> pages;
  bool is_spoiled = false;
};

// Aligned to what processors fetch at a time.
struct alignas(128) InstancePool::Shard {
  mutable std::mutex mutex;
  std::vector<std::unique_ptr<Entry>> idle;  // used last at the end: its pages are in the caches
};

namespace {

// Whether all that an instance can change lies in its slot and its tables.
bool keeps_to_itself(const artifact::Header& header) {
  return header.imported_memories == 0 && header.imported_tables == 0 &&
         header.imported_globals == 0 && header.imported_tags == 0 &&
         header.memories.count == header.memory0_is_own;
}

}  // namespace

std::unique_ptr<InstancePool> InstancePool::create(std::shared_ptr<const CompiledModule> module,
                                                   PoolOptions options) {
  return std::unique_ptr<InstancePool>(new InstancePool(std::move(module), std::move(options)));
}

InstancePool::InstancePool(std::shared_ptr<const CompiledModule> module, PoolOptions options)
    : module_(std::move(module)),
      options_(std::move(options)),
      is_reusable_(keeps_to_itself(module_->artifact().header())),
      shards_(std::max(1u, std::thread::hardware_concurrency())) {}

InstancePool::~InstancePool() = default;

InstancePool::Shard& InstancePool::shard() {
  int processor = ::sched_getcpu();
  return shards_[static_cast<size_t>(std::max(processor, 0)) % shards_.size()];
}

// What this processor used last, else what another has.
std::unique_ptr<InstancePool::Entry> InstancePool::take() {
  const auto take_from = [](Shard& shard) -> std::unique_ptr<Entry> {
    std::lock_guard lock(shard.mutex);
    if (shard.idle.empty()) return nullptr;
    std::unique_ptr<Entry> entry = std::move(shard.idle.back());
    shard.idle.pop_back();
    return entry;
  };
  Shard& own = shard();
  if (auto entry = take_from(own)) return entry;
  for (Shard& other : shards_) {
    if (&other == &own) continue;
    if (auto entry = take_from(other)) return entry;
  }
  return nullptr;
}

Result<std::unique_ptr<InstancePool::Entry>> InstancePool::make(ImportResolver& imports) {
  auto entry = std::make_unique<Entry>();
  entry->store = TRY(Store::create(options_.store, module_.get()));
  entry->instance = TRY(entry->store->link(module_, imports));
  if (!is_reusable_ || !entry->instance->functions_have_environment(imports.host_environment())) {
    return entry;
  }
  const Slot& slot = entry->instance->slot();
  if (options_.reset == PageReset::Method::kFaults) slot.forbid_huge_pages();
  entry->saved = entry->instance->save();
  entry->pages.emplace(slot, module_->artifact(), options_.keep_bytes, options_.reset);
  return entry;
}

Result<InstancePool::Lease> InstancePool::acquire(ImportResolver& imports) {
  std::unique_ptr<Entry> entry = take();
  if (!entry) return lease_of(TRY(make(imports)), true);
  entry->instance->set_environment(imports.host_environment());
  return lease_of(std::move(entry), false);
}

Result<InstancePool::Lease> InstancePool::acquire() {
  if (std::unique_ptr<Entry> entry = take()) return lease_of(std::move(entry), false);
  std::unique_ptr<ImportResolver> imports = TRY(options_.make_imports());
  std::unique_ptr<Entry> entry = TRY(make(*imports));
  entry->imports = std::move(imports);
  return lease_of(std::move(entry), true);
}

InstancePool::Lease InstancePool::lease_of(std::unique_ptr<Entry> entry, bool is_new) {
  if (entry->pages) {
    entry->pages->begin();
    entry->store->state().home_thread = thread_id();
    entry->store->state().has_moved = false;
  }
  return Lease(*this, std::move(entry), is_new);
}

void InstancePool::release(std::unique_ptr<Entry> entry) {
  if (!entry->pages || entry->is_spoiled) return;
  if (entry->store->state().ended_badly || entry->store->is_suspended()) return;
  if (entry->store->state().has_moved) entry->pages->moved();
  if (!entry->instance->restore(*entry->saved, *entry->pages).ok()) return;
  Shard& to = shard();
  std::lock_guard lock(to.mutex);
  if (to.idle.size() < options_.idle_slots) to.idle.push_back(std::move(entry));
}

size_t InstancePool::idle() const {
  size_t count = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    count += shard.idle.size();
  }
  return count;
}

InstancePool::Lease::Lease(InstancePool& pool, std::unique_ptr<Entry> entry, bool is_new)
    : pool_(&pool), entry_(std::move(entry)), is_new_(is_new) {}

InstancePool::Lease::Lease(Lease&& other) noexcept = default;

InstancePool::Lease::~Lease() {
  if (entry_) pool_->release(std::move(entry_));
}

Result<std::optional<std::variant<Trap, Exit>>> InstancePool::Lease::start() {
  return entry_->store->start(*entry_->instance);
}

ImportResolver& InstancePool::Lease::imports() const { return *entry_->imports; }
void InstancePool::Lease::spoil() { entry_->is_spoiled = true; }
Store& InstancePool::Lease::store() const { return *entry_->store; }
Instance& InstancePool::Lease::instance() const { return *entry_->instance; }

}  // namespace wherry::runtime
