#include "platform/cloud_events.h"

#include "base/base64.h"
#include "base/json.h"
#include "platform/media_type.h"

namespace wherry::platform {

namespace {

using nlohmann::json;

constexpr std::string_view kRequired[] = {"specversion", "id", "source", "type"};
constexpr std::string_view kPrefix = "ce-";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool is_structured(const http::Request& request) {
  const std::string* type = request.find_header("Content-Type");
  return type != nullptr && media_type_of(*type) == "application/cloudevents+json";
}

Status check(const json& event) {
  for (std::string_view name : kRequired) {
    auto found = event.find(name);
    if (found == event.end() || !found->is_string() ||
        found->get_ref<const std::string&>().empty()) {
      return make_error(ErrorKind::kInvalid, "the CloudEvent has no {}", name);
    }
  }
  if (event["specversion"] != "1.0") {
    return make_error(ErrorKind::kInvalid, "the CloudEvent's specversion is {}, not 1.0",
                      write_json(event["specversion"]));
  }
  return ok_status();
}

// The data as the JSON format of CloudEvents has it (section 3.1).
Status add_data(json& event, const std::string& body, const std::string* content_type) {
  if (content_type != nullptr) event["datacontenttype"] = *content_type;
  if (body.empty()) return ok_status();
  if (content_type == nullptr || is_json_type(*content_type)) {
    event["data"] = TRY(parse_json(body).context("the CloudEvent's data"));
  } else if (is_text_type(*content_type) && is_utf8(as_bytes(body))) {
    event["data"] = body;
  } else {
    event["data_base64"] = encode_base64(as_bytes(body));
  }
  return ok_status();
}

}  // namespace

bool is_cloud_event(const http::Request& request) {
  return request.find_header("ce-specversion") != nullptr || is_structured(request);
}

Result<std::string> cloud_event_of(const http::Request& request) {
  json event = json::object();
  if (is_structured(request)) {
    event = TRY(parse_json(request.body).context("the CloudEvent"));
    if (!event.is_object())
      return make_error(ErrorKind::kInvalid, "the CloudEvent is no JSON object");
  } else {
    for (const http::Header& header : request.headers) {
      std::string name = lower(header.name);
      if (!name.starts_with(kPrefix)) continue;
      // Values are percent-encoded where they are not plain ASCII (section 3.1.3.2).
      event[name.substr(kPrefix.size())] =
          http::percent_decode(header.value).value_or(header.value);
    }
    TRY(add_data(event, request.body, request.find_header("Content-Type")));
  }
  TRY(check(event));
  return write_json(event);
}

}  // namespace wherry::platform
