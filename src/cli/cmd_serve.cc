// wherry serve: the function host, until SIGTERM or SIGINT; a second one does not wait for
// requests. SIGHUP looks for changed files at once.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "cli/admin_address.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/host_parts.h"
#include "cli/report.h"
#include "host/admin.h"
#include "host/discover.h"
#include "host/host.h"

namespace wherry::cli {

namespace {

constexpr std::chrono::milliseconds kLookPeriod{500};

// Waits for signals on a thread of its own, which no other thread takes then. While functions are
// being loaded, SIGTERM and SIGINT end the program at once: nothing has been accepted yet. Later
// the first of them lets requests finish, and the second does not.
class Signals {
 public:
  // To be made before any other thread.
  Signals() : state_(std::make_shared<State>()) {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // It ends with the process.
    std::thread([state = state_, signals] { run(*state, signals); }).detach();
  }

  // Before the first request is accepted.
  void begin_serving() {
    std::lock_guard lock(state_->mutex);
    state_->is_serving = true;
  }

  // Returns when it is time to stop; calls `reload` on SIGHUP.
  void serve_until_stopped(const std::function<void()>& reload) {
    std::unique_lock lock(state_->mutex);
    for (;;) {
      state_->changed.wait(lock, [this] { return state_->wants_stop || state_->wants_reload; });
      if (state_->wants_stop) return;
      state_->wants_reload = false;
      lock.unlock();
      reload();
      lock.lock();
    }
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_serving = false, wants_stop = false, wants_reload = false;
  };

  static void run(State& state, const sigset_t& signals) {
    for (;;) {
      int signal = 0;
      ::sigwait(&signals, &signal);
      std::lock_guard lock(state.mutex);
      bool stops = signal != SIGHUP;
      if (stops && (state.wants_stop || !state.is_serving)) ::_exit(kExitInterrupted);
      (stops ? state.wants_stop : state.wants_reload) = true;
      state.changed.notify_all();
    }
  }

  std::shared_ptr<State> state_;
};

// Flags are stronger than the manifest's [server].
struct Settled {
  http::ServerOptions server;
  std::string admin;
  std::optional<LogFormat> log_format;  // nothing: plain
  LogLevel log_level = LogLevel::kInfo;
};

template <typename T>
void set_if(T& value, const std::optional<T>& given) {
  if (given) value = *given;
}

Result<Settled> settle(const ServeFlags& flags, const function::ServerSettings& said,
                       bool serves_one) {
  Settled settled;
  http::ServerOptions& server = settled.server;
  set_if(server.listen, said.listen);
  set_if(server.listen, flags.listen);
  set_if(server.loops, said.loops);
  if (flags.workers != 0) server.loops = flags.workers;
  set_if(server.max_threads, said.max_threads);
  set_if(server.max_connections, said.max_connections);
  set_if(server.header_limit_bytes, said.header_limit_bytes);
  set_if(server.header_timeout, said.header_timeout);
  set_if(server.body_timeout, said.body_timeout);
  set_if(server.idle_timeout, said.idle_timeout);
  set_if(server.write_timeout, said.write_timeout);
  set_if(server.drain_timeout, said.drain_timeout);
  set_if(settled.admin, said.admin);
  set_if(settled.admin, flags.admin);
  if (!serves_one) settled.log_format = LogFormat::kText;
  if (said.log_format) settled.log_format = said.log_format;
  if (flags.log_format) settled.log_format = flags.log_format;
  if (flags.plain_log) settled.log_format.reset();
  set_if(settled.log_level, said.log_level);
  if (flags.quiet) settled.log_level = LogLevel::kError;
  if (flags.log_level) settled.log_level = *flags.log_level;
  return settled;
}

// What the flags name: everything to look at again when files change.
struct Given {
  std::vector<std::string> paths;
  function::FunctionManifest defaults;
  function::ServerSettings server;
  bool serves_one = false;  // one function or an action container, at `/`
  bool is_strict = true;    // what was named must be there; what lies in a directory may be broken
};

Result<Given> read_given(const ServeFlags& flags) {
  Given given;
  given.paths = flags.functions;
  given.defaults = manifest_of_flags(flags.options);
  if (!flags.config.empty()) {
    given.server = TRY(function::load_manifest(flags.config)).server;
    given.paths.push_back(flags.config);
  }
  given.is_strict = std::ranges::none_of(given.paths, host::is_plain_directory);
  // One that is named, not one that happens to be alone in a directory.
  given.serves_one =
      given.paths.empty() ||
      (given.is_strict && host::discover(given.paths, given.defaults).sources.size() == 1);
  return given;
}

class Serving {
 public:
  Serving(const ServeFlags& flags, ModuleSource& modules, const Settings& settings,
          OutboundAccess& outbound)
      : flags_(flags), modules_(modules), settings_(settings), outbound_(outbound) {}

  Result<int> run() {
    given_ = TRY(read_given(flags_));
    settled_ = TRY(settle(flags_, given_.server, given_.serves_one));
    Signals signals;
    TRY(create_parts());
    TRY(load_functions());
    signals.begin_serving();
    auto server = TRY(parts_.host().serve(settled_.server));
    auto admin = TRY(serve_operators(server->address()));
    // On standard error: standard output belongs to the functions.
    if (!flags_.quiet) print_err(fmt::format("listening on http://{}\n", server->address()));
    signals.serve_until_stopped([this] { look_for_changes(); });
    server->stop();
    if (admin) {
      admin_->end_streams();
      admin->stop();
    }
    return kExitOk;
  }

 private:
  Status create_parts() {
    HostPartsOptions options;
    options.log_format = settled_.log_format;
    options.log_level = settled_.log_level;
    options.one_at_root = given_.serves_one;
    options.service = {settings_.api_host, settings_.allow_concurrent};
    options.defaults = given_.defaults;
    return parts_.create(modules_, outbound_, std::move(options));
  }

  Status load_functions() {
    if (given_.paths.empty()) {
      parts_.loader().add_empty_container(parts_.host().catalog());
      return ok_status();
    }
    host::ReloaderActions actions;
    actions.find = [this] { return host::discover(given_.paths, given_.defaults); };
    actions.load = [this](const host::Source& source) {
      return parts_.loader().load(source.manifest, parts_.host().catalog());
    };
    actions.remove = [this](const std::string& name) { parts_.host().catalog().remove(name); };
    actions.tell = [this](const std::string& what, const std::string& name, const Error* error) {
      tell(what, name, error);
    };
    reloader_.emplace(std::move(actions));
    size_t served = TRY(reloader_->load_all(given_.is_strict));
    if (served == 0 && !flags_.reload) {
      return make_error(ErrorKind::kNotFound, "no function can be served");
    }
    if (flags_.reload && !reads_standard_input()) TRY(reloader_->watch(kLookPeriod));
    return ok_status();
  }

  void tell(const std::string& what, const std::string& name, const Error* error) {
    if (error == nullptr) return parts_.log().event(what, {{"function", name}});
    parts_.log().event(LogLevel::kError, what,
                       {{"function", name}, {"error", error->message}, {"try", error->hint}});
  }

  bool reads_standard_input() const { return given_.paths == std::vector<std::string>{"-"}; }

  // Without it the server serves all the same, unless it was asked for.
  Result<std::unique_ptr<http::Server>> serve_operators(const std::string& listening) {
    using Nothing = std::unique_ptr<http::Server>;
    if (settled_.admin == "none" || (settled_.admin.empty() && given_.paths.empty()))
      return Nothing();
    auto address = settled_.admin.empty() ? make_admin_address(listening)
                                          : Result<std::string>(settled_.admin);
    admin_.emplace(parts_.host(),
                   host::AdminOptions{WHERRY_VERSION, listening, [this] { look_for_changes(); }});
    auto server = address.ok() ? admin_->serve(*address) : address.error();
    if (server.ok() || !settled_.admin.empty()) return server;
    parts_.log().event("no_admin", {{"why", server.error().message}});
    return Nothing();
  }

  void look_for_changes() {
    if (reloader_) reloader_->look_soon();
  }

  const ServeFlags& flags_;
  ModuleSource& modules_;
  const Settings& settings_;
  OutboundAccess& outbound_;
  Given given_;
  Settled settled_;
  HostParts parts_;
  std::optional<host::Reloader> reloader_;
  std::optional<host::Admin> admin_;
};

}  // namespace

int cmd_serve(const ServeFlags& flags, ModuleSource& modules, const Settings& settings,
              OutboundAccess& outbound) {
  auto code = Serving(flags, modules, settings, outbound).run();
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
