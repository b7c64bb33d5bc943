#include "platform/openwhisk.h"

#include <charconv>
#include <mutex>

#include "base/base64.h"
#include "base/json.h"

namespace wherry::platform {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::string_view kReinit = "Cannot initialize the action more than once.";
constexpr std::string_view kNoCode = "Missing main/no code to execute.";
constexpr std::string_view kNoArguments =
    "The action did not receive a dictionary or array as an argument.";
constexpr std::string_view kNotInitialised = "no action defined yet";

// The member's value, or null.
const json& member(const json& object, const char* name) {
  static const json kNull;
  auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

// As OpenWhisk's controller turns parameters into environment variables.
std::string environment_text(const json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  return write_json(value);
}

bool fits_environment(std::string_view name, std::string_view value) {
  return !name.empty() && name.find_first_of(std::string_view("=\0", 2)) == name.npos &&
         value.find('\0') == value.npos;
}

Status set_variable(Service::Environment& environment, std::string name, const json& value) {
  std::string text = environment_text(value);
  if (!fits_environment(name, text)) {
    return make_error(ErrorKind::kInvalid, "\"{}\" cannot be an environment variable", name);
  }
  environment[std::move(name)] = std::move(text);
  return ok_status();
}

Result<Service::Environment> init_environment(const json& value) {
  Service::Environment environment;
  const json& variables = member(value, "env");
  if (!variables.is_null() && !variables.is_object()) {
    return make_error(ErrorKind::kInvalid, "\"env\" is not an object");
  }
  for (const auto& [name, text] : variables.items()) TRY(set_variable(environment, name, text));
  const json& main = member(value, "main");
  if (main.is_string() && !main.empty()) TRY(set_variable(environment, "__OW_MAIN", main));
  return environment;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

// Every field of /run but `value`, over the host's __OW_API_HOST.
Result<Service::Environment> run_environment(const Service& service, const json& body) {
  Service::Environment environment;
  if (!service.options().api_host.empty()) {
    environment["__OW_API_HOST"] = service.options().api_host;
  }
  for (const auto& [name, value] : body.items()) {
    if (name != "value") TRY(set_variable(environment, "__OW_" + upper(name), value));
  }
  return environment;
}

// The code of /init; an empty Action if there is none.
Result<Action> load_code(Service& service, const json& value) {
  const json& code = member(value, "code");
  if (code.is_null()) return Action();
  if (!code.is_string()) return make_error(ErrorKind::kInvalid, "\"code\" is not a string");
  const auto& text = code.get_ref<const std::string&>();
  if (text.empty()) return Action();
  if (member(value, "binary") != json(true)) {
    return make_error(ErrorKind::kUnsupported,
                      "the code is text; it must be a WebAssembly module, or a zip with one in it, "
                      "sent as base64 with \"binary\": true");
  }
  ByteVector bytes = TRY(decode_base64(text, kMaxCodeBytes).context("\"code\""));
  const json& name = member(value, "name");
  return service.loader().load(bytes, name.is_string() ? name.get<std::string>() : "action");
}

std::string_view end_of_log(const Service& service) {
  return service.options().ends_logs ? kSentinel : "";
}

http::Response failed_init(Service& service, unsigned status, std::string_view message) {
  write_log(service.logs(), {}, end_of_log(service));
  return http::error_response(status, message);
}

// A refusal that no guest was run for. The activation still ends, so the sentinels are due.
http::Response refused_run(Service& service, unsigned status, std::string_view message) {
  write_log(service.logs(), {}, end_of_log(service));
  return http::error_response(status, message);
}

http::Response response_of(function::Outcome outcome) {
  switch (outcome.kind) {
    case function::OutcomeKind::kSuccess:
      return http::json_response(200, std::move(outcome.result));
    case function::OutcomeKind::kNoResult: return http::error_response(502, kNoResult);
    case function::OutcomeKind::kInternal: return http::error_response(500, outcome.message);
    default: return http::error_response(502, outcome.message);
  }
}

}  // namespace

http::Response openwhisk_init(Service& service, const http::Request& request) {
  auto refuse_reinit = [&] {
    std::string line = std::string(kReinit) + "\n";
    service.logs().write_stdout(line);
    service.logs().write_stderr(line);
    return http::error_response(403, kReinit);
  };
  if (service.is_initialised()) return refuse_reinit();

  auto body = parse_json(request.body);
  if (!body.ok()) return failed_init(service, 400, body.error().message);
  if (!body->is_object()) return failed_init(service, 404, "the body of /init is not an object");
  json value = member(*body, "value");
  if (value.is_null()) value = json::object();
  if (!value.is_object()) return failed_init(service, 404, "\"value\" is not an object");

  auto environment = init_environment(value);
  if (!environment.ok()) return failed_init(service, 400, environment.error().message);
  auto action = load_code(service, value);
  if (!action.ok()) {
    const Error& error = action.error();
    service.logs().write_stderr(fmt::format("error: {}\n", error.message));
    if (!error.hint.empty()) service.logs().write_stderr(fmt::format("try: {}\n", error.hint));
    return failed_init(service, 502, "Initialization has failed due to: " + error.message);
  }
  if (!*action && !service.loaded().action) return failed_init(service, 403, kNoCode);
  if (!service.initialise(std::move(*action), std::move(*environment))) return refuse_reinit();
  return http::json_response(200, R"({"ok":true})");
}

namespace {

struct Activation {
  http::Response response;
  bool has_result = true;
};

Activation activate(Service& service, const http::Request& request) {
  Service::Loaded loaded = service.loaded();
  const auto refused = [&service](unsigned status, std::string_view message) {
    return Activation{refused_run(service, status, message)};
  };
  if (!loaded.action) return refused(500, kNotInitialised);
  auto body = parse_json(request.body);
  if (!body.ok()) return refused(400, body.error().message);
  if (!body->is_object()) return refused(404, kNoArguments);
  const json& value = member(*body, "value");
  bool is_absent = !body->contains("value");
  if (!is_absent && !value.is_object() && !value.is_array()) {
    return refused(404, kNoArguments);
  }
  auto context = run_environment(service, *body);
  if (!context.ok()) return refused(400, context.error().message);

  function::Event event;
  if (!is_absent) event.parameters = write_json(value);
  event.environment = std::move(*context);
  event.environment.merge(loaded.environment);  // the activation's own are stronger
  auto deadline = deadline_of(environment_text(member(*body, "deadline")), system_clock::now(),
                              steady_clock::now());
  if (deadline) event.deadline = *deadline;

  std::unique_lock turn(service.single_flight(), std::defer_lock);
  if (!service.options().allow_concurrent) {
    if (!deadline)
      turn.lock();
    else if (!turn.try_lock_until(*deadline)) {
      return refused(502, "the action was busy until the activation's deadline");
    }
  }
  function::Outcome outcome = loaded.action(event);
  // Before the response: the invoker stops reading at the sentinels.
  write_log(service.logs(), outcome, end_of_log(service));
  const bool has_result = outcome.kind != function::OutcomeKind::kNoResult;
  return {response_of(std::move(outcome)), has_result};
}

}  // namespace

http::Response openwhisk_run(Service& service, const http::Request& request) {
  return activate(service, request).response;
}

std::string openwhisk_result_line(Service& service, const http::Request& request) {
  Activation activation = activate(service, request);
  return (activation.has_result ? activation.response.body : write_json(json(kNoResult))) + "\n";
}

std::optional<steady_clock::time_point> deadline_of(std::string_view epoch_ms,
                                                    system_clock::time_point system_now,
                                                    steady_clock::time_point steady_now) {
  int64_t deadline_ms = 0;
  const char* end = epoch_ms.data() + epoch_ms.size();
  auto [stop, error] = std::from_chars(epoch_ms.data(), end, deadline_ms);
  if (error != std::errc() || stop != end) return {};
  auto now_ms = std::chrono::duration_cast<milliseconds>(system_now.time_since_epoch()).count();
  // More than a day ahead is as good as none, and keeps the sum far from overflow.
  constexpr int64_t kDayMs = 24 * 3600 * 1000;
  if (deadline_ms <= now_ms || deadline_ms - now_ms > kDayMs) return {};
  return steady_now + milliseconds(deadline_ms - now_ms);
}

}  // namespace wherry::platform
