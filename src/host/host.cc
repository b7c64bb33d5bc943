#include "host/host.h"

#include "host/metrics_text.h"
#include "platform/http_event.h"
#include "platform/openwhisk.h"

namespace wherry::host {

namespace {

using function::OutcomeKind;

// For a request that is for nobody: its body is read only to be polite.
constexpr uint64_t kUnwantedBodyBytes = 64 * 1024;
// Bodies of functions that speak HTTP: those that are larger than the second are not kept in
// memory.
constexpr uint64_t kMaxBodyBytes = 1ull << 30;
constexpr uint64_t kStreamAboveBytes = 64 * 1024;

http::Response only_get(const http::Request& request, http::Response response) {
  if (request.method == "GET" || request.method == "HEAD") return response;
  http::Response refusal = http::error_response(405, fmt::format("{} takes GET", request.path()));
  refusal.headers.push_back({"Allow", "GET, HEAD"});
  return refusal;
}

http::Response only_post(const http::Request& request,
                         http::Response (*answer)(platform::Service&, const http::Request&),
                         platform::Service& service) {
  if (request.method == "POST") return answer(service, request);
  http::Response refusal = http::error_response(405, fmt::format("{} takes POST", request.path()));
  refusal.headers.push_back({"Allow", "POST"});
  return refusal;
}

http::Response nothing_here(bool one_at_root) {
  return http::error_response(
      404, one_at_root ? "nothing here: / calls the function, POST /init and /run are "
                         "OpenWhisk's, GET /healthz is 200"
                       : "no such function: they are called at /NAME");
}

std::string metrics_text(const Host& host) {
  PrometheusText text;
  write_figures(text, host.figures());
  return text.take();
}

// Whether the failure is the host's or its guest's, not the event's or the client's.
bool is_fault(OutcomeKind kind) {
  return kind != OutcomeKind::kSuccess && kind != OutcomeKind::kBadEvent &&
         kind != OutcomeKind::kClientGone;
}

}  // namespace

http::BodyPolicy Host::body_policy(const http::Request& request) const {
  Target target = find_target(catalog_, options_.one_at_root, request.path());
  switch (target.service) {
    case Service::kOpenWhiskInit: return {platform::kMaxInitBodyBytes};
    case Service::kOpenWhiskRun: return {platform::kMaxRunBodyBytes};
    case Service::kCall: break;
    default: return {kUnwantedBodyBytes};
  }
  const Code& code = target.code;
  if (code && function::speaks_http(code->abi())) return {kMaxBodyBytes, kStreamAboveBytes};
  return {platform::kMaxParametersBytes};
}

void Host::handle(const http::ExchangePtr& exchange) {
  const http::Request& request = exchange->request();
  Target target = find_target(catalog_, options_.one_at_root, request.path());
  switch (target.service) {
    case Service::kHealth:
      return exchange->respond(only_get(request, http::json_response(200, R"({"status":"ok"})")));
    case Service::kMetrics: {
      http::Response response = http::text_response(200, metrics_text(*this));
      response.headers = {{"Content-Type", std::string(kPrometheusContentType)}};
      return exchange->respond(only_get(request, std::move(response)));
    }
    case Service::kCall: return call(std::move(target), exchange);
    // Both may take long, as an activation waits for the one before.
    case Service::kOpenWhiskInit:
      return exchange->post(
          [exchange, function = target.function] {
            exchange->respond(
                only_post(exchange->request(), platform::openwhisk_init, function->service()));
          },
          true);
    case Service::kOpenWhiskRun:
      return exchange->respond(
          only_post(request, platform::openwhisk_run, target.function->service()));
    case Service::kNothing: return exchange->respond(nothing_here(options_.one_at_root));
  }
}

// Fills in the event, with what the target has for it, or refuses the request.
std::optional<http::Response> Host::refusal_of(Target& target, const http::Request& request,
                                               function::Event& event) {
  if (!target.code) return http::error_response(404, "no function is loaded: POST it to /init");
  event.id = ids_.next();
  event.mount = std::move(target.mount);
  event.remote_address = request.client_ip;
  event.signature = std::move(target.export_name);
  if (target.function->service().is_initialised()) {
    event.environment = target.function->service().loaded().environment;
  }
  if (function::speaks_http(target.code->abi())) return {};
  auto parameters = platform::parameters_of(request);
  if (!parameters.ok()) return http::error_response(400, parameters.error().message);
  event.parameters = std::move(*parameters);
  return {};
}

void Host::call(Target target, const http::ExchangePtr& exchange) {
  CallObserver& observer = *this;
  auto call = std::make_shared<Call>(std::move(target), exchange, observer);
  if (auto refusal = refusal_of(call->target(), exchange->request(), call->event())) {
    return exchange->respond(std::move(*refusal));
  }
  call->begin();
}

std::optional<platform::CallFailure> Host::answer(const http::ExchangePtr& exchange,
                                                  std::chrono::steady_clock::time_point deadline) {
  Target target = find_target(catalog_, options_.one_at_root, exchange->request().path());
  if (target.service != Service::kCall) {
    handle(exchange);
    return {};
  }
  function::Event event;
  if (auto refusal = refusal_of(target, exchange->request(), event)) {
    exchange->respond(std::move(*refusal));
    return {};
  }
  event.deadline = deadline;
  target.function->metrics().count_begun();
  const bool speaks_http = function::speaks_http(target.code->abi());
  function::Outcome outcome =
      speaks_http ? target.code->invoke(event, exchange) : target.code->invoke(event);
  const bool is_success = outcome.kind == OutcomeKind::kSuccess;
  std::optional<http::Response> response;
  if (!is_success || !speaks_http) {
    response = platform::response_of(outcome);
    response->headers.push_back({kActivationHeader, event.id});
  }
  count_and_log(*target.function, event.id, exchange->request(), outcome,
                response ? response->status : outcome.status);
  if (!is_success)
    return platform::CallFailure{outcome.kind, outcome.message, std::move(*response)};
  if (response) exchange->respond(std::move(*response));
  return {};
}

function::Outcome Host::invoke(HostedFunction& function, const function::Event& event) {
  function.metrics().count_begun();
  function::Outcome outcome = call_and_wait(*function.code(), event);
  const http::Request request{"POST", "/"};
  count_and_log(function, event.id, request, outcome, platform::status_of(outcome.kind));
  return outcome;
}

void Host::count_and_log(HostedFunction& function, const std::string& activation,
                         const http::Request& request, const function::Outcome& outcome,
                         unsigned status) {
  function.metrics().count_ended(outcome);
  ended({function, activation, request, outcome, status, std::chrono::microseconds(0)});
}

bool Host::is_logged(const HostedFunction& function, LogLevel level) const {
  return level <= function.log_level(options_.log_level);
}

void Host::ended(const Ended& call) {
  const function::Outcome& outcome = call.outcome;
  if (options_.plain_output) platform::write_log(streams_, outcome, "");
  LogLevel level = is_fault(outcome.kind) ? LogLevel::kError : LogLevel::kInfo;
  if (is_logged(call.function, LogLevel::kInfo)) record_output(call);
  if (!is_logged(call.function, level)) return;
  LogEvent event;
  event.level = level;
  event.name = "invocation";
  event.fields = {{"request", call.request.method + " " + std::string(call.request.path())},
                  {"status", std::to_string(call.status)},
                  {"outcome", function::name_of(outcome.kind)},
                  {"duration_us", std::to_string(outcome.duration.count())},
                  {"cpu_us", std::to_string(outcome.cpu.count())},
                  {"memory_bytes", std::to_string(outcome.memory_bytes)},
                  {"start", outcome.is_cold ? "cold" : "warm"}};
  if (call.in_queue.count() != 0)
    event.fields.emplace_back("queued_us", std::to_string(call.in_queue.count()));
  if (const std::string* trace = call.request.find_header("traceparent"))
    event.fields.emplace_back("traceparent", *trace);
  if (!outcome.message.empty()) event.fields.emplace_back("error", outcome.message);
  if (!outcome.backtrace.empty()) event.fields.emplace_back("backtrace", outcome.backtrace);
  record(call, std::move(event));
}

void Host::record_output(const Ended& call) {
  for (const function::LogLine& line : call.outcome.log) {
    LogEvent event;
    event.name = "log";
    event.fields = {{"stream", line.is_stderr ? "stderr" : "stdout"}, {"message", line.text}};
    record(call, std::move(event));
  }
  if (!call.outcome.log_truncated) return;
  LogEvent event;
  event.level = LogLevel::kWarn;
  event.name = "log_truncated";
  record(call, std::move(event));
}

void Host::record(const Ended& call, LogEvent event) {
  event.function = call.function.name();
  event.activation = call.activation;
  if (!options_.plain_output) return log_.log(std::move(event));
  event.realtime_ns = clock_.realtime_ns();
  log_.ring().append(std::move(event));
}

MetricsFigures Host::figures() const {
  MetricsFigures all;
  all.time_ns = clock_.monotonic_ns();
  for (const auto& function : catalog_.all()) {
    all.functions.push_back(function->metrics().figures(function->name()));
  }
  return all;
}

Result<std::unique_ptr<http::Server>> Host::serve(http::ServerOptions options) {
  http::Handlers handlers;
  handlers.handle = [this](const http::ExchangePtr& exchange) { handle(exchange); };
  handlers.body_policy = [this](const http::Request& request) { return body_policy(request); };
  handlers.short_body_bytes = std::min(kUnwantedBodyBytes, kStreamAboveBytes);
  return http::Server::create(std::move(options), std::move(handlers), log_.as_log());
}

}  // namespace wherry::host
