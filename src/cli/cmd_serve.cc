// wherry serve: the function host, until SIGTERM or SIGINT; a second one does not wait for
// requests.
#include <signal.h>
#include <unistd.h>

#include <ctime>
#include <thread>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/functions.h"
#include "cli/report.h"
#include "host/host.h"

namespace wherry::cli {

namespace {

platform::Action action_of(FunctionPointer function) {
  return [function = std::move(function)](const function::Event& event) {
    return function->invoke(event);
  };
}

// What /init sends becomes a function with the limits of the command line.
class Loader : public platform::ActionLoader {
 public:
  Loader(ModuleSource& modules, runtime::Watchdog& watchdog, const FunctionFlags& flags)
      : modules_(modules), watchdog_(watchdog), flags_(flags) {}

  Result<platform::Action> load(Bytes code, const std::string& name) override {
    auto module = TRY(modules_.load(code, name));
    return action_of(TRY(make_function(std::move(module), watchdog_, flags_, name)));
  }

 private:
  ModuleSource& modules_;
  runtime::Watchdog& watchdog_;
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
    char time_text[32];
    std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::strftime(time_text, sizeof time_text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    print_err(fmt::format("{} {}\n", time_text, line));
  });
}

Result<int> serve(const ServeFlags& flags, ModuleSource& modules, const Settings& settings) {
  const std::string& path = flags.function.function;
  ModulePointer module;
  if (!path.empty()) module = TRY(modules.open(path));  // may compile, and be interrupted
  // Before the first thread, so that none of them takes the signals.
  sigset_t signals = block_stop_signals();
  auto watchdog = TRY(runtime::Watchdog::create());
  platform::Action preset;
  if (module) {
    preset = action_of(
        TRY(make_function(std::move(module), *watchdog, flags.function, function_name(path))
                .context("{}", path)));
  }
  Loader loader(modules, *watchdog, flags.function);
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
