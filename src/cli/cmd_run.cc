// wherry run: a WASI command with our standard streams and the directories it was given.
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/report.h"
#include "runtime/instance.h"
#include "runtime/watchdog.h"
#include "wasi/world.h"

namespace wherry::cli {

namespace {

Result<std::unique_ptr<wasi::World>> make_world(const RunFlags& flags) {
  wasi::WorldOptions options;
  options.arguments.push_back(flags.module);
  options.arguments.insert(options.arguments.end(), flags.arguments.begin(), flags.arguments.end());
  options.environment.assign(flags.environment.begin(), flags.environment.end());
  for (const function::Directory& directory : flags.directories) {
    options.preopens.push_back({directory.host, directory.guest, directory.read_only});
  }
  options.standard_input = std::make_unique<wasi::HostInput>(STDIN_FILENO);
  options.standard_output = std::make_unique<wasi::HostOutput>(STDOUT_FILENO);
  options.standard_error = std::make_unique<wasi::HostOutput>(STDERR_FILENO);
  return wasi::World::create(std::move(options));
}

int report_trap(const RunFlags& flags, const runtime::Trap& trap) {
  if (trap.code == contract::TrapCode::kInterrupted) {
    return report(make_error(ErrorKind::kLimit, "{}: stopped after {} ms", flags.module,
                             flags.timeout->count()));
  }
  print_err(fmt::format("error: {}: trap: {}\n{}", flags.module, trap.message(), trap.backtrace()));
  return kExitTrap;
}

Result<int> run(const RunFlags& flags, ModuleSource& modules) {
  auto loaded = TRY(modules.open(flags.module, Use::kOneRun));
  if (loaded.release) loaded.release->make_for_next_start();
  auto world = TRY(make_world(flags));
  auto store = TRY(runtime::Store::create());
  std::unique_ptr<runtime::Watchdog> watchdog;
  std::optional<runtime::Watchdog::Guard> guard;
  if (flags.timeout) {
    watchdog = TRY(runtime::Watchdog::create());
    guard.emplace(watchdog->watch(*store, std::chrono::steady_clock::now() + *flags.timeout));
  }
  auto instantiated = TRY(store->instantiate(loaded.module, *world).context("{}", flags.module));
  if (instantiated.stopped) {
    if (auto* trap = std::get_if<runtime::Trap>(&*instantiated.stopped)) {
      return report_trap(flags, *trap);
    }
    return static_cast<int>(std::get<runtime::Exit>(*instantiated.stopped).code);
  }
  auto start = instantiated.instance->find_function("_start");
  if (!start) {
    return make_error(ErrorKind::kUnsupported,
                      "{}: not a WASI command: no function _start is exported", flags.module)
        .with_hint("link it as a program, with a main function");
  }
  runtime::CallResult result = TRY(store->call(*start, {}).context("{}", flags.module));
  if (auto* trap = std::get_if<runtime::Trap>(&result)) return report_trap(flags, *trap);
  if (auto* exit = std::get_if<runtime::Exit>(&result)) return static_cast<int>(exit->code);
  return kExitOk;
}

}  // namespace

int cmd_run(const RunFlags& flags, ModuleSource& modules) {
  auto code = run(flags, modules);
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
