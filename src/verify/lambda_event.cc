#include "verify/lambda_event.h"

#include "base/base64.h"
#include "base/json.h"

namespace wherry::verify {

using nlohmann::json;

std::string lambda_event_of(const http::Request& request) {
  json headers = json::object();
  for (const http::Header& header : request.headers) {
    std::string name = header.name;
    for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    const bool is_there = headers.contains(name);
    headers[name] = is_there ? headers[name].get<std::string>() + "," + header.value : header.value;
  }
  const std::string path(request.path());
  return write_json({{"version", "2.0"},
                     {"rawPath", path},
                     {"rawQueryString", std::string(request.query())},
                     {"headers", std::move(headers)},
                     {"requestContext",
                      {{"http",
                        {{"method", request.method},
                         {"path", path},
                         {"protocol", "HTTP/1.1"},
                         {"sourceIp", "127.0.0.1"}}}}},
                     {"body", encode_base64(as_bytes(request.body))},
                     {"isBase64Encoded", true}});
}

Result<Answer> answer_of_lambda(const std::string& text) {
  const json object = TRY(parse_json(text));
  const auto bad = [&text] {
    return make_error(ErrorKind::kInvalid, "not an answer of HTTP: {}", quoted_text(text));
  };
  if (!object.is_object() || !object.contains("statusCode") ||
      !object["statusCode"].is_number_unsigned())
    return bad();
  Answer answer{object["statusCode"].get<unsigned>(), true, ""};
  if (!object.contains("body") || !object["body"].is_string()) return bad();
  answer.body = object["body"].get<std::string>();
  if (object.value("isBase64Encoded", false)) {
    ByteVector bytes = TRY(decode_base64(answer.body, SIZE_MAX));
    answer.body = as_text(bytes);
  }
  return answer;
}

}  // namespace wherry::verify
