#include "snapshot/initialize.h"

#include "runtime/instance.h"
#include "runtime/watchdog.h"
#include "snapshot/state.h"
#include "snapshot/write_module.h"
#include "wasm/decode.h"
#include "wasm/module.h"

namespace wherry::snapshot {
namespace {

constexpr std::string_view kInitialize = "_initialize", kResume = "wizer.resume", kStart = "_start";
constexpr std::string_view kWizer[] = {"wizer.initialize", "wizer-initialize"};

// The functions to call, in order.
std::vector<std::string_view> initializers_of(const wasm::Module& module) {
  std::vector<std::string_view> out;
  const auto add_if_exported = [&](std::string_view name) {
    for (const wasm::Export& item : module.exports) {
      if (item.kind == wasm::ExternKind::kFunc && item.name == name) {
        out.push_back(name);
        return true;
      }
    }
    return false;
  };
  add_if_exported(kInitialize);
  for (std::string_view name : kWizer) {
    if (add_if_exported(name)) break;
  }
  return out;
}

Renaming renaming_of(const wasm::Module& module,
                     const std::vector<std::string_view>& initializers) {
  Renaming out;
  for (std::string_view name : initializers) out[name] = "";
  for (const wasm::Export& item : module.exports) {
    if (item.name != kResume) continue;
    out[kStart] = "";
    out[kResume] = kStart;
  }
  return out;
}

Status check_can_be_kept(const wasm::Module& module) {
  for (const wasm::Import& import : module.imports) {
    if (import.kind == wasm::ExternKind::kFunc || import.kind == wasm::ExternKind::kTag) continue;
    return make_error(ErrorKind::kUnsupported,
                      "it imports the {} {}.{}, whose state is not the module's to keep",
                      name_of(import.kind), import.module, import.name);
  }
  for (const wasm::Memory& memory : module.memories) {
    if (!memory.type.is_shared) continue;
    return make_error(ErrorKind::kUnsupported,
                      "its memory is shared, and threads may be at work in it");
  }
  return ok_status();
}

// Without the newline at its end.
std::string backtrace_of(const runtime::Trap& trap) {
  std::string text = trap.backtrace();
  if (!text.empty()) text.pop_back();
  return text.empty() ? text : "\n" + text;
}

class Initialization {
 public:
  Initialization(InitializationWorld& world, const InitializeOptions& options)
      : world_(world), options_(options) {}

  Status start(runtime::Store& store, runtime::Instance& instance) {
    auto stopped = TRY(store.start(instance));
    if (!stopped) return ok_status();
    return std::visit([&](const auto& how) { return Status(why("its start", how)); }, *stopped);
  }

  Status call(runtime::Store& store, const runtime::Instance& instance, std::string_view name) {
    const runtime::Func function = instance.find_function(name).value();
    if (!function.type.params.empty()) {
      return make_error(ErrorKind::kInvalid, "{} has parameters: {}", name, name_of(function.type));
    }
    runtime::CallResult result = TRY(store.call(function, {}));
    if (auto* trap = std::get_if<runtime::Trap>(&result)) return why(name, *trap);
    if (auto* exit = std::get_if<runtime::Exit>(&result)) return why(name, *exit);
    return ok_status();
  }

 private:
  Error why(std::string_view name, const runtime::Exit& exit) const {
    return make_error(ErrorKind::kInvalid, "{} exits, with code {}: there is nothing to go on from",
                      name, exit.code);
  }

  Error why(std::string_view name, const runtime::Trap& trap) const {
    if (trap.code == contract::TrapCode::kInterrupted) {
      return make_error(ErrorKind::kLimit, "{} did not end within {} ms", name,
                        options_.time.count());
    }
    if (!world_.refusal() || trap.code != contract::TrapCode::kHost) {
      return make_error(ErrorKind::kInvalid, "{} traps: {}{}", name, trap.message(),
                        backtrace_of(trap));
    }
    const auto& [function, allowed_by] = *world_.refusal();
    if (allowed_by.empty()) {
      return make_error(ErrorKind::kUnsupported, "{} calls {}, which is not there yet{}", name,
                        function, backtrace_of(trap));
    }
    return make_error(ErrorKind::kUnsupported,
                      "{} calls {}, whose answer would be the same in every instance{}", name,
                      function, backtrace_of(trap))
        .with_hint(fmt::format("--allow {}, or call it later", allowed_by));
  }

  InitializationWorld& world_;
  const InitializeOptions& options_;
};

}  // namespace

Result<Initialized> initialize(Bytes bytes, std::shared_ptr<const runtime::CompiledModule> compiled,
                               const InitializeOptions& options) {
  const wasm::Module module = TRY(wasm::decode(bytes, options.features));
  const auto initializers = initializers_of(module);
  if (initializers.empty() && !module.start) {
    return make_error(ErrorKind::kInvalid,
                      "nothing to initialize: it exports neither _initialize nor wizer.initialize")
        .with_hint("link it with -mexec-model=reactor, or export wizer.initialize");
  }
  TRY(check_can_be_kept(module));

  auto world = TRY(InitializationWorld::create(options.allowed, [&](Bytes text) {
    if (options.output) options.output(text);
    return std::string();
  }));
  runtime::StoreOptions limits;
  limits.memory_limit_bytes = options.memory_bytes;
  auto store = TRY(runtime::Store::create(limits));
  auto watchdog = TRY(runtime::Watchdog::create());
  auto guard = watchdog->watch(*store, std::chrono::steady_clock::now() + options.time);
  runtime::Instance* instance = TRY(store->link(std::move(compiled), *world));
  const TableContents tables = table_contents_of(*instance);
  Initialization initialization(*world, options);
  TRY(initialization.start(*store, *instance));
  for (std::string_view name : initializers) {
    TRY(initialization.call(*store, *instance, name));
  }

  Initialized out;
  out.module = TRY(
      write_module(module, TRY(state_of(*instance, tables)), renaming_of(module, initializers)));
  if (module.start) out.ran.push_back("start");
  for (std::string_view name : initializers) out.ran.emplace_back(name);
  out.calls = world->calls();
  return out;
}

}  // namespace wherry::snapshot
