#include "platform/action_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "base/files.h"
#include "base/json.h"
#include "platform/openwhisk.h"

namespace wherry::platform {
namespace {

class NoLoader : public ActionLoader {
 public:
  Result<Action> load(Bytes, const std::string&) override {
    return make_error(ErrorKind::kInternal, "nothing is loaded here");
  }
};

class CollectedLogs : public LogStreams {
 public:
  void write_stdout(std::string_view text) override { out += text; }
  void write_stderr(std::string_view text) override { err += text; }
  std::string out, err;
};

// Gives back its parameters and what it was told of the activation; of an empty array, nothing.
function::Outcome echo(const function::Event& event) {
  function::Outcome outcome;
  if (event.parameters == "[]") {
    outcome.kind = function::OutcomeKind::kNoResult;
    return outcome;
  }
  outcome.kind = function::OutcomeKind::kSuccess;
  nlohmann::json result = {{"parameters", nlohmann::json::parse(event.parameters)},
                           {"environment", event.environment}};
  outcome.result = write_json(result);
  outcome.log = {{false, "a line"}};
  return outcome;
}

class ActionLoop : public ::testing::Test {
 protected:
  // What the loop writes for these lines.
  std::string answers(const std::string& lines, bool acknowledges) {
    int in[2], out[2];
    EXPECT_EQ(::pipe(in), 0);
    EXPECT_EQ(::pipe(out), 0);
    FileDescriptor read_in(in[0]), read_out(out[0]);
    std::thread writer([&] {
      FileDescriptor end(in[1]);
      EXPECT_TRUE(write_all(in[1], as_bytes(lines), "lines").ok());
    });
    std::thread loop([&] {
      FileDescriptor end(out[1]);
      EXPECT_TRUE(run_action_loop(service_, in[0], out[1], acknowledges).ok());
    });
    ByteVector all = read_descriptor(out[0], "answers", 64 << 20).value();
    writer.join();
    loop.join();
    return std::string(as_text(all));
  }

  NoLoader loader_;
  CollectedLogs logs_;
  Service service_{loader_, logs_, {"", false, false}, echo};
};

TEST_F(ActionLoop, AnswersALineWithALine) {
  EXPECT_EQ(answers("{\"value\":{\"a\":\"é\"},\"activation_id\":\"x\"}\n{\"value\":[1]}\n", true),
            "{\"ok\":true}\n"
            "{\"environment\":{\"__OW_ACTIVATION_ID\":\"x\"},\"parameters\":{\"a\":\"é\"}}\n"
            "{\"environment\":{},\"parameters\":[1]}\n");
  EXPECT_EQ(logs_.out, "a line\na line\n") << "the sentinels are the proxy's";
}

TEST_F(ActionLoop, GoesOnAfterABadLine) {
  const std::string got = answers("not JSON\n{\"value\":1}\n{\"value\":{}}\n", false);
  EXPECT_EQ(std::count(got.begin(), got.end(), '\n'), 3);
  EXPECT_TRUE(got.starts_with("{\"error\":\"not JSON")) << got;
  EXPECT_TRUE(got.ends_with("\"parameters\":{}}\n")) << got;
}

// The proxy takes no error for it, but a line that is no object.
TEST_F(ActionLoop, NoResultIsALineThatTheProxyRefuses) {
  EXPECT_EQ(answers("{\"value\":[]}\n", false),
            "\"The action did not return a dictionary or array.\"\n");
}

TEST(VariablesOfAction, AreWhatTheProxyWasNotStartedWith) {
  const char* environment[] = {"PATH=/bin", "HOME=/action", "EMPTY=", "__OW_API_KEY=k",
                               "A=b=c",     "=x",           "odd",    nullptr};
  const std::string_view proxys("PATH=/bin\0HOME=/root\0A=\0\0", 25);
  const Service::Environment wanted = {{"HOME", "/action"}, {"EMPTY", ""}, {"A", "b=c"}};
  EXPECT_EQ(variables_of_action(environment, proxys), wanted);
}

TEST_F(ActionLoop, TakesLongLines) {
  const std::string text(3 << 20, 'x');
  const std::string got = answers("{\"value\":{\"a\":\"" + text + "\"}}\n", false);
  EXPECT_NE(got.find(text), got.npos);
}

TEST_F(ActionLoop, OneActivationIsToldByTheEnvironment) {
  const char* environment[] = {"HOME=/", "__OW_ACTIVATION_ID=y", "__OW_VALUE=no", nullptr};
  EXPECT_EQ(run_one_activation(service_, "{\"a\":1}", environment),
            "{\"environment\":{\"__OW_ACTIVATION_ID\":\"y\"},\"parameters\":{\"a\":1}}\n");
  EXPECT_TRUE(run_one_activation(service_, "{", environment).starts_with("{\"error\":"));
}

}  // namespace
}  // namespace wherry::platform
