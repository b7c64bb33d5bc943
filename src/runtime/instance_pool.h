// Fresh instances of one module, in slots that are used again.
//
// What an instance leaves behind is brought back to what a new one starts with (PageReset, and a
// copy of its context and tables) as soon as its lease ends: the next one sees none of it, and
// costs one system call in the common case, which counts page faults. A slot serves one module
// only, from its first use to its last. What ended by a trap, was interrupted or waits is not used
// again, nor is a module whose state lies elsewhere, too: in memories of their own, or imported
// ones, tables, globals and tags. Those get a new store each time.
//
// Safe from many threads. A lease belongs to one thread at a time; one that has been on more than
// one, because its guest was suspended and resumed elsewhere, is brought back without counting page
// faults.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/result.h"
#include "runtime/page_reset.h"
#include "runtime/store.h"

namespace wherry::runtime {

struct PoolOptions {
  StoreOptions store;
  size_t idle_slots = 1024;  // kept for later, a processor; what comes back beyond is unmapped
  uint64_t keep_bytes = 1024 * 1024;  // of memory resident in an idle slot
  PageReset::Method reset = PageReset::best_method();
  // For acquire() without imports: makes those of a new instance, which keeps them when it is used
  // again.
  std::function<Result<std::unique_ptr<ImportResolver>>()> make_imports;
};

class InstancePool {
 public:
  static std::unique_ptr<InstancePool> create(std::shared_ptr<const CompiledModule> module,
                                              PoolOptions options = {});
  ~InstancePool();
  InstancePool(const InstancePool&) = delete;
  InstancePool& operator=(const InstancePool&) = delete;

  class Lease;
  // A fresh instance that is linked to `imports`, to be started. The pool outlives it, and so do
  // the imports.
  Result<Lease> acquire(ImportResolver& imports);
  // One with imports of its own. A pool is used in one of these ways.
  Result<Lease> acquire();

  size_t idle() const;

 private:
  struct Entry;
  struct Shard;
  InstancePool(std::shared_ptr<const CompiledModule> module, PoolOptions options);
  Shard& shard();
  std::unique_ptr<Entry> take();
  Result<std::unique_ptr<Entry>> make(ImportResolver& imports);
  Lease lease_of(std::unique_ptr<Entry> entry, bool is_new);
  void release(std::unique_ptr<Entry> entry);

  std::shared_ptr<const CompiledModule> module_;
  PoolOptions options_;
  bool is_reusable_;
  std::vector<Shard> shards_;  // one a processor, so that workers do not meet
};

class InstancePool::Lease {
 public:
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) = delete;
  ~Lease();

  Store& store() const;
  Instance& instance() const;
  ImportResolver& imports() const;         // its own
  bool is_new() const { return is_new_; }  // its slot was made for this lease
  void spoil();                            // it is not to be used again

  // Initializes memory and runs the start function, once, before any call. What it answers is how
  // that ended if not well: then the instance must not be called.
  Result<std::optional<std::variant<Trap, Exit>>> start();

 private:
  friend class InstancePool;
  Lease(InstancePool& pool, std::unique_ptr<Entry> entry, bool is_new);
  InstancePool* pool_;
  std::unique_ptr<Entry> entry_;
  bool is_new_;
};

}  // namespace wherry::runtime
