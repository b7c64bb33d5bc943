#include "platform/lambda_event.h"

#include <gtest/gtest.h>

namespace wherry::platform {
namespace {

using nlohmann::json;

json version_2() {
  return json::parse(R"({
    "version": "2.0", "rawPath": "/a b/é", "rawQueryString": "x=1&y=%20",
    "cookies": ["a=1", "b=2"], "headers": {"content-type": "text/plain", "accept": "*/*"},
    "requestContext": {"http": {"method": "PUT", "path": "/a", "sourceIp": "192.0.2.7"}},
    "body": "aGk=", "isBase64Encoded": true})");
}

json version_1() {
  return json::parse(R"({
    "httpMethod": "GET", "path": "/p", "headers": {"A": "single"},
    "multiValueHeaders": {"A": ["1", "2"]}, "queryStringParameters": {"q": "last"},
    "multiValueQueryStringParameters": {"q": ["a b", "c&d"]},
    "requestContext": {"identity": {"sourceIp": "192.0.2.8"}}, "body": null})");
}

std::string names_and_values(const std::vector<http::Header>& headers) {
  std::string text;
  for (const auto& header : headers) text += header.name + "=" + header.value + ";";
  return text;
}

TEST(LambdaEvent, OfVersion2IsARequest) {
  ASSERT_TRUE(is_http_event(version_2()));
  auto request = request_of_lambda_event(version_2());
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->method, "PUT");
  EXPECT_EQ(request->target, "/a%20b/%C3%A9?x=1&y=%20");
  EXPECT_EQ(names_and_values(request->headers),
            "accept=*/*;content-type=text/plain;cookie=a=1; b=2;");
  EXPECT_EQ(request->body, "hi");
  EXPECT_EQ(request->client_ip, "192.0.2.7");
}

TEST(LambdaEvent, OfARestApiOrALoadBalancerIsARequest) {
  ASSERT_TRUE(is_http_event(version_1()));
  auto request = request_of_lambda_event(version_1());
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->target, "/p?q=a%20b&q=c%26d");
  EXPECT_EQ(names_and_values(request->headers), "A=1;A=2;");
  EXPECT_EQ(request->client_ip, "192.0.2.8");
  json of_balancer = version_1();
  of_balancer["requestContext"] = {{"elb", {{"targetGroupArn", "arn"}}}};
  of_balancer["multiValueQueryStringParameters"] = {{"q", {"a%20b"}}};
  EXPECT_EQ(request_of_lambda_event(of_balancer)->target, "/p?q=a%20b");
}

TEST(LambdaEvent, OfAnotherKindIsNone) {
  for (const char* text :
       {"{}", "[]", "null", "1", "\"requestContext\"", R"({"requestContext": {"http": {}}})",
        R"({"requestContext": "x", "httpMethod": "GET", "path": "/"})",
        R"({"httpMethod": "GET", "path": "/"})"}) {
    EXPECT_FALSE(is_http_event(json::parse(text))) << text;
  }
}

TEST(LambdaEvent, WhoseBodyIsNotBase64IsRefused) {
  json event = version_2();
  event["body"] = "*";
  EXPECT_FALSE(request_of_lambda_event(event).ok());
}

TEST(LambdaEvent, ResultsHaveTextsAndBytesAndCookies) {
  http::Response text{200, {{"Content-Type", "text/plain"}, {"X", "1"}, {"x", "2"}}, "é"};
  text.headers.push_back({"Set-Cookie", "a=1"});
  text.headers.push_back({"Content-Length", "99"});
  const json event = version_2();
  EXPECT_EQ(lambda_result_of(text, &event),
            R"({"body":"é","cookies":["a=1"],"headers":{"Content-Type":"text/plain","X":"1, 2"},)"
            R"("isBase64Encoded":false,"statusCode":200})");
  http::Response bytes{404, {{"Content-Type", "image/png"}}, "\xff"};
  EXPECT_EQ(lambda_result_of(bytes, nullptr),
            R"({"body":"/w==","headers":{"Content-Type":"image/png"},"isBase64Encoded":true,)"
            R"("statusCode":404})");
  const json old = version_1();
  EXPECT_EQ(json::parse(lambda_result_of(text, &old))["multiValueHeaders"]["Set-Cookie"],
            json::parse(R"(["a=1"])"));
}

}  // namespace
}  // namespace wherry::platform
