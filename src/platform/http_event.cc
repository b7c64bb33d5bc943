#include "platform/http_event.h"

#include "base/json.h"
#include "platform/cloud_events.h"
#include "platform/media_type.h"

namespace wherry::platform {

namespace {

using nlohmann::json;

json object_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json object = json::object();
  for (const auto& [name, value] : pairs) object[name] = value;
  return object;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

// A form, unless it looks like JSON: that is how curl labels everything.
bool is_form(const http::Request& request) {
  const std::string* type = request.find_header("Content-Type");
  if (type == nullptr || media_type_of(*type) != "application/x-www-form-urlencoded") return false;
  size_t first = request.body.find_first_not_of(" \t\r\n");
  return first == std::string::npos || (request.body[first] != '{' && request.body[first] != '[');
}

Result<json> body_of(const http::Request& request) {
  if (is_blank(request.body)) return json::object();
  if (is_form(request)) return object_of(http::query_pairs(request.body));
  json body = TRY(parse_json(request.body));
  if (!body.is_structured()) {
    return make_error(ErrorKind::kInvalid, "the body is neither a JSON object nor an array");
  }
  return body;
}

}  // namespace

Result<std::string> parameters_of(const http::Request& request) {
  if (is_cloud_event(request)) return TRY(cloud_event_of(request));
  std::string_view query = request.query();
  if (query.empty() && is_blank(request.body)) return std::string("{}");
  json body = TRY(body_of(request));
  if (!query.empty() && body.is_object()) {
    json merged = object_of(http::query_pairs(query));
    merged.update(body);
    body = std::move(merged);
  }
  return write_json(body);
}

unsigned status_of(function::OutcomeKind kind) {
  switch (kind) {
    case function::OutcomeKind::kSuccess: return 200;
    case function::OutcomeKind::kBadEvent: return 400;
    case function::OutcomeKind::kTimeout:
    case function::OutcomeKind::kCpuLimit: return 504;
    case function::OutcomeKind::kInternal: return 500;
    default: return 502;
  }
}

http::Response response_of(function::Outcome& outcome) {
  if (outcome.kind == function::OutcomeKind::kSuccess) {
    return http::json_response(200, std::move(outcome.result));
  }
  // The error first: people read it.
  nlohmann::ordered_json error = {{"error", outcome.message},
                                  {"kind", function::name_of(outcome.kind)}};
  return http::json_response(status_of(outcome.kind), write_ordered_json(error));
}

}  // namespace wherry::platform
