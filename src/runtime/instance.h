// An instance of a compiled module: its memories, tables, globals and exports. Owned by its Store.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "contract/layout.h"
#include "runtime/store.h"

namespace wherry::runtime {

class PageReset;
class Slot;

class Instance {
 public:
  // The export of this name, or nothing.
  std::optional<Extern> find_export(std::string_view name) const;
  std::optional<Func> find_function(std::string_view name) const;
  // One whose address is taken: exported, imported, or named by a table or global.
  Func function(uint32_t index) const;

  // Memory 0 (own or imported), or null if the module has none.
  Memory* memory() const { return memories_.empty() ? nullptr : memories_[0]; }

  // By index, imports first. A table that only serves calls is not there: it never changes.
  const std::vector<Memory*>& memories() const { return memories_; }
  const std::vector<Table*>& tables() const { return tables_; }
  const std::vector<Global>& globals() const { return globals_; }
  // By segment: whether it was applied or dropped.
  const std::vector<bool>& dropped_elems() const { return dropped_elems_; }
  const std::vector<bool>& dropped_datas() const { return dropped_datas_; }
  const CompiledModule& module() const { return *module_; }
  Store& store() const { return *store_; }

  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

 private:
  friend class InstancePool;
  friend class Store;
  friend struct Builtins;

  Instance(Store& store, std::shared_ptr<const CompiledModule> module);

  // The steps of instantiation, in the specification's order (Core 3.0, chapter 4.7.5).
  Status link(ImportResolver& imports);
  Status resolve_import(ImportResolver& imports, const artifact::ImportRecord& import);
  Status import_function(const Extern& found, const artifact::ImportRecord& import);
  Status import_host_function(const HostFunction& host, const artifact::ImportRecord& import);
  Status import_table(Table& table, const artifact::ImportRecord& import);
  Status import_memory(Memory& memory, const artifact::ImportRecord& import);
  Status import_global(const Global& global, const artifact::ImportRecord& import);
  Status import_tag(const Tag& tag, const artifact::ImportRecord& import);
  Error incompatible(const artifact::ImportRecord& import, std::string_view why) const;
  Status allocate();
  Status allocate_memories();
  Status allocate_tables();
  void build_context();
  void build_func_refs();
  void initialize_globals();
  void initialize_tables();
  // None, or why initialization trapped.
  contract::TrapCode initialize_memories();

  // For InstancePool (instance_reset.cc): what an instance that was linked and not yet started
  // consists of, but for its memory's contents; and how to make it so again.
  struct Saved {
    std::vector<uint8_t> context;  // all but the FuncRefs, which do not change
    std::vector<std::vector<uint64_t>> tables;
    std::vector<bool> dropped_elems;
    std::vector<bool> dropped_datas;
    uint64_t memory_bytes = 0;
    uint64_t memory_budget = 0;
    uint64_t table_budget = 0;
  };
  Saved save() const;
  Status restore(const Saved& saved, PageReset& pages);
  const Slot& slot() const { return *slot_; }
  bool functions_have_environment(const void* environment) const;
  void set_environment(void* environment);

  // Operations that compiled code asks for as well (builtins.cc).
  contract::TrapCode table_init(uint32_t elem, uint32_t table, uint64_t destination,
                                uint64_t source, uint64_t length);
  contract::TrapCode memory_init(uint32_t data, uint32_t memory, uint64_t destination,
                                 uint64_t source, uint64_t length);

  // A constant expression's value.
  struct Constant {
    uint64_t low = 0;
    uint64_t high = 0;
  };
  Constant evaluate(artifact::Slice expression) const;
  Constant evaluate(const artifact::ConstInstruction& instruction) const;

  // The module's types in the store's numbers.
  wasm::ValueType in_store(wasm::ValueType type) const;
  wasm::FuncType type_in_store(uint32_t type) const;
  contract::FuncRef* func_ref(uint32_t function) const;
  template <typename T>
  T* context_at(int64_t offset) const;

  Store* store_;
  std::shared_ptr<const CompiledModule> module_;
  const artifact::Artifact& artifact_;
  contract::Layout layout_;
  std::unique_ptr<Slot> slot_;

  // By index, imports first.
  std::vector<Memory*> memories_;
  std::vector<Table*> tables_;  // null for static ones
  std::vector<Global> globals_;
  std::vector<Tag> tags_;
  std::vector<contract::FuncRef> imported_functions_;
  std::vector<wasm::HeapType> type_numbers_;  // per type of the module; empty if it names none
  // Host functions that the module imports, with what compiled code needs to call them.
  struct BoundHostFunction {
    contract::HostBinding binding;
    HostFunction function;
  };
  std::vector<std::unique_ptr<BoundHostFunction>> host_functions_;

  contract::TrapCode tables_trap_ = contract::TrapCode::kNone;  // why initializing them failed
  std::vector<bool> dropped_elems_;
  std::vector<bool> dropped_datas_;
};

}  // namespace wherry::runtime
