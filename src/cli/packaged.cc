#include "cli/packaged.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdlib>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/host_parts.h"
#include "cli/report.h"
#include "pack/package.h"
#include "platform/action_loop.h"
#include "platform/lambda.h"

namespace wherry::cli {

namespace {

constexpr int kResults = 3;  // ActionLoop's descriptor
// For function URLs whose invoke mode is RESPONSE_STREAM: a function cannot see that it is.
constexpr char kStreamsVariable[] = "WHERRY_LAMBDA_STREAMS";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_result_pipe(int fd) {
  struct stat info;
  return ::fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

bool is_verb(std::string_view text) {
  constexpr std::string_view kVerbs[] = {"run", "invoke", "serve", "--help", "-h", "--version"};
  return std::ranges::find(kVerbs, text) != std::end(kVerbs);
}

class PackagedProgram {
 public:
  PackagedProgram(const Packaged& package, std::span<char* const> arguments, ModuleSource& modules,
                  OutboundAccess& outbound)
      : package_(package), arguments_(arguments), modules_(modules), outbound_(outbound) {}

  Result<int> run(Place place) {
    settings_ = TRY(read_settings());
    switch (place) {
      case Place::kLambda: return lambda();
      case Place::kAzure: return serve("127.0.0.1:" + variable("FUNCTIONS_CUSTOMHANDLER_PORT"));
      case Place::kSocket: return serve("fd:3");
      case Place::kCommandLine: return command_line();
      case Place::kActionLoop: return action_loop();
      case Place::kOneActivation: return one_activation();
      case Place::kPort: return serve("0.0.0.0:" + variable("PORT"));
      case Place::kImage: return serve("0.0.0.0:8080");
      case Place::kNowhere: break;
    }
    return make_error(ErrorKind::kInvalid, "this package is for {}, and this does not look like it",
                      package_.target)
        .with_hint(fmt::format("{} invoke --json '{{}}' calls the function, {} serve serves it",
                               arguments_[0], arguments_[0]));
  }

 private:
  std::string manifest_path() const { return package_.directory + "/" + pack::kPackagedManifest; }

  int serve(std::string listen) {
    ServeFlags flags;
    flags.functions = {manifest_path()};
    flags.listen = std::move(listen);
    flags.admin = "none";
    flags.reload = false;
    // OpenWhisk's log is what functions print; it knows of activations by itself.
    flags.quiet = package_.target == "openwhisk";
    if (!flags.quiet) flags.log_format = LogFormat::kJson;
    return cmd_serve(flags, modules_, settings_, outbound_);
  }

  // As if the function had been named behind the verb.
  Result<int> command_line() {
    std::vector<std::string> texts(arguments_.begin() + 1, arguments_.end());
    const bool runs_module = texts[0] == "run";
    if (!texts[0].starts_with('-')) {
      texts.insert(texts.begin() + 1, runs_module ? package_.directory + "/" + pack::kPackagedModule
                                                  : manifest_path());
    }
    std::vector<const char*> pointers;
    for (const std::string& text : texts) pointers.push_back(text.c_str());
    CommandLine line = TRY(parse_command_line(Program::kWherryHost, pointers));
    if (auto* text = std::get_if<Text>(&line)) return print_out(text->text), kExitOk;
    if (auto* flags = std::get_if<RunFlags>(&line)) return cmd_run(*flags, modules_);
    if (auto* flags = std::get_if<InvokeFlags>(&line)) {
      return cmd_invoke(*flags, modules_, outbound_);
    }
    auto* flags = std::get_if<ServeFlags>(&line);
    return flags ? cmd_serve(*flags, modules_, settings_, outbound_) : kExitBug;
  }

  // The package's function, in a host of its own.
  Result<std::shared_ptr<host::HostedFunction>> load(bool ends_logs,
                                                     std::optional<LogFormat> log_format) {
    auto manifest = TRY(function::load_manifest(manifest_path()));
    HostPartsOptions options;
    options.log_format = log_format;
    options.one_at_root = true;
    options.service = {settings_.api_host, settings_.allow_concurrent, ends_logs};
    TRY(parts_.create(modules_, outbound_, std::move(options)));
    TRY(parts_.loader().load(manifest.functions[0], parts_.host().catalog()));
    return parts_.host().catalog().only();
  }

  Result<int> lambda() {
    const std::string api = variable("AWS_LAMBDA_RUNTIME_API");
    const bool is_json = variable("AWS_LAMBDA_LOG_FORMAT") == "JSON";
    auto loaded = load(true, is_json ? std::optional(LogFormat::kJson) : std::nullopt);
    if (!loaded.ok()) {
      (void)platform::tell_lambda_init_error(api, loaded.error()).ok();
      return loaded.error();
    }
    const std::shared_ptr<host::HostedFunction> hosted = *loaded;
    platform::LambdaFunction function;
    function.speaks_http = function::speaks_http(hosted->code()->abi());
    function.streams = !variable(kStreamsVariable).empty();
    function.answer = [this](const http::ExchangePtr& exchange,
                             platform::LambdaFunction::Deadline deadline) {
      return parts_.host().answer(exchange, deadline);
    };
    function.invoke = [this, hosted](const function::Event& event) {
      return parts_.host().invoke(*hosted, event);
    };
    return platform::run_lambda_loops(api, function, TRY(lambda_loops()));
  }

  static Result<unsigned> lambda_loops() {
    const std::string text = variable("AWS_LAMBDA_MAX_CONCURRENCY");
    if (text.empty()) return 1u;
    unsigned loops = 0;
    const char* end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, loops);
    if (error == std::errc() && stop == end && loops >= 1 && loops <= 1024) return loops;
    return make_error(ErrorKind::kInvalid, "AWS_LAMBDA_MAX_CONCURRENCY={}: not a number from 1 on",
                      text);
  }

  // The function, with the variables of the action. If the proxy's own cannot be told from them, it
  // gets none.
  Result<std::shared_ptr<host::HostedFunction>> load_action() {
    auto function = TRY(load(false, {}));
    auto proxys = read_file(fmt::format("/proc/{}/environ", ::getppid()), 16 << 20);
    if (!proxys.ok()) return function;
    auto variables = platform::variables_of_action(environ, as_text(*proxys));
    function->service().initialise({}, std::move(variables));
    return function;
  }

  Result<int> action_loop() {
    auto function = TRY(load_action());
    const bool acknowledges = !variable("__OW_WAIT_FOR_ACK").empty();
    TRY(platform::run_action_loop(function->service(), 0, kResults, acknowledges));
    return kExitOk;
  }

  Result<int> one_activation() {
    auto function = TRY(load_action());
    std::string parameters;
    if (arguments_.size() > 1) {
      parameters = arguments_[1];
    } else {
      ByteVector bytes = TRY(read_file("-", 64 << 20));
      parameters = as_text(bytes);
    }
    print_out(platform::run_one_activation(function->service(), parameters, environ));
    return kExitOk;
  }

  const Packaged& package_;
  const std::span<char* const> arguments_;
  ModuleSource& modules_;
  OutboundAccess& outbound_;
  Settings settings_;
  HostParts parts_;
};

}  // namespace

Result<std::optional<Packaged>> find_package() {
  using Nothing = std::optional<Packaged>;
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  const std::string_view self(path, length > 0 ? static_cast<size_t>(length) : 0);
  const size_t slash = self.rfind('/');
  if (slash == self.npos) return Nothing();
  std::string directory(self.substr(0, slash));
  auto list = TRY(pack::open_package(directory));
  if (!list) return Nothing();
  return Nothing({std::move(directory), std::move(list->target)});
}

Place place_of(const Packaged& package, const Surroundings& here) {
  const auto has = [&here](const char* name) { return !here.variable(name).empty(); };
  const bool is_exec = here.program.substr(here.program.rfind('/') + 1) == "exec";
  if (has("AWS_LAMBDA_RUNTIME_API")) return Place::kLambda;
  if (has("FUNCTIONS_CUSTOMHANDLER_PORT")) return Place::kAzure;
  if (has("LISTEN_FDS") && here.variable("LISTEN_PID") == std::to_string(here.process_id)) {
    return Place::kSocket;
  }
  if (!here.arguments.empty() && is_verb(here.arguments[0])) return Place::kCommandLine;
  if (has("__OW_WAIT_FOR_ACK")) return Place::kActionLoop;
  if (is_exec) {
    const bool loops = here.arguments.empty() && here.has_result_pipe;
    return loops ? Place::kActionLoop : Place::kOneActivation;
  }
  if (has("PORT")) return Place::kPort;
  for (const char* target : {"openwhisk", "knative", "kubernetes"}) {
    if (package.target == target) return Place::kImage;
  }
  return Place::kNowhere;
}

int packaged_program(const Packaged& package, int argc, char** argv, ModuleSource& modules,
                     OutboundAccess& outbound) {
  const std::span<char* const> arguments(argv, static_cast<size_t>(argc));
  Surroundings here;
  here.variable = variable;
  here.program = arguments.empty() ? "" : arguments[0];
  here.arguments = {argv + 1, static_cast<size_t>(argc > 0 ? argc - 1 : 0)};
  here.has_result_pipe = is_result_pipe(kResults);
  here.process_id = ::getpid();
  auto code = PackagedProgram(package, arguments, modules, outbound).run(place_of(package, here));
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
