#include "snapshot/initialization_world.h"

#include <algorithm>

namespace wherry::snapshot {
namespace {

using runtime::HostFunction;

constexpr std::string_view kWasi = "wasi_snapshot_preview1";

constexpr std::pair<std::string_view, Kept> kNames[] = {{"random", Kept::kRandom},
                                                        {"clock", Kept::kClock},
                                                        {"environment", Kept::kEnvironment},
                                                        {"files", Kept::kFiles}};

std::string_view name_of(Kept kept) {
  for (const auto& [name, named] : kNames) {
    if (named == kept) return name;
  }
  return {};
}

// What the snapshot would keep of the function's answer.
Kept kept_of(std::string_view function) {
  for (std::string_view harmless : {"fd_write", "fd_fdstat_get", "sched_yield", "proc_exit"}) {
    if (function == harmless) return Kept::kNothing;
  }
  if (function == "random_get") return Kept::kRandom;
  if (function.starts_with("clock_") || function == "poll_oneoff") return Kept::kClock;
  if (function.starts_with("args_") || function.starts_with("environ_")) {
    return Kept::kEnvironment;
  }
  return Kept::kFiles;
}

}  // namespace

std::optional<Kept> kept_of_name(std::string_view name) {
  for (const auto& [known, kept] : kNames) {
    if (known == name) return kept;
  }
  return std::nullopt;
}

Result<std::unique_ptr<InitializationWorld>> InitializationWorld::create(
    std::vector<Kept> allowed, wasi::CallbackOutput::Sink output) {
  std::unique_ptr<InitializationWorld> out(new InitializationWorld(std::move(allowed)));
  wasi::WorldOptions options;
  options.arguments = {"initialize"};
  options.standard_output = std::make_unique<wasi::CallbackOutput>(output);
  options.standard_error = std::make_unique<wasi::CallbackOutput>(output);
  out->world_ = TRY(wasi::World::create(std::move(options)));
  return out;
}

std::optional<runtime::Extern> InitializationWorld::resolve(std::string_view module,
                                                            std::string_view name,
                                                            wasm::ExternKind kind,
                                                            const wasm::FuncType* type) {
  if (kind != wasm::ExternKind::kFunc) return std::nullopt;
  auto import = std::make_unique<Import>(
      Import{this, fmt::format("{}.{}", module, name), Kept::kNothing, {}, 0});
  HostFunction function{*type, call, import.get()};
  if (module == kWasi) {
    auto found = world_->resolve(module, name, kind, type);
    if (!found) return std::nullopt;
    import->kept = kept_of(name);
    const bool is_allowed =
        import->kept == Kept::kNothing ||
        std::find(allowed_.begin(), allowed_.end(), import->kept) != allowed_.end();
    auto* target = std::get_if<HostFunction>(&*found);
    function.type = target->type;  // the instance checks it
    if (is_allowed) import->target = *target;
  }
  imports_.push_back(std::move(import));
  return function;
}

runtime::HostOutcome InitializationWorld::call(const runtime::HostCall& call) {
  auto& import = *static_cast<Import*>(call.environment);
  if (!import.target) {
    import.world->refusal_ = {import.name, name_of(import.kept)};
    return call.trap(contract::TrapCode::kHost, "refused");
  }
  import.calls++;
  return import.target->function({import.target->environment, call.instance, call.slots});
}

std::map<std::string, uint64_t> InitializationWorld::calls() const {
  std::map<std::string, uint64_t> out;
  for (const auto& import : imports_) {
    if (import->kept != Kept::kNothing && import->calls != 0) out[import->name] += import->calls;
  }
  return out;
}

}  // namespace wherry::snapshot
