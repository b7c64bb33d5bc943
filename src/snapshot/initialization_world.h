// What a module may call while it is initialized ahead of time: what has the same answer always.
// Everything else would be the same in all instances from then on, and is refused unless it was
// allowed; then it is counted.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/store.h"
#include "wasi/world.h"

namespace wherry::snapshot {

// What a snapshot may keep of the world.
enum class Kept : uint8_t { kNothing, kRandom, kClock, kEnvironment, kFiles };

// `random`, `clock`, `environment`, `files`; nothing for other names.
std::optional<Kept> kept_of_name(std::string_view name);

class InitializationWorld final : public runtime::ImportResolver {
 public:
  // The world has no variables, arguments or directories; what is printed goes to `output`.
  static Result<std::unique_ptr<InitializationWorld>> create(std::vector<Kept> allowed,
                                                             wasi::CallbackOutput::Sink output);

  // Any function can be imported; those that are no host's here can just not be called.
  std::optional<runtime::Extern> resolve(std::string_view module, std::string_view name,
                                         wasm::ExternKind kind,
                                         const wasm::FuncType* type) override;

  // The function whose call was refused, if one was, and the name that allows it ("" if none).
  struct Refusal {
    std::string function;
    std::string_view allowed_by;
  };
  const std::optional<Refusal>& refusal() const { return refusal_; }

  // What was called of what was allowed, and how often.
  std::map<std::string, uint64_t> calls() const;

 private:
  struct Import {
    InitializationWorld* world;
    std::string name;
    Kept kept;
    std::optional<runtime::HostFunction> target;  // nothing: refused
    uint64_t calls = 0;
  };
  explicit InitializationWorld(std::vector<Kept> allowed) : allowed_(std::move(allowed)) {}
  static runtime::HostOutcome call(const runtime::HostCall& call);

  std::vector<Kept> allowed_;
  std::unique_ptr<wasi::World> world_;
  std::vector<std::unique_ptr<Import>> imports_;
  std::optional<Refusal> refusal_;
};

}  // namespace wherry::snapshot
