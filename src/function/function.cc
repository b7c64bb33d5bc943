#include "function/function.h"

#include <optional>

#include "function/outcome.h"
#include "function/output.h"
#include "runtime/instance.h"
#include "runtime/instance_pool.h"
#include "wasi/world.h"

namespace wherry::function {

namespace {

using SteadyClock = std::chrono::steady_clock;

Status check_imports(const artifact::Artifact& artifact) {
  for (const artifact::ImportRecord& import : artifact.imports()) {
    std::string_view module = artifact.string(import.module);
    std::string_view name = artifact.string(import.name);
    bool is_function = import.kind == static_cast<uint32_t>(wasm::ExternKind::kFunc);
    std::optional<wasm::FuncType> type;
    if (module == "wasi_snapshot_preview1" && is_function) type = wasi::preview1_type(name);
    if (!type) {
      return make_error(ErrorKind::kUnsupported, "the module imports {}.{}, which is not there",
                        module, name)
          .with_hint("a function may import wasi_snapshot_preview1 only; build for wasm32-wasi");
    }
    wasm::FuncType wanted = artifact.type_of_function(import.index);
    if (wanted != *type) {
      return make_error(ErrorKind::kInvalid, "the module imports {}.{} as {}, but it is {}", module,
                        name, name_of(wanted), name_of(*type));
    }
  }
  return ok_status();
}

Status check_start(const artifact::Artifact& artifact) {
  for (const artifact::ExportRecord& record : artifact.exports()) {
    if (artifact.string(record.name) != "_start") continue;
    if (record.kind != static_cast<uint32_t>(wasm::ExternKind::kFunc)) break;
    wasm::FuncType type = artifact.type_of_function(record.index);
    if (type == wasm::FuncType{}) return ok_status();
    return make_error(ErrorKind::kInvalid, "the module's _start is {} instead of () -> ()",
                      name_of(type));
  }
  return make_error(ErrorKind::kUnsupported, "the module exports no function _start")
      .with_hint("build a WASI command (a program with main), not a library or reactor");
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

std::vector<std::pair<std::string, std::string>> merged_environment(
    std::map<std::string, std::string> own, const std::map<std::string, std::string>& stronger) {
  for (const auto& [name, value] : stronger) own.insert_or_assign(name, value);
  return {own.begin(), own.end()};
}

Result<std::unique_ptr<wasi::World>> create_world(const FunctionOptions& options,
                                                  const Event& event, OutputCapture& output) {
  auto sink = [&output](bool is_stderr) {
    return std::make_unique<wasi::CallbackOutput>(
        [&output, is_stderr](Bytes bytes) { return output.write(is_stderr, bytes); });
  };
  wasi::WorldOptions world;
  world.arguments.push_back(options.name);
  world.arguments.insert(world.arguments.end(), options.arguments.begin(), options.arguments.end());
  world.environment = merged_environment(options.environment, event.environment);
  world.standard_input = std::make_unique<wasi::BytesInput>(event.parameters + "\n");
  world.standard_output = sink(false);
  world.standard_error = sink(true);
  return wasi::World::create(std::move(world));
}

// Calls `_start`; errors are ours or the event's, never the guest's.
Result<runtime::CallResult> run(runtime::InstancePool::Lease& lease) {
  if (auto stopped = TRY(lease.start())) {
    return std::visit([](auto& how) { return runtime::CallResult(std::move(how)); }, *stopped);
  }
  std::optional<runtime::Func> start = lease.instance().find_function("_start");
  if (!start) return make_error(ErrorKind::kInternal, "_start is gone");
  return lease.store().call(*start, {});
}

// The limit counts from now on and may be longer than the clock can say.
SteadyClock::time_point time_limit(SteadyClock::time_point now, std::chrono::milliseconds time) {
  auto most =
      std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::time_point::max() - now);
  return time < most ? now + time : SteadyClock::time_point::max();
}

}  // namespace

Function::Function(std::shared_ptr<const runtime::CompiledModule> module,
                   runtime::Watchdog& watchdog, FunctionOptions options)
    : watchdog_(watchdog), options_(std::move(options)) {
  runtime::PoolOptions pool;
  pool.store.memory_limit_bytes = options_.limits.memory_bytes;
  pool_ = runtime::InstancePool::create(std::move(module), pool);
}

Function::~Function() = default;

Result<std::shared_ptr<const Function>> Function::create(
    std::shared_ptr<const runtime::CompiledModule> module, runtime::Watchdog& watchdog,
    FunctionOptions options) {
  TRY(check_imports(module->artifact()));
  TRY(check_start(module->artifact()));
  TRY(check_memory(module->artifact(), options.limits.memory_bytes));
  return std::shared_ptr<const Function>(
      new Function(std::move(module), watchdog, std::move(options)));
}

Outcome Function::invoke(const Event& event) const {
  SteadyClock::time_point started = SteadyClock::now();
  SteadyClock::time_point own_deadline = time_limit(started, options_.limits.time);
  SteadyClock::time_point deadline = std::min(own_deadline, event.deadline);

  OutputCapture output(options_.limits);
  auto call = [&]() -> Result<runtime::CallResult> {
    std::unique_ptr<wasi::World> world = TRY(create_world(options_, event, output));
    runtime::InstancePool::Lease lease = TRY(pool_->acquire(*world));
    std::optional<runtime::Watchdog::Guard> guard;
    if (deadline != SteadyClock::time_point::max())
      guard.emplace(watchdog_.watch(lease.store(), deadline));
    return run(lease);
  };
  Result<runtime::CallResult> result = call();

  Outcome outcome;
  if (result.ok()) {
    EndOfCall end{*result, options_.limits, event.deadline < own_deadline};
    outcome = outcome_of(end, output);
  } else {
    output.finish();
    outcome.message = "the function could not be run: " + result.error().message;
  }
  outcome.log = output.take_log();
  outcome.log_truncated = output.log_truncated();
  outcome.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - started);
  return outcome;
}

}  // namespace wherry::function
