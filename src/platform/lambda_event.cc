#include "platform/lambda_event.h"

#include "base/base64.h"
#include "base/bytes.h"
#include "platform/media_type.h"

namespace wherry::platform {

namespace {

using nlohmann::json;

const json& member(const json& object, const char* name) {
  static const json kNull;
  if (!object.is_object()) return kNull;
  auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

// A text, as it is; others as JSON has them; nothing of null.
std::string text_of(const json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : write_json(value);
}

bool is_version_2(const json& event) {
  return member(member(member(event, "requestContext"), "http"), "method").is_string();
}

template <typename IsPlain>
std::string percent_encoded(std::string_view text, IsPlain is_plain) {
  std::string out;
  for (char c : text) {
    if (is_plain(c))
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// As it stands in a target, which has been encoded by someone already.
std::string target_text(std::string_view text) {
  return percent_encoded(text, [](char c) { return c > ' ' && c != 0x7f && c != '#'; });
}

// As JavaScript's encodeURIComponent.
std::string component_text(std::string_view text) {
  return percent_encoded(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.!~*'()").find(c) != std::string_view::npos;
  });
}

// The members of an object; those of `many` each with all their values.
template <typename Use>
void for_each_value(const json& many, const json& single, const Use& use) {
  if (!many.is_object()) {
    for (const auto& [name, value] : single.items()) use(name, text_of(value));
    return;
  }
  for (const auto& [name, values] : many.items()) {
    for (const auto& value : values) use(name, text_of(value));
  }
}

std::vector<http::Header> headers_of(const json& event) {
  std::vector<http::Header> headers;
  for_each_value(member(event, "multiValueHeaders"), member(event, "headers"),
                 [&](const std::string& name, std::string value) {
                   headers.push_back({name, std::move(value)});
                 });
  std::string cookies;
  for (const auto& cookie : member(event, "cookies")) {
    cookies += (cookies.empty() ? "" : "; ") + text_of(cookie);
  }
  if (!cookies.empty()) headers.push_back({"cookie", std::move(cookies)});
  return headers;
}

// REST APIs tell names and values decoded, load balancers as they were sent.
std::string query_of(const json& event) {
  if (is_version_2(event)) return target_text(text_of(member(event, "rawQueryString")));
  const bool is_encoded = !member(member(event, "requestContext"), "elb").is_null();
  const auto encode = is_encoded ? target_text : component_text;
  std::string query;
  for_each_value(member(event, "multiValueQueryStringParameters"),
                 member(event, "queryStringParameters"),
                 [&](const std::string& name, const std::string& value) {
                   query += (query.empty() ? "" : "&") + encode(name) + "=" + encode(value);
                 });
  return query;
}

Result<std::string> body_of(const json& event) {
  std::string text = text_of(member(event, "body"));
  if (member(event, "isBase64Encoded") != json(true)) return text;
  return std::string(as_text(TRY(decode_base64(text, SIZE_MAX).context("the event's body"))));
}

bool is_of_connection(std::string_view name) {
  for (const char* one :
       {"upgrade", "connection", "keep-alive", "content-length", "transfer-encoding"}) {
    if (http::equal_ignoring_case(name, one)) return true;
  }
  return false;
}

// Headers of one name are joined; cookies cannot be.
void add_header(json& headers, json& cookies, const http::Header& header) {
  if (is_of_connection(header.name)) return;
  if (http::equal_ignoring_case(header.name, "set-cookie")) {
    cookies.push_back(header.value);
    return;
  }
  for (auto& [name, value] : headers.items()) {
    if (!http::equal_ignoring_case(name, header.name)) continue;
    value = value.get<std::string>() + ", " + header.value;
    return;
  }
  headers[header.name] = header.value;
}

}  // namespace

bool is_http_event(const json& event) {
  if (!member(event, "requestContext").is_object()) return false;
  return is_version_2(event) ||
         (member(event, "httpMethod").is_string() && member(event, "path").is_string());
}

Result<http::Request> request_of_lambda_event(const json& event) {
  const json& context = member(event, "requestContext");
  const bool is_new = is_version_2(event);
  http::Request request;
  request.method =
      text_of(is_new ? member(member(context, "http"), "method") : member(event, "httpMethod"));
  std::string path = text_of(member(event, is_new ? "rawPath" : "path"));
  request.target = target_text(path.empty() ? "/" : path);
  if (std::string query = query_of(event); !query.empty()) request.target.append("?").append(query);
  request.headers = headers_of(event);
  request.body = TRY(body_of(event));
  const json& address = member(member(context, is_new ? "http" : "identity"), "sourceIp");
  request.client_ip = text_of(address);
  return request;
}

std::string lambda_result_of(const http::Response& response, const json* event) {
  json headers = json::object(), cookies = json::array();
  for (const http::Header& header : response.headers) add_header(headers, cookies, header);
  const std::string* type = response.find_header("Content-Type");
  const bool is_text = (type == nullptr || is_text_type(*type)) && is_utf8(as_bytes(response.body));
  const bool is_old = event != nullptr && !is_version_2(*event);
  json result = {{"statusCode", response.status},
                 {"isBase64Encoded", !is_text},
                 {"body", is_text ? response.body : encode_base64(as_bytes(response.body))}};
  if (!cookies.empty() && !is_old) result["cookies"] = cookies;
  if (is_old && (!cookies.empty() || member(*event, "multiValueHeaders").is_object())) {
    json& many = result["multiValueHeaders"] = json::object();
    for (const auto& [name, value] : headers.items()) many[name] = json::array({value});
    if (!cookies.empty()) many["Set-Cookie"] = cookies;
  }
  result["headers"] = std::move(headers);
  return write_json(result);
}

std::string lambda_stream_head(const http::Response& head) {
  json headers = json::object(), cookies = json::array();
  for (const http::Header& header : head.headers) add_header(headers, cookies, header);
  json result = {{"statusCode", head.status}, {"headers", std::move(headers)}};
  if (!cookies.empty()) result["cookies"] = std::move(cookies);
  return write_json(result);
}

std::string lambda_error(std::string_view type, std::string_view message) {
  return write_ordered_json(nlohmann::ordered_json{
      {"errorMessage", message}, {"errorType", type}, {"stackTrace", json::array()}});
}

}  // namespace wherry::platform
