#include "verify/openwhisk_value.h"

#include "base/base64.h"
#include "base/json.h"
#include "platform/http_event.h"
#include "platform/media_type.h"

namespace wherry::verify {

using nlohmann::json;

namespace {

bool is_text(const std::string* content_type) {
  return content_type == nullptr || platform::is_text_type(*content_type);
}

std::optional<std::string> web_action_value(const http::Request& request) {
  const bool has_text = is_text(request.find_header("Content-Type"));
  if (has_text && !is_utf8(as_bytes(request.body))) return {};
  json headers = json::object();
  for (const http::Header& header : request.headers) headers[header.name] = header.value;
  std::string method = request.method;
  for (char& c : method) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return write_json(
      {{"__ow_method", method},
       {"__ow_path", std::string(request.path())},
       {"__ow_query", std::string(request.query())},
       {"__ow_headers", std::move(headers)},
       {"__ow_body", has_text ? request.body : encode_base64(as_bytes(request.body))}});
}

}  // namespace

std::optional<std::string> openwhisk_value_of(const http::Request& request, bool speaks_http) {
  if (speaks_http) return web_action_value(request);
  auto parameters = platform::parameters_of(request);
  if (!parameters.ok()) return {};
  return std::move(*parameters);
}

Result<Answer> answer_of_action(const std::string& result, bool speaks_http) {
  const json value = TRY(parse_json(result));
  const bool is_error = value.is_object() && value.size() == 1 && value.contains("error");
  if (is_error) {
    const json& error = value["error"];
    return Answer{{}, false, error.is_string() ? error.get<std::string>() : write_json(error)};
  }
  // As OpenWhisk's proxies say of it.
  if (!value.is_object() && !value.is_array())
    return Answer{{}, false, std::string(platform::kNoResult)};
  if (!speaks_http) return Answer{{}, true, result};
  if (!value.is_object() || !value.contains("statusCode") || !value.contains("body") ||
      !value["body"].is_string() || !value["statusCode"].is_number_unsigned()) {
    return make_error(ErrorKind::kInvalid, "not a web action's result: {}", quoted_text(result));
  }
  Answer answer{value["statusCode"].get<unsigned>(), true, value["body"].get<std::string>()};
  const json headers = value.value("headers", json::object());
  for (const auto& [name, text] : headers.items()) {
    if (!http::equal_ignoring_case(name, "Content-Type") || !text.is_string()) continue;
    if (platform::is_text_type(text.get<std::string>())) continue;
    ByteVector bytes = TRY(decode_base64(answer.body, SIZE_MAX));
    answer.body = as_text(bytes);
  }
  return answer;
}

}  // namespace wherry::verify
