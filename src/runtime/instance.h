// An instance of a compiled module: its memories, tables, globals and exports. Owned by its Store.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "contract/layout.h"
#include "runtime/store.h"

namespace wherry::runtime {

class Slot;

class Instance {
 public:
  // The export of this name, or nothing.
  std::optional<Extern> find_export(std::string_view name) const;
  std::optional<Func> find_function(std::string_view name) const;

  // Memory 0 (own or imported), or null if the module has none.
  Memory* memory() const { return memories_.empty() ? nullptr : memories_[0]; }

  const CompiledModule& module() const { return *module_; }
  Store& store() const { return *store_; }

  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

 private:
  friend class Store;
  friend struct Builtins;

  Instance(Store& store, std::shared_ptr<const CompiledModule> module);

  // The steps of instantiation, in the specification's order (Core 2.0, chapter 4.5.4).
  Status link(ImportResolver& imports);
  Status resolve_import(ImportResolver& imports, const artifact::ImportRecord& import);
  Status allocate();
  Status allocate_memories();
  Status allocate_tables();
  void build_context();
  void build_func_refs();
  void initialize_globals();
  // None, or why initialization trapped.
  contract::TrapCode initialize_tables();
  contract::TrapCode initialize_memories();

  // Operations that compiled code asks for as well (builtins.cc).
  contract::TrapCode table_init(uint32_t elem, uint32_t table, uint64_t destination,
                                uint64_t source, uint64_t length);
  contract::TrapCode memory_init(uint32_t data, uint32_t memory, uint64_t destination,
                                 uint64_t source, uint64_t length);

  Value evaluate(artifact::Slice expression, wasm::ValueType type) const;
  uint64_t evaluate(const artifact::ConstInstruction& instruction, uint64_t* high) const;
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
  std::vector<Table*> tables_;
  std::vector<Global> globals_;
  std::vector<contract::FuncRef> imported_functions_;
  // Host functions that the module imports, with what compiled code needs to call them.
  struct BoundHostFunction;
  std::vector<std::unique_ptr<BoundHostFunction>> host_functions_;

  std::vector<bool> dropped_elems_;
  std::vector<bool> dropped_datas_;
};

}  // namespace wherry::runtime
