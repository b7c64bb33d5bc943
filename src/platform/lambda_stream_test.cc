#include "platform/lambda_stream.h"

#include <gtest/gtest.h>

#include "http/server.h"

namespace wherry::platform {
namespace {

using std::chrono::milliseconds;

// A Runtime API that takes one answer at a time and keeps its body. Trailers are dropped by our
// server, as HTTP lets it; tests/platform/lambda_test.py looks at them.
class Api {
 public:
  Api() {
    http::Handlers handlers;
    handlers.handle = [this](const http::ExchangePtr& exchange) {
      request_ = exchange->request();
      exchange->respond(http::text_response(status_, ""));
    };
    handlers.body_policy = [](const http::Request&) { return http::BodyPolicy{1 << 20}; };
    http::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.drain_grace = milliseconds(0);
    server_ = http::Server::create(options, handlers, Log()).value();
  }
  ~Api() { server_->stop(); }

  std::string address() const { return server_->address(); }
  http::Request request_;
  unsigned status_ = 202;

 private:
  std::unique_ptr<http::Server> server_;
};

const std::string kPath = "/2018-06-01/runtime/invocation/id/response";
const std::string kZeros(8, '\0');

TEST(LambdaStream, SendsHeadAndBody) {
  Api api;
  const std::string address = api.address();
  LambdaStream stream(address, kPath, {"GET", "/"});
  EXPECT_FALSE(stream.status().ok()) << "there is no answer yet";
  stream.start({201, {{"Content-Type", "text/plain"}, {"Set-Cookie", "a=1"}}, ""}, {});
  EXPECT_EQ(stream.write(as_bytes("hello ")), http::Exchange::State::kReady);
  EXPECT_EQ(stream.write({}), http::Exchange::State::kReady);
  EXPECT_EQ(stream.write(as_bytes("world")), http::Exchange::State::kReady);
  stream.finish();
  ASSERT_TRUE(stream.status().ok()) << stream.status().error().message;
  EXPECT_EQ(api.request_.target, kPath);
  EXPECT_EQ(*api.request_.find_header("Lambda-Runtime-Function-Response-Mode"), "streaming");
  EXPECT_EQ(api.request_.body,
            R"({"cookies":["a=1"],"headers":{"Content-Type":"text/plain"},"statusCode":201})" +
                kZeros + "hello world");
  EXPECT_EQ(stream.write(as_bytes("more")), http::Exchange::State::kBroken);
}

TEST(LambdaStream, OfAWholeAnswer) {
  Api api;
  const std::string address = api.address();
  LambdaStream stream(address, kPath, {"GET", "/"});
  stream.respond({404, {}, "nothing"});
  EXPECT_TRUE(stream.status().ok());
  EXPECT_EQ(api.request_.body, R"({"headers":{},"statusCode":404})" + kZeros + "nothing");
}

TEST(LambdaStream, CutsWhatIsBeyondTheLength) {
  Api api;
  const std::string address = api.address();
  LambdaStream stream(address, kPath, {"GET", "/"});
  stream.start({200, {}, ""}, 3);
  stream.write(as_bytes("abcdef"));
  stream.finish();
  EXPECT_TRUE(stream.status().ok());
  EXPECT_TRUE(api.request_.body.ends_with(kZeros + "abc"));
}

TEST(LambdaStream, SaysWhatTheApiRefused) {
  Api api;
  api.status_ = 413;
  const std::string address = api.address();
  LambdaStream stream(address, kPath, {"GET", "/"});
  stream.respond({200, {}, "x"});
  ASSERT_FALSE(stream.status().ok());
  EXPECT_NE(stream.status().error().message.find("answered 413"), std::string::npos);
}

TEST(LambdaStream, IsBrokenWithoutAnApi) {
  const std::string address = "127.0.0.1:1";
  LambdaStream stream(address, kPath, {"GET", "/"});
  stream.start({200, {}, ""}, {});
  EXPECT_EQ(stream.write(as_bytes("x")), http::Exchange::State::kBroken);
  stream.finish();
  EXPECT_FALSE(stream.status().ok());
}

}  // namespace
}  // namespace wherry::platform
