#include "platform/web_action.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace wherry::platform {
namespace {

using nlohmann::json;

http::Request request(const json& parameters) {
  auto request = request_of_parameters(parameters.dump());
  EXPECT_TRUE(request.ok()) << request.error().message;
  return request.ok() ? *request : http::Request{};
}

TEST(WebAction, PostsTheParametersOfAnEventThatIsNone) {
  http::Request plain = request({{"a", 1}});
  EXPECT_EQ(plain.method, "POST");
  EXPECT_EQ(plain.target, "/");
  EXPECT_EQ(plain.body, R"({"a":1})");
  EXPECT_EQ(*plain.find_header("content-type"), "application/json");
}

TEST(WebAction, MakesARequestOfWhatTheGatewaySent) {
  http::Request raw = request({{"__ow_method", "put"},
                               {"__ow_path", "/a/b"},
                               {"__ow_query", "x=1&y"},
                               {"__ow_headers", {{"content-type", "image/png"}, {"accept", "*/*"}}},
                               {"__ow_body", "AP8="}});
  EXPECT_EQ(raw.method, "PUT");
  EXPECT_EQ(raw.target, "/a/b?x=1&y");
  EXPECT_EQ(raw.body, std::string("\0\xff", 2));
  EXPECT_EQ(*raw.find_header("Accept"), "*/*");

  http::Request text = request({{"__ow_method", "post"},
                                {"__ow_headers", {{"content-type", "text/plain"}}},
                                {"__ow_body", "AP8="}});
  EXPECT_EQ(text.body, "AP8=") << "text is not in base64";
  EXPECT_EQ(text.target, "/");
}

TEST(WebAction, PutsOtherParametersWhereTheMethodHasThem) {
  EXPECT_EQ(request({{"__ow_method", "get"}, {"b", "x y"}, {"n", 1}}).target, "/?b=x%20y&n=1");
  EXPECT_EQ(request({{"__ow_method", "post"}, {"b", "x"}}).body, R"({"b":"x"})");
}

TEST(WebAction, RefusesParametersOfTheWrongType) {
  EXPECT_FALSE(request_of_parameters(R"({"__ow_method": 1})").ok());
  EXPECT_FALSE(request_of_parameters(R"({"__ow_method": "get", "__ow_headers": []})").ok());
  EXPECT_FALSE(
      request_of_parameters(
          R"({"__ow_method":"post","__ow_headers":{"content-type":"image/png"},"__ow_body":"?"})")
          .ok());
}

TEST(WebAction, TellsTheAnswerAsGatewaysReadIt) {
  http::Response page{201, {{"Content-Type", "text/html"}}, "<p>❄"};
  json web = json::parse(result_of_response(page, true));
  EXPECT_EQ(
      web,
      json({{"statusCode", 201}, {"headers", {{"Content-Type", "text/html"}}}, {"body", "<p>❄"}}));
  http::Response bytes{200, {{"Content-Type", "image/png"}}, std::string("\0\xff", 2)};
  EXPECT_EQ(json::parse(result_of_response(bytes, true))["body"], "AP8=");
  http::Response object{200, {{"Content-Type", "application/json"}}, R"({"a":1})"};
  EXPECT_EQ(result_of_response(object, false), R"({"a":1})");
  EXPECT_EQ(json::parse(result_of_response(object, true))["statusCode"], 200);
  object.status = 404;
  EXPECT_EQ(json::parse(result_of_response(object, false))["statusCode"], 404);
}

}  // namespace
}  // namespace wherry::platform
