// wherry invoke: one call of a function. The result goes to standard output, the log to standard
// error.
#include "base/files.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/functions.h"
#include "cli/report.h"

namespace wherry::cli {

namespace {

constexpr uint64_t kMaxParametersBytes = 64ull << 20;

Result<nlohmann::json> read_parameters(const std::string& flag) {
  if (flag.empty()) return nlohmann::json::object();
  if (flag != "-" && flag[0] != '@') return parse_json(flag).context("--json");
  std::string path = flag == "-" ? flag : flag.substr(1);
  ByteVector bytes = TRY(read_file(path, kMaxParametersBytes).context("--json"));
  return parse_json(as_text(bytes)).context("{}", path == "-" ? "standard input" : path);
}

Result<std::string> parameters_of(const InvokeFlags& flags) {
  nlohmann::json parameters = TRY(read_parameters(flags.json));
  if (!parameters.is_object() && !parameters.is_array()) {
    return make_error(ErrorKind::kInvalid, "--json: neither an object nor an array");
  }
  if (!flags.parameters.empty() && !parameters.is_object()) {
    return make_error(ErrorKind::kInvalid, "--param needs --json to be an object");
  }
  for (const auto& [key, text] : flags.parameters) {
    auto value = parse_json(text);
    parameters[key] = value.ok() ? *value : nlohmann::json(text);
  }
  return write_json(parameters);
}

ErrorKind error_kind_of(function::OutcomeKind kind) {
  switch (kind) {
    case function::OutcomeKind::kTrap: return ErrorKind::kTrap;
    case function::OutcomeKind::kTimeout:
    case function::OutcomeKind::kOutputLimit: return ErrorKind::kLimit;
    case function::OutcomeKind::kInternal: return ErrorKind::kInternal;
    default: return ErrorKind::kGuest;
  }
}

int print(const function::Outcome& outcome) {
  std::string log;
  for (const function::LogLine& line : outcome.log) log += line.text + "\n";
  if (outcome.log_truncated)
    log += "the log was cut here: it is longer than the function's limit\n";
  print_err(log);
  if (outcome.kind == function::OutcomeKind::kSuccess) {
    print_out(outcome.result + "\n");
    return kExitOk;
  }
  int code = report({error_kind_of(outcome.kind), outcome.message, {}});
  print_err(outcome.backtrace);
  return code;
}

Result<int> invoke(const InvokeFlags& flags, ModuleSource& modules) {
  function::Event event;
  event.parameters = TRY(parameters_of(flags));
  const std::string& path = flags.function.function;
  auto loaded = TRY(modules.open(path, Use::kOneRun));
  if (loaded.release) loaded.release->make_for_next_start();
  auto watchdog = TRY(runtime::Watchdog::create());
  auto function =
      TRY(make_function(std::move(loaded.module), *watchdog, flags.function, function_name(path))
              .context("{}", path));
  return print(function->invoke(event));
}

}  // namespace

int cmd_invoke(const InvokeFlags& flags, ModuleSource& modules) {
  auto code = invoke(flags, modules);
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
