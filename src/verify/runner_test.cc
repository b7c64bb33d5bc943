#include "verify/runner.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/json.h"
#include "platform/lambda_event.h"
#include "platform/web_action.h"
#include "verify/child.h"
#include "verify/lambda_event.h"
#include "verify/openwhisk_value.h"

namespace wherry::verify {
namespace {

const std::string kTrap = R"({"error":"wasm trap: unreachable","kind":"trap"})";
const std::string kNone = R"({"error":"printed nothing","kind":"no result"})";

Answer told(std::string body) { return {{}, true, std::move(body)}; }
Answer failed(std::string text) { return {{}, false, std::move(text)}; }

TEST(Difference, OfStatusAndBody) {
  EXPECT_EQ(difference({200, "{}"}, {200u, true, "{}"}), "");
  EXPECT_NE(difference({200, "{}"}, {200u, true, "{ }"}), "");
  EXPECT_NE(difference({200, "{}"}, {201u, true, "{}"}), "");
  EXPECT_NE(difference({502, kTrap}, {200u, true, kTrap}), "");
}

TEST(Difference, OfPlatformsWithoutStatus) {
  EXPECT_EQ(difference({200, "{}"}, told("{}")), "");
  EXPECT_NE(difference({200, "{}"}, failed("{}")), "");
  EXPECT_EQ(difference({200, "{\"error\": \"why\"}"}, failed("why")), "");
  EXPECT_EQ(difference({502, kTrap}, failed("wasm trap: unreachable")), "");
  EXPECT_NE(difference({502, kTrap}, failed("wasm trap: something else")), "");
  EXPECT_NE(difference({502, kTrap}, told(kTrap)), "");
  EXPECT_EQ(difference({502, kNone}, failed("The action did not return a dictionary or array.")),
            "");
  EXPECT_NE(difference({502, kTrap}, failed("The action did not return a dictionary or array.")),
            "");
}

TEST(Difference, OfValues) {
  Answer value = told("{\"a\":1}");
  EXPECT_NE(difference({200, "{ \"a\": 1.0 }"}, value), "");
  value.is_value = true;
  EXPECT_EQ(difference({200, "{ \"a\": 1.0 }"}, value), "");
  EXPECT_NE(difference({200, "{ \"a\": 2 }"}, value), "");
}

http::Request binary_request() {
  return {
      "PUT", "/a?b=%20", {{"Content-Type", "image/png"}, {"X-A", "1"}}, std::string("\0\xff", 2)};
}

// The other side of each platform's translation gives the request back.
TEST(Events, SurviveLambda) {
  const auto event = nlohmann::json::parse(lambda_event_of(binary_request()));
  ASSERT_TRUE(platform::is_http_event(event));
  auto request = platform::request_of_lambda_event(event);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->method, "PUT");
  EXPECT_EQ(request->target, "/a?b=%20");
  EXPECT_EQ(*request->find_header("X-A"), "1");
  EXPECT_EQ(request->body, binary_request().body);
  const http::Response response{404, {{"Content-Type", "image/png"}}, std::string("\0\xff", 2)};
  auto answer = answer_of_lambda(platform::lambda_result_of(response, &event));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 404u);
  EXPECT_EQ(answer->body, response.body);
}

TEST(Events, SurviveWebActions) {
  auto value = openwhisk_value_of(binary_request(), true);
  ASSERT_TRUE(value);
  auto request = platform::request_of_parameters(*value);
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->method, "PUT");
  EXPECT_EQ(request->target, "/a?b=%20");
  EXPECT_EQ(request->body, binary_request().body);
  const http::Response response{200, {{"Content-Type", "image/png"}}, std::string("\0\xff", 2)};
  auto answer = answer_of_action(platform::result_of_response(response, true), true);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->body, response.body);
  EXPECT_EQ(answer_of_action("{\"error\":\"why\"}", false)->body, "why");
  EXPECT_EQ(answer_of_action("\"text\"", false)->body, platform::kNoResult);
}

TEST(Events, ThatAreNoParametersAreNotSent) {
  EXPECT_FALSE(openwhisk_value_of({"POST", "/", {}, "no JSON"}, false));
  EXPECT_EQ(openwhisk_value_of({"POST", "/?a=1", {}, "{}"}, false), "{\"a\":\"1\"}");
  EXPECT_FALSE(openwhisk_value_of({"POST", "/", {}, "\xff"}, true));
}

TEST(Child, IsAskedInLines) {
  ChildPlan plan{{"sh", "-c", "while read -r line; do echo \"$HELLO $line\"; done; echo end >&2"}};
  plan.has_pipes = true;
  plan.environment["HELLO"] = "hello";
  auto child = Child::start(plan);
  ASSERT_TRUE(child.ok()) << child.error().message;
  ASSERT_TRUE((*child)->write("a\nb\n").ok());
  EXPECT_EQ((*child)->read_line(std::chrono::seconds(30)).value(), "hello a");
  EXPECT_EQ((*child)->read_line(std::chrono::seconds(30)).value(), "hello b");
  EXPECT_FALSE((*child)->read_line(std::chrono::milliseconds(1)).ok()) << "there is nothing more";
  (*child)->close_input();
  EXPECT_EQ((*child)->read_all(std::chrono::seconds(30)).value(), "");
  EXPECT_EQ((*child)->log(), "end\n");
}

TEST(Child, IsFoundFromAnotherDirectory) {
  auto directory = TemporaryDirectory::create().value();
  const std::string script = directory.path() + "/hello";
  ASSERT_TRUE(write_file_atomically(script, as_bytes("#!/bin/sh\npwd\n"), 0755).ok());
  char here[4096];
  ASSERT_NE(::getcwd(here, sizeof here), nullptr);
  ASSERT_EQ(::chdir(directory.path().c_str()), 0);
  ChildPlan plan{{"./hello"}, "/"};
  plan.has_pipes = true;
  auto child = Child::start(plan);
  ASSERT_EQ(::chdir(here), 0);
  ASSERT_TRUE(child.ok()) << child.error().message;
  EXPECT_EQ((*child)->read_line(std::chrono::seconds(30)).value(), "/");
}

TEST(Child, ThatIsNotInstalledIsToldOf) {
  auto child = Child::start({{"no-such-program-here"}});
  ASSERT_FALSE(child.ok());
  EXPECT_EQ(child.error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace wherry::verify
