#include "platform/web_action.h"

#include "base/base64.h"
#include "base/json.h"
#include "http/buffered_exchange.h"
#include "platform/media_type.h"

namespace wherry::platform {

namespace {

using nlohmann::json;

constexpr std::string_view kMethod = "__ow_method", kPath = "__ow_path", kHeaders = "__ow_headers",
                           kQuery = "__ow_query", kBody = "__ow_body";

// Takes a text out of the parameters; empty if it is not there.
Result<std::string> take_text(json& parameters, std::string_view name) {
  auto found = parameters.find(name);
  if (found == parameters.end()) return std::string();
  if (!found->is_string()) return make_error(ErrorKind::kInvalid, "{} is not a string", name);
  std::string text = found->get<std::string>();
  parameters.erase(found);
  return text;
}

Result<std::vector<http::Header>> take_headers(json& parameters) {
  std::vector<http::Header> headers;
  auto found = parameters.find(kHeaders);
  if (found == parameters.end()) return headers;
  if (!found->is_object()) return make_error(ErrorKind::kInvalid, "{} is not an object", kHeaders);
  for (const auto& [name, value] : found->items()) {
    headers.push_back({name, value.is_string() ? value.get<std::string>() : write_json(value)});
  }
  parameters.erase(found);
  return headers;
}

bool is_text(const std::string* content_type) {
  return content_type == nullptr || is_text_type(*content_type);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string query_of(const json& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters.items()) {
    if (!query.empty()) query += '&';
    query += percent_encoded(name) + "=" +
             percent_encoded(value.is_string() ? value.get<std::string>() : write_json(value));
  }
  return query;
}

Result<http::Request> request_of_web_action(json parameters) {
  http::Request request;
  request.method = TRY(take_text(parameters, kMethod));
  for (char& c : request.method) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  std::string path = TRY(take_text(parameters, kPath));
  std::string query = TRY(take_text(parameters, kQuery));
  request.headers = TRY(take_headers(parameters));
  bool has_body = parameters.contains(kBody);
  request.body = TRY(take_text(parameters, kBody));
  if (has_body && !is_text(request.find_header("Content-Type"))) {
    request.body = as_text(TRY(decode_base64(request.body, SIZE_MAX).context("{}", kBody)));
  }
  parameters.erase("__ow_user");
  bool has_more = !parameters.empty();
  if (has_more && query.empty() && (request.method == "GET" || request.method == "HEAD")) {
    query = query_of(parameters);
  } else if (has_more && !has_body) {
    request.body = write_json(parameters);
  }
  request.target = path.starts_with('/') ? path : "/" + path;
  if (!query.empty()) request.target += "?" + query;
  return request;
}

}  // namespace

Result<http::Request> request_of_parameters(const std::string& text) {
  json parameters = TRY(parse_json(text));
  if (parameters.is_object() && parameters.contains(kMethod)) {
    return request_of_web_action(std::move(parameters));
  }
  return http::Request{"POST", "/", {{"Content-Type", "application/json"}}, text};
}

std::string result_of_response(const http::Response& response, bool is_web) {
  const std::string* type = response.find_header("Content-Type");
  bool is_success = response.status >= 200 && response.status < 300;
  if (!is_web && is_success) {
    auto body = parse_json(response.body);
    if (body.ok() && body->is_structured()) return response.body;
  }
  json headers = json::object();
  for (const http::Header& header : response.headers) headers[header.name] = header.value;
  bool as_it_is = is_text(type) && is_utf8(as_bytes(response.body));
  return write_json({{"statusCode", response.status},
                     {"headers", std::move(headers)},
                     {"body", as_it_is ? response.body : encode_base64(as_bytes(response.body))}});
}

function::Outcome call_as_web_action(const function::Function& function,
                                     const function::Event& event) {
  function::Outcome refused;
  refused.kind = function::OutcomeKind::kBadEvent;
  auto request = request_of_parameters(event.parameters);
  if (!request.ok()) {
    refused.message = request.error().message;
    return refused;
  }
  bool is_web = event.parameters.find(kMethod) != std::string::npos;
  auto exchange = std::make_shared<http::BufferedExchange>(std::move(*request),
                                                           function.options().limits.body_bytes);
  function::Outcome outcome = function.invoke(event, exchange);
  if (outcome.kind == function::OutcomeKind::kSuccess) {
    outcome.result = result_of_response(exchange->response(), is_web);
  }
  return outcome;
}

}  // namespace wherry::platform
