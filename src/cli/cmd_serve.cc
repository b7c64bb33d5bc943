// wherry serve: the function host, until SIGTERM or SIGINT; a second one does not wait for
// requests.
#include <signal.h>
#include <unistd.h>

#include <ctime>
#include <thread>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/functions.h"
#include "cli/report.h"
#include "cli/upgrades.h"
#include "host/host.h"

namespace wherry::cli {

namespace {

// Makes functions with the limits of the command line: of the module that was given there, and of
// what /init sends. Those that start on dev code go over to release code by themselves.
class Loader : public platform::ActionLoader {
 public:
  Loader(ModuleSource& modules, runtime::Watchdog& watchdog, Upgrades& upgrades,
         const FunctionFlags& flags)
      : modules_(modules), watchdog_(watchdog), upgrades_(upgrades), flags_(flags) {}

  Result<platform::Action> load(Bytes code, const std::string& name) override {
    return action_of(TRY(modules_.load(code, name, Use::kServer)), name);
  }

  Result<platform::Action> action_of(LoadedModule loaded, const std::string& name) {
    // May be called when this loader is gone already, but not its parts.
    auto make = [&watchdog = watchdog_, &flags = flags_, name](ModulePointer module) {
      return make_function(std::move(module), watchdog, flags, name);
    };
    auto current = std::make_shared<CurrentFunction>(TRY(make(std::move(loaded.module))));
    if (loaded.release) upgrades_.add(std::move(loaded.release), name, current, make);
    return platform::Action(
        [current](const function::Event& event) { return current->get()->invoke(event); });
  }

 private:
  ModuleSource& modules_;
  runtime::Watchdog& watchdog_;
  Upgrades& upgrades_;
  const FunctionFlags& flags_;
};

// Blocks both signals for this thread and those it will start; they are waited for instead.
sigset_t block_stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void wait_for(const sigset_t& signals) {
  int signal = 0;
  ::sigwait(&signals, &signal);
}

Log log_to_stderr() {
  return Log([](std::string_view line) {
    print_err(fmt::format("{} {}\n", utc_text(std::time(nullptr)), line));
  });
}

Result<int> serve(const ServeFlags& flags, ModuleSource& modules, const Settings& settings) {
  const std::string& path = flags.function.function;
  LoadedModule loaded;
  // May compile, and be interrupted.
  if (!path.empty()) loaded = TRY(modules.open(path, Use::kServer));
  // Before the first thread, so that none of them takes the signals.
  sigset_t signals = block_stop_signals();
  auto watchdog = TRY(runtime::Watchdog::create());
  auto upgrades = TRY(Upgrades::create(flags.quiet ? Log() : log_to_stderr()));
  Loader loader(modules, *watchdog, *upgrades, flags.function);
  platform::Action preset;
  if (loaded.module) {
    preset = TRY(loader.action_of(std::move(loaded), function_name(path)).context("{}", path));
  }
  platform::DescriptorLogStreams streams(STDOUT_FILENO, STDERR_FILENO);
  platform::Service service(loader, streams, {settings.api_host, settings.allow_concurrent},
                            std::move(preset));
  http::ServerOptions options;
  options.listen = flags.listen;
  options.workers = flags.workers;
  auto server = TRY(host::serve(options, service, log_to_stderr()));
  // On standard error: standard output belongs to the functions.
  if (!flags.quiet) print_err(fmt::format("listening on http://{}\n", server->address()));

  wait_for(signals);
  std::thread([signals] {
    wait_for(signals);
    ::_exit(kExitInterrupted);
  }).detach();
  server->stop();
  return kExitOk;
}

}  // namespace

int cmd_serve(const ServeFlags& flags, ModuleSource& modules, const Settings& settings) {
  auto code = serve(flags, modules, settings);
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
