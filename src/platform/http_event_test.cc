#include "platform/http_event.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace wherry::platform {
namespace {

http::Request request(std::string target, std::string type, std::string body) {
  http::Request request{"POST", std::move(target), {}, std::move(body)};
  if (!type.empty()) request.headers.push_back({"content-type", std::move(type)});
  return request;
}

std::string parameters(const http::Request& request) {
  auto text = parameters_of(request);
  return text.ok() ? *text : "error: " + text.error().message;
}

TEST(HttpEvent, MakesParametersOfTheBody) {
  EXPECT_EQ(parameters(request("/", "application/json", R"( {"a": [1, 2]} )")), R"({"a":[1,2]})");
  EXPECT_EQ(parameters(request("/", "", "[1]")), "[1]");
  EXPECT_EQ(parameters(request("/", "text/plain", R"({"a":"❄"})")), R"({"a":"❄"})");
}

TEST(HttpEvent, MakesNothingAnEmptyObject) {
  EXPECT_EQ(parameters(request("/", "", "")), "{}");
  EXPECT_EQ(parameters(request("/?", "application/json", " \r\n")), "{}");
}

TEST(HttpEvent, PutsTheQueryBelowTheBody) {
  EXPECT_EQ(parameters(request("/f?a=1&b=x+%E2%9D%84", "", "")), R"({"a":"1","b":"x ❄"})");
  EXPECT_EQ(parameters(request("/f?a=1&b=2", "", R"({"b":3})")), R"({"a":"1","b":3})");
  EXPECT_EQ(parameters(request("/f?a=1", "", "[2]")), "[2]") << "an array has no names";
}

TEST(HttpEvent, ReadsFormsAndWhatCurlCallsForms) {
  const std::string form = "application/x-www-form-urlencoded";
  EXPECT_EQ(parameters(request("/", form, "a=1&b=two+words")), R"({"a":"1","b":"two words"})");
  EXPECT_EQ(parameters(request("/", form + "; charset=utf-8", "a=1")), R"({"a":"1"})");
  EXPECT_EQ(parameters(request("/", form, R"({"a": 1})")), R"({"a":1})");
}

TEST(HttpEvent, RefusesBodiesThatAreNoParameters) {
  for (const char* body : {"{", "7", "\"text\"", "n=7", "{\"a\":\"\xff\"}"}) {
    EXPECT_EQ(parameters(request("/", "application/json", body)).substr(0, 6), "error:") << body;
  }
}

TEST(HttpEvent, AnswersWithTheResultOrWithWhatWentWrong) {
  function::Outcome outcome;
  outcome.kind = function::OutcomeKind::kSuccess;
  outcome.result = R"({"a":1})";
  http::Response good = response_of(outcome);
  EXPECT_EQ(good.status, 200u);
  EXPECT_EQ(good.body, R"({"a":1})");

  using function::OutcomeKind;
  const std::pair<OutcomeKind, unsigned> kStatuses[] = {
      {OutcomeKind::kExit, 502},     {OutcomeKind::kTrap, 502},
      {OutcomeKind::kTimeout, 504},  {OutcomeKind::kCpuLimit, 504},
      {OutcomeKind::kNoResult, 502}, {OutcomeKind::kOutputLimit, 502},
      {OutcomeKind::kBadEvent, 400}, {OutcomeKind::kInternal, 500},
  };
  for (auto [kind, status] : kStatuses) {
    outcome.kind = kind;
    outcome.message = "why";
    http::Response bad = response_of(outcome);
    EXPECT_EQ(bad.status, status);
    auto body = parse_json(bad.body);
    ASSERT_TRUE(body.ok());
    EXPECT_EQ((*body)["error"], "why");
    EXPECT_EQ((*body)["kind"], function::name_of(kind));
    EXPECT_EQ(bad.body.find("{\"error\":"), 0u) << "people read it";
  }
}

}  // namespace
}  // namespace wherry::platform
