// An instance of a compiled module: its memory, tables, globals and exports. Owned by its Store.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/store.h"

namespace wherry::runtime {

class Instance {
 public:
  // The export of this name, or nothing.
  std::optional<Extern> find_export(std::string_view name) const;
  std::optional<Func> find_function(std::string_view name) const;

  // Memory 0 (own or imported), or null if the module has none.
  Memory* memory() const { return memories_.empty() ? nullptr : memories_[0]; }

  const CompiledModule& module() const { return *module_; }
  Store& store() const { return *store_; }

 private:
  // The rest is written with the runtime; see instance.cc.
  std::shared_ptr<const CompiledModule> module_;
  Store* store_ = nullptr;
  std::vector<Memory*> memories_;
};

}  // namespace wherry::runtime
