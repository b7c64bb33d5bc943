// wherry invoke: one call of a function. Its answer goes to standard output, its log to standard
// error.
#include "base/files.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/functions.h"
#include "cli/report.h"
#include "http/buffered_exchange.h"

namespace wherry::cli {

namespace {

constexpr uint64_t kMaxInputBytes = 64ull << 20;

// A text, @FILE or - for standard input.
Result<std::string> read_input(const char* flag, const std::string& text) {
  if (text != "-" && !text.starts_with('@')) return text;
  ByteVector bytes =
      TRY(read_file(text == "-" ? text : text.substr(1), kMaxInputBytes).context("{}", flag));
  return std::string(as_text(bytes));
}

Result<nlohmann::json> read_parameters(const std::string& flag) {
  if (flag.empty()) return nlohmann::json::object();
  std::string text = TRY(read_input("--json", flag));
  if (flag == "-") return parse_json(text).context("standard input");
  return parse_json(text).context("{}", flag[0] == '@' ? flag.substr(1) : "--json");
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

// What a function that speaks HTTP is asked: by --body and its like, or with the parameters as
// JSON.
Result<http::Request> request_of(const InvokeFlags& flags) {
  http::Request request;
  for (const auto& [name, value] : flags.headers) request.headers.push_back({name, value});
  bool has_parameters = !flags.json.empty() || !flags.parameters.empty();
  if (has_parameters && !flags.body.empty()) {
    return make_error(ErrorKind::kInvalid, "--body and --json (or --param) exclude each other");
  }
  if (has_parameters) {
    request.body = TRY(parameters_of(flags));
    if (!request.find_header("Content-Type"))
      request.headers.push_back({"Content-Type", "application/json"});
  } else {
    request.body = TRY(read_input("--body", flags.body));
  }
  bool has_body = has_parameters || !flags.body.empty();
  request.method = !flags.method.empty() ? flags.method : has_body ? "POST" : "GET";
  request.target = flags.path.empty() ? "/" : flags.path;
  if (request.target[0] != '/') request.target.insert(0, "/");
  if (has_body) request.headers.push_back({"Content-Length", std::to_string(request.body.size())});
  if (!request.find_header("Host")) request.headers.push_back({"Host", "localhost"});
  return request;
}

ErrorKind error_kind_of(function::OutcomeKind kind) {
  switch (kind) {
    case function::OutcomeKind::kTrap: return ErrorKind::kTrap;
    case function::OutcomeKind::kTimeout:
    case function::OutcomeKind::kCpuLimit:
    case function::OutcomeKind::kOutputLimit: return ErrorKind::kLimit;
    case function::OutcomeKind::kInternal: return ErrorKind::kInternal;
    case function::OutcomeKind::kBadEvent: return ErrorKind::kInvalid;
    default: return ErrorKind::kGuest;
  }
}

void print_log(const function::Outcome& outcome) {
  std::string log;
  for (const function::LogLine& line : outcome.log) log += line.text + "\n";
  if (outcome.log_truncated)
    log += "the log was cut here: it is longer than the function's limit\n";
  print_err(log);
}

int print_failure(const function::Outcome& outcome) {
  int code = report({error_kind_of(outcome.kind), outcome.message, {}});
  print_err(outcome.backtrace);
  return code;
}

int print_response(const http::Response& response, bool include_head) {
  if (include_head) {
    std::string head =
        fmt::format("{} {}\n", response.status, http::reason_phrase(response.status));
    for (const http::Header& header : response.headers)
      head += header.name + ": " + header.value + "\n";
    print_out(head + "\n");
  }
  print_out(response.body);
  return response.status < 400 ? kExitOk : exit_code_of(ErrorKind::kGuest);
}

Result<int> invoke(const InvokeFlags& flags, ModuleSource& modules, OutboundAccess& outbound) {
  auto manifest = TRY(find_function(flags.function, flags.name, manifest_of_flags(flags.options)));
  std::string name = manifest.module;
  // Before a module is compiled for them.
  bool may_speak_http = !flags.method.empty() || !flags.path.empty() || !flags.body.empty();
  std::string parameters = may_speak_http ? "{}" : TRY(parameters_of(flags));
  auto loaded = TRY(modules.open(manifest.module, Use::kOneRun));
  if (loaded.release) loaded.release->make_for_next_start();
  auto watchdog = TRY(runtime::Watchdog::create());
  if (!flags.signature.empty()) manifest.options.signature = flags.signature;
  if (flags.options.abi) manifest.options.abi = flags.options.abi;
  auto function =
      TRY(make_function(std::move(loaded.module), *watchdog, outbound, std::move(manifest))
              .context("{}", name));

  function::Event event;
  if (!function::speaks_http(function->abi())) {
    if (may_speak_http) {
      return make_error(ErrorKind::kInvalid,
                        "{}: --method, --path and --body are for functions that speak HTTP", name)
          .with_hint("--json or --param, or --abi cgi if it is one");
    }
    event.parameters = std::move(parameters);
    function::Outcome outcome = function->invoke(event);
    print_log(outcome);
    if (outcome.kind != function::OutcomeKind::kSuccess) return print_failure(outcome);
    print_out(outcome.result + "\n");
    return kExitOk;
  }
  auto exchange = std::make_shared<http::BufferedExchange>(TRY(request_of(flags)),
                                                           function->options().limits.body_bytes);
  function::Outcome outcome = function->invoke(event, exchange);
  print_log(outcome);
  if (outcome.kind != function::OutcomeKind::kSuccess) return print_failure(outcome);
  return print_response(exchange->response(), flags.include_head);
}

}  // namespace

int cmd_invoke(const InvokeFlags& flags, ModuleSource& modules, OutboundAccess& outbound) {
  auto code = invoke(flags, modules, outbound);
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
