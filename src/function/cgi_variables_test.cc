#include "function/cgi_variables.h"

#include <gtest/gtest.h>

namespace wherry::function {
namespace {

std::string value_of(const std::vector<std::string>& variables, std::string_view name) {
  for (std::string_view variable : variables) {
    const size_t equals = variable.find('=');
    if (variable.substr(0, equals) == name) return std::string(variable.substr(equals + 1));
  }
  return "(none)";
}

std::vector<std::string> variables_of(std::string target, std::vector<http::Header> headers = {},
                                      std::string mount = {},
                                      std::optional<uint64_t> length = std::nullopt) {
  http::Request request{"GET", std::move(target), std::move(headers), {}};
  Event event;
  event.mount = std::move(mount);
  return cgi_variables(request, event, length);
}

TEST(CgiVariables, DecodeThePathAndNotTheQuery) {
  auto variables = variables_of("/m/a%20b%2Fc%zz%4?x=%20", {}, "/m");
  EXPECT_EQ(value_of(variables, "PATH_INFO"), "/a b/c%zz%4");
  EXPECT_EQ(value_of(variables, "X_RAW_PATH_INFO"), "/a%20b%2Fc%zz%4");
  EXPECT_EQ(value_of(variables, "QUERY_STRING"), "x=%20");
  EXPECT_EQ(value_of(variables, "SCRIPT_NAME"), "/m");
  EXPECT_EQ(value_of(variables_of("/%41"), "PATH_INFO"), "/A");
}

TEST(CgiVariables, HoldNoZeroByte) {
  EXPECT_EQ(value_of(variables_of("/a%00b"), "PATH_INFO"), "(none)");
}

TEST(CgiVariables, SplitHostAndPort) {
  const auto of = [](const char* host, const char* name) {
    return value_of(variables_of("/", {{"Host", host}}), name);
  };
  EXPECT_EQ(of("example.com", "SERVER_NAME"), "example.com");
  EXPECT_EQ(of("example.com", "SERVER_PORT"), "80");
  EXPECT_EQ(of("example.com:81", "SERVER_PORT"), "81");
  EXPECT_EQ(of("[::1]", "SERVER_NAME"), "[::1]");
  EXPECT_EQ(of("[::1]:82", "SERVER_PORT"), "82");
  EXPECT_EQ(value_of(variables_of("/"), "SERVER_NAME"), "localhost");
}

TEST(CgiVariables, SayTheLengthIfThereIsABody) {
  EXPECT_EQ(value_of(variables_of("/", {}, "", 5), "CONTENT_LENGTH"), "5");
  EXPECT_EQ(value_of(variables_of("/", {}, "", 0), "CONTENT_LENGTH"), "(none)");
  EXPECT_EQ(value_of(variables_of("/", {{"Content-Length", "0"}}, "", 0), "CONTENT_LENGTH"), "0");
  EXPECT_EQ(value_of(variables_of("/"), "CONTENT_LENGTH"), "(none)");
}

TEST(CgiArguments, AreThePartsOfTheQuery) {
  using Arguments = std::vector<std::string>;
  EXPECT_EQ(cgi_arguments(""), Arguments{});
  EXPECT_EQ(cgi_arguments("a&b=c&&%64+e"), (Arguments{"a", "b=c", "d+e"}));
  EXPECT_EQ(cgi_arguments("a%00&b"), Arguments{"b"});
}

}  // namespace
}  // namespace wherry::function
