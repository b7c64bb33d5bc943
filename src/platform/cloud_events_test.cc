#include "platform/cloud_events.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "platform/http_event.h"

namespace wherry::platform {
namespace {

using nlohmann::json;

http::Request binary(std::string type, std::string body) {
  http::Request request{"POST", "/", {}, std::move(body)};
  request.headers = {{"Ce-Specversion", "1.0"},
                     {"ce-id", "7"},
                     {"ce-source", "/here"},
                     {"ce-type", "made.up"},
                     {"ce-subject", "Euro%20%E2%82%AC"}};
  if (!type.empty()) request.headers.push_back({"Content-Type", std::move(type)});
  return request;
}

json event(const http::Request& request) {
  auto text = cloud_event_of(request);
  return text.ok() ? json::parse(*text) : json(text.error().message);
}

TEST(CloudEvents, MakesTheSameEventOfBothModes) {
  json expected = {{"specversion", "1.0"}, {"id", "7"},
                   {"source", "/here"},    {"type", "made.up"},
                   {"subject", "Euro €"},  {"datacontenttype", "application/json"},
                   {"data", {{"a", 1}}}};
  EXPECT_EQ(event(binary("application/json", R"({"a": 1})")), expected);
  http::Request structured{"POST",
                           "/",
                           {{"Content-Type", "application/cloudevents+json; charset=utf-8"}},
                           expected.dump()};
  EXPECT_TRUE(is_cloud_event(structured));
  EXPECT_EQ(event(structured), expected);
}

TEST(CloudEvents, CarriesTextAndBytes) {
  EXPECT_EQ(event(binary("text/plain", "❄"))["data"], "❄");
  json bytes = event(binary("application/octet-stream", std::string("\0\xff", 2)));
  EXPECT_EQ(bytes["data_base64"], "AP8=");
  EXPECT_FALSE(bytes.contains("data"));
  EXPECT_EQ(event(binary("text/plain", "\xff"))["data_base64"], "/w==");
  EXPECT_FALSE(event(binary("", "")).contains("data"));
}

TEST(CloudEvents, RefusesWhatIsNoEvent) {
  for (const char* name : {"ce-id", "ce-source", "ce-type"}) {
    http::Request request = binary("", "");
    std::erase_if(request.headers, [&](const http::Header& header) { return header.name == name; });
    EXPECT_EQ(event(request), std::string("the CloudEvent has no ") + (name + 3));
  }
  http::Request old = binary("", "");
  old.headers[0].value = "0.3";
  EXPECT_EQ(event(old), "the CloudEvent's specversion is \"0.3\", not 1.0");
  EXPECT_TRUE(event(binary("application/json", "{")).is_string());
  http::Request list{"POST", "/", {{"Content-Type", "application/cloudevents+json"}}, "[]"};
  EXPECT_EQ(event(list), "the CloudEvent is no JSON object");
}

TEST(CloudEvents, AreParametersOfFunctions) {
  auto parameters = parameters_of(binary("application/json", R"({"a":1})"));
  ASSERT_TRUE(parameters.ok());
  EXPECT_EQ(json::parse(*parameters)["data"]["a"], 1);
  EXPECT_FALSE(is_cloud_event({"POST", "/", {{"Content-Type", "application/json"}}, "{}"}));
}

}  // namespace
}  // namespace wherry::platform
