// The suite's `spectest` host module, and the modules that a script has registered.
#pragma once

#include <map>
#include <string>

#include "runtime/instance.h"

namespace wherry::spec {

class Linker : public runtime::ImportResolver {
 public:
  // Makes spectest's memories (1..2 pages), tables (10..20 funcref) and globals in the store.
  static Result<std::unique_ptr<Linker>> create(runtime::Store& store);

  void register_instance(const std::string& name, runtime::Instance* instance) {
    registered_[name] = instance;
  }

  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind,
                                         const wasm::FuncType* type) override;

 private:
  std::map<std::string, runtime::Extern, std::less<>> spectest_;
  std::map<std::string, runtime::Instance*, std::less<>> registered_;
};

}  // namespace wherry::spec
