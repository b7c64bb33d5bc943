#include "host/host.h"

#include <gtest/gtest.h>

namespace wherry::host {
namespace {

class NoLoader : public platform::ActionLoader {
 public:
  Result<platform::Action> load(Bytes, const std::string&) override {
    return make_error(ErrorKind::kUnsupported, "no compiler here");
  }
};

class NoStreams : public platform::LogStreams {
 public:
  void write_stdout(std::string_view) override {}
  void write_stderr(std::string_view) override {}
};

class Host : public testing::Test {
 protected:
  http::Response ask(std::string method, std::string target) {
    return answer(service_, {std::move(method), std::move(target), {}, "{}"});
  }
  NoLoader loader_;
  NoStreams streams_;
  platform::Service service_{loader_, streams_, {}, [](const function::Event&) {
                               function::Outcome outcome;
                               outcome.kind = function::OutcomeKind::kSuccess;
                               outcome.result = "{\"done\":true}";
                               return outcome;
                             }};
};

TEST_F(Host, CallsTheFunctionWhateverTheQuery) {
  http::Response response = ask("POST", "/?x=y");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, "{\"done\":true}");
}

TEST_F(Host, AnswersHealthChecks) {
  EXPECT_EQ(ask("GET", "/healthz").status, 200u);
  EXPECT_EQ(ask("HEAD", "/healthz").status, 200u);
  EXPECT_EQ(ask("POST", "/healthz").status, 405u);
}

TEST_F(Host, SaysWhichMethodARouteTakes) {
  http::Response response = ask("GET", "/");
  EXPECT_EQ(response.status, 405u);
  EXPECT_EQ(response.headers.back().name, "Allow");
  EXPECT_EQ(response.headers.back().value, "POST");
  EXPECT_EQ(ask("GET", "/nothing").status, 404u);
}

TEST_F(Host, ServesUntilStopped) {
  auto server = serve({.listen = "127.0.0.1:0", .workers = 1}, service_, Log());
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_TRUE((*server)->address().starts_with("127.0.0.1:"));
  (*server)->stop();
}

}  // namespace
}  // namespace wherry::host
