#include "platform/plain.h"

#include "base/json.h"

namespace wherry::platform {

namespace {

unsigned status_of(function::OutcomeKind kind) {
  switch (kind) {
    case function::OutcomeKind::kSuccess: return 200;
    case function::OutcomeKind::kTimeout: return 504;
    case function::OutcomeKind::kInternal: return 500;
    default: return 502;
  }
}

}  // namespace

http::Response plain_invoke(Service& service, const http::Request& request) {
  Service::Loaded loaded = service.loaded();
  if (!loaded.action) return http::error_response(404, "no function is loaded: POST it to /init");
  function::Event event;
  event.environment = std::move(loaded.environment);
  if (!request.body.empty()) {
    auto parameters = parse_json(request.body);
    if (!parameters.ok()) return http::error_response(400, parameters.error().message);
    if (!parameters->is_object() && !parameters->is_array()) {
      return http::error_response(400, "the body is neither a JSON object nor an array");
    }
    event.parameters = write_json(*parameters);
  }
  function::Outcome outcome = loaded.action(event);
  write_log(service.logs(), outcome, "");
  if (outcome.kind == function::OutcomeKind::kSuccess) {
    return http::json_response(200, std::move(outcome.result));
  }
  return http::json_response(
      status_of(outcome.kind),
      write_json({{"error", outcome.message}, {"kind", function::name_of(outcome.kind)}}));
}

}  // namespace wherry::platform
