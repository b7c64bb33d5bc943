#include "function/function.h"

#include <array>
#include <condition_variable>
#include <mutex>

#include "function/fetches.h"
#include "function/parts.h"

namespace wherry::function {
namespace {

struct AbiName {
  Abi abi;
  const char* name;
  AdapterResult (*make)(const artifact::Artifact&, const FunctionOptions&);
};
constexpr std::array kAbis = {
    AbiName{Abi::kCommand, "command", make_command}, AbiName{Abi::kCgi, "cgi", make_cgi},
    AbiName{Abi::kExport, "export", make_export}, AbiName{Abi::kHandler, "handler", make_handler}};

bool exports(const artifact::Artifact& artifact, std::string_view name) {
  for (const artifact::ExportRecord& record : artifact.exports()) {
    if (artifact.string(record.name) == name) return true;
  }
  return false;
}

Abi abi_of_module(const artifact::Artifact& artifact) {
  if (exports(artifact, "wherry_handle")) return Abi::kHandler;
  return exports(artifact, "_start") ? Abi::kCommand : Abi::kExport;
}

Status check_imports(const artifact::Artifact& artifact, const Adapter& adapter, Abi abi) {
  for (const artifact::ImportRecord& import : artifact.imports()) {
    std::string_view module = artifact.string(import.module);
    std::string_view name = artifact.string(import.name);
    bool is_function = import.kind == static_cast<uint32_t>(wasm::ExternKind::kFunc);
    std::optional<wasm::FuncType> type;
    if (is_function) {
      const auto* fetch = module == "wherry_1" ? find_fetch_function(name) : nullptr;
      type = module == "wasi_snapshot_preview1" ? wasi::preview1_type(name)
             : fetch != nullptr                 ? std::optional(wasi::type_of(*fetch))
                                                : adapter.import_type(module, name);
    }
    if (!type) {
      return make_error(ErrorKind::kUnsupported, "the module imports {}.{}, which is not there",
                        module, name)
          .with_hint(abi == Abi::kHandler
                         ? "a handler may import wherry_1 and wasi_snapshot_preview1 only"
                         : "a function may import wasi_snapshot_preview1 only; build for "
                           "wasm32-wasi");
    }
    wasm::FuncType wanted = artifact.type_of_function(import.index);
    if (wanted != *type) {
      return make_error(ErrorKind::kInvalid, "the module imports {}.{} as {}, but it is {}", module,
                        name, name_of(wanted), name_of(*type));
    }
  }
  return ok_status();
}

Status check_outbound(const FunctionOptions& options) {
  if (options.outbound.empty() || options.outbound_client != nullptr) return ok_status();
  return make_error(ErrorKind::kUnsupported,
                    "the function {} may call {}, and this program cannot call other hosts",
                    options.name, options.outbound.front())
      .with_hint("run it with wherry or wherry-host-net instead of wherry-host");
}

Status check_memory(const artifact::Artifact& artifact, uint64_t limit_bytes) {
  uint64_t left = limit_bytes;
  for (const artifact::MemoryRecord& memory : artifact.memories()) {
    // Compared as pages, so that no module's number can overflow.
    if (memory.limits.min > left >> memory.page_log2) {
      return make_error(ErrorKind::kLimit,
                        "the module starts with {} pages of memory ({} bytes each), more than the "
                        "limit of {} bytes",
                        memory.limits.min, uint64_t{1} << memory.page_log2, limit_bytes);
    }
    left -= memory.limits.min << memory.page_log2;
  }
  return ok_status();
}

}  // namespace

const char* name_of(Abi abi) { return kAbis[static_cast<size_t>(abi)].name; }

std::optional<Abi> abi_of_name(std::string_view name) {
  for (const AbiName& known : kAbis) {
    if (known.name == name) return known.abi;
  }
  return std::nullopt;
}

Result<std::optional<uint32_t>> find_entry(const artifact::Artifact& artifact,
                                           std::string_view name, const wasm::FuncType& type) {
  for (const artifact::ExportRecord& record : artifact.exports()) {
    if (artifact.string(record.name) != name) continue;
    if (record.kind != static_cast<uint32_t>(wasm::ExternKind::kFunc)) break;
    wasm::FuncType actual = artifact.type_of_function(record.index);
    if (actual == type) return std::optional(record.index);
    return make_error(ErrorKind::kInvalid, "the module's {} is {} instead of {}", name,
                      name_of(actual), name_of(type));
  }
  return std::optional<uint32_t>();
}

Result<uint32_t> find_start(const artifact::Artifact& artifact) {
  std::optional<uint32_t> start = TRY(find_entry(artifact, "_start", {}));
  if (start) return *start;
  return make_error(ErrorKind::kUnsupported, "the module exports no function _start")
      .with_hint("build a WASI command (a program with main), not a library or reactor");
}

Function::Function(FunctionOptions options, Abi abi) : options_(std::move(options)), abi_(abi) {}

Function::~Function() = default;

Result<std::shared_ptr<const Function>> Function::create(
    std::shared_ptr<const runtime::CompiledModule> module, runtime::Watchdog& watchdog,
    FunctionOptions options) {
  const artifact::Artifact& artifact = module->artifact();
  const Abi abi = options.abi.value_or(abi_of_module(artifact));
  std::shared_ptr<Function> function(new Function(std::move(options), abi));
  const FunctionLimits& limits = function->options_.limits;
  auto adapter = TRY(kAbis[static_cast<size_t>(abi)].make(artifact, function->options_));
  TRY(check_imports(artifact, *adapter, abi));
  TRY(check_outbound(function->options_));
  TRY(check_memory(artifact, limits.memory_bytes));
  // What the options name must be there now, not only when the function is called.
  TRY(adapter->make_session());
  runtime::PoolOptions pool;
  pool.store.memory_limit_bytes = limits.memory_bytes;
  pool.make_imports = [&sessions = *adapter]() -> Result<std::unique_ptr<runtime::ImportResolver>> {
    return std::unique_ptr<runtime::ImportResolver>(TRY(sessions.make_session()));
  };
  function->parts_.reset(
      new Parts{watchdog,
                std::move(adapter),
                runtime::InstancePool::create(std::move(module), std::move(pool)),
                {}});
  return std::shared_ptr<const Function>(std::move(function));
}

std::unique_ptr<Invocation> Function::begin(const Event& event, http::ExchangePtr exchange,
                                            Invocation::Owner& owner) const {
  return make_invocation(options_.limits, *parts_, event, std::move(exchange), owner);
}

namespace {

// Waits on its thread for an invocation to be resumed.
class ThreadThatWaits final : public Invocation::Owner {
 public:
  std::function<void()> resumer() override {
    return [this] {
      std::lock_guard lock(mutex_);
      may_go_on_ = true;
      changed_.notify_one();
    };
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return may_go_on_; });
    may_go_on_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool may_go_on_ = false;
};

}  // namespace

Outcome Function::invoke(const Event& event, http::ExchangePtr exchange) const {
  ThreadThatWaits owner;
  auto invocation = begin(event, std::move(exchange), owner);
  while (invocation->run() == Invocation::Progress::kWaiting) owner.wait();
  return std::move(invocation->outcome());
}

}  // namespace wherry::function
