// OpenWhisk's conformance cases (BasicActionRunnerTests, ActionProxyContainerTests), in process,
// against actions written here.
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/json.h"
#include "platform/openwhisk.h"

namespace wherry::platform {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::string_view kLine = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n";

class CollectedStreams : public LogStreams {
 public:
  void write_stdout(std::string_view text) override { out += text; }
  void write_stderr(std::string_view text) override { err += text; }
  std::string out, err;
};

function::Outcome success(std::string result) {
  function::Outcome outcome;
  outcome.kind = function::OutcomeKind::kSuccess;
  outcome.result = std::move(result);
  return outcome;
}

function::Outcome failure(function::OutcomeKind kind, std::string message) {
  function::Outcome outcome;
  outcome.kind = kind;
  outcome.message = std::move(message);
  return outcome;
}

// "Code" is the name of one of the actions below.
class FakeLoader : public ActionLoader {
 public:
  Result<Action> load(Bytes code, const std::string& name) override {
    last_name = name;
    auto found = actions.find(std::string(as_text(code)));
    if (found == actions.end()) {
      return make_error(ErrorKind::kInvalid, "not a WebAssembly module").with_hint("compile it");
    }
    return found->second;
  }
  std::map<std::string, Action> actions;
  std::string last_name;
};

class OpenWhisk : public testing::Test {
 protected:
  OpenWhisk() {
    loader_.actions["echo"] = [](const function::Event& event) {
      function::Outcome outcome = success(event.parameters);
      outcome.log = {{false, "hello stdout"}, {true, "hello stderr"}};
      return outcome;
    };
    loader_.actions["environment"] = [](const function::Event& event) {
      return success(write_json(event.environment));
    };
  }

  void start(ServiceOptions options = {}, Action preset = {}) {
    service_.emplace(loader_, streams_, std::move(options), std::move(preset));
  }

  http::Response init(const json& value) { return init_raw(write_json({{"value", value}})); }
  http::Response init_raw(std::string body) {
    return openwhisk_init(*service_, {"POST", "/init", {}, std::move(body)});
  }
  http::Response init_code(std::string_view action) {
    return init({{"name", "fake"},
                 {"main", "main"},
                 {"binary", true},
                 {"code", encode_base64(as_bytes(action))}});
  }
  http::Response run(const json& body) { return run_raw(write_json(body)); }
  http::Response run_raw(std::string body) {
    return openwhisk_run(*service_, {"POST", "/run", {}, std::move(body)});
  }

  void expect_streams(const std::string& out, const std::string& err) {
    EXPECT_EQ(streams_.out, out);
    EXPECT_EQ(streams_.err, err);
    streams_ = {};
  }

  FakeLoader loader_;
  CollectedStreams streams_;
  std::optional<Service> service_;
};

#define EXPECT_ANSWER(response_expression, status_value, body_value)             \
  do {                                                                           \
    http::Response answer = (response_expression);                               \
    EXPECT_EQ(answer.status, (status_value));                                    \
    EXPECT_EQ(json::parse(answer.body), json::parse(body_value)) << answer.body; \
  } while (0)

TEST_F(OpenWhisk, RefusesAnInitWithoutCode) {
  start();
  const char* missing = R"({"error":"Missing main/no code to execute."})";
  EXPECT_ANSWER(init({{"name", "x"}, {"main", "main"}, {"code", ""}, {"binary", true}}), 403,
                missing);
  EXPECT_ANSWER(init({{"name", "x"}, {"code", nullptr}}), 403, missing);
  EXPECT_ANSWER(init_raw("{}"), 403, missing);
  expect_streams(std::string(kLine) + std::string(kLine) + std::string(kLine),
                 std::string(kLine) + std::string(kLine) + std::string(kLine));
  EXPECT_EQ(init_code("echo").status, 200u) << "a failed init may be repeated";
}

TEST_F(OpenWhisk, RefusesMalformedInits) {
  start();
  EXPECT_EQ(init_raw("{").status, 400u);
  EXPECT_EQ(init_raw("[]").status, 404u);
  EXPECT_EQ(init_raw(R"({"value":"A"})").status, 404u);
  EXPECT_EQ(init({{"code", 1}}).status, 502u);
  EXPECT_EQ(init({{"code", "ZWNobw=="}, {"binary", true}, {"env", 1}}).status, 400u);
  EXPECT_EQ(init({{"code", "ZWNobw=="}, {"binary", true}, {"env", {{"A=B", ""}}}}).status, 400u);
  EXPECT_EQ(init({{"code", "ZWNobw=="}, {"binary", true}, {"main", std::string("a\0b", 3)}}).status,
            400u);
  EXPECT_FALSE(service_->is_initialised());
}

TEST_F(OpenWhisk, SaysWhyCodeCannotBeLoaded) {
  start();
  EXPECT_ANSWER(init_code("nonsense"), 502,
                R"({"error":"Initialization has failed due to: not a WebAssembly module"})");
  expect_streams(std::string(kLine),
                 "error: not a WebAssembly module\ntry: compile it\n" + std::string(kLine));
  http::Response text = init({{"code", "function main() {}"}, {"binary", false}});
  EXPECT_EQ(text.status, 502u);
  EXPECT_NE(text.body.find("base64"), std::string::npos);
  EXPECT_EQ(init({{"code", "???"}, {"binary", true}}).status, 502u);
}

TEST_F(OpenWhisk, RefusesASecondInitWithoutSentinels) {
  start();
  EXPECT_EQ(init_code("echo").status, 200u);
  expect_streams("", "");
  EXPECT_ANSWER(init_code("echo"), 403,
                R"({"error":"Cannot initialize the action more than once."})");
  expect_streams("Cannot initialize the action more than once.\n",
                 "Cannot initialize the action more than once.\n");
}

TEST_F(OpenWhisk, EchoesArgumentsAndEndsEachActivationsLog) {
  start();
  ASSERT_EQ(init_code("echo").status, 200u);
  const json arguments[] = {{{"msg", "hello"}},
                            {{"delimiter", "❄"}},
                            {{"numbers", {1, 2.5, -3, 12345678901234567890u}}},
                            {{"nested", {{"a", {{"b", json::array({nullptr, true})}}}}}},
                            json::array({1, "two"}),
                            {{"big", std::string(1048561, 'a')}}};
  for (const json& argument : arguments) {
    http::Response response = run({{"value", argument}});
    EXPECT_EQ(response.status, 200u);
    EXPECT_EQ(json::parse(response.body), argument);
    expect_streams("hello stdout\n" + std::string(kLine), "hello stderr\n" + std::string(kLine));
  }
  EXPECT_ANSWER(run_raw("{}"), 200, "{}");
}

TEST_F(OpenWhisk, RefusesArgumentsThatAreNeitherObjectNorArray) {
  start();
  ASSERT_EQ(init_code("echo").status, 200u);
  const char* refusal =
      R"({"error":"The action did not receive a dictionary or array as an argument."})";
  EXPECT_ANSWER(run({{"value", "A"}}), 404, refusal);
  expect_streams(std::string(kLine), std::string(kLine));
  EXPECT_ANSWER(run({{"value", nullptr}}), 404, refusal);
  EXPECT_ANSWER(run_raw("[1]"), 404, refusal);
  EXPECT_EQ(run_raw("{").status, 400u);
  EXPECT_EQ(run_raw(R"({"value":)" + std::string(100'000, '[') + "}").status, 400u);
}

TEST_F(OpenWhisk, RefusesToRunBeforeInit) {
  start();
  EXPECT_ANSWER(run({{"value", json::object()}}), 500, R"({"error":"no action defined yet"})");
  expect_streams(std::string(kLine), std::string(kLine));
}

TEST_F(OpenWhisk, GivesTheActivationsContextAndInitsEnvironment) {
  start({.api_host = "xyz"});
  ASSERT_EQ(init({{"name", "n"},
                  {"main", "niam"},
                  {"binary", true},
                  {"code", encode_base64(as_bytes("environment"))},
                  {"env",
                   {{"SOME_VAR", "xyz"},
                    {"ANOTHER_VAR", ""},
                    {"NUMBER", 1},
                    {"__OW_ACTION_NAME", "weaker"}}}})
                .status,
            200u);
  EXPECT_EQ(loader_.last_name, "n");
  // The deadline is that of OpenWhisk's own test, which is in the past and must not stop anything.
  EXPECT_ANSWER(run({{"value", json::object()},
                     {"api_key", "abc"},
                     {"namespace", "zzz"},
                     {"action_name", "xxx"},
                     {"action_version", "0.0.1"},
                     {"activation_id", "iii"},
                     {"deadline", "123"},
                     {"extra", {{"a", 1}}}}),
                200,
                R"({"SOME_VAR":"xyz","ANOTHER_VAR":"","NUMBER":"1","__OW_MAIN":"niam",
                    "__OW_API_HOST":"xyz","__OW_API_KEY":"abc","__OW_NAMESPACE":"zzz",
                    "__OW_ACTION_NAME":"xxx","__OW_ACTION_VERSION":"0.0.1",
                    "__OW_ACTIVATION_ID":"iii","__OW_DEADLINE":"123","__OW_EXTRA":"{\"a\":1}"})");
  expect_streams(std::string(kLine), std::string(kLine));
}

TEST_F(OpenWhisk, AnswersFailuresWithStatusesThatMeanADeveloperError) {
  using function::OutcomeKind;
  start();
  OutcomeKind kind{};
  loader_.actions["fail"] = [&](const function::Event&) { return failure(kind, "why"); };
  ASSERT_EQ(init_code("fail").status, 200u);
  auto answer_to = [&](OutcomeKind value) {
    kind = value;
    return run({{"value", json::object()}});
  };
  EXPECT_ANSWER(answer_to(OutcomeKind::kNoResult), 502,
                R"({"error":"The action did not return a dictionary or array."})");
  EXPECT_ANSWER(answer_to(OutcomeKind::kTrap), 502, R"({"error":"why"})");
  EXPECT_ANSWER(answer_to(OutcomeKind::kExit), 502, R"({"error":"why"})");
  EXPECT_ANSWER(answer_to(OutcomeKind::kTimeout), 502, R"({"error":"why"})");
  EXPECT_ANSWER(answer_to(OutcomeKind::kOutputLimit), 502, R"({"error":"why"})");
  EXPECT_ANSWER(answer_to(OutcomeKind::kInternal), 500, R"({"error":"why"})");
}

TEST_F(OpenWhisk, WritesATrapsBacktraceToTheLog) {
  start({}, [](const function::Event&) {
    function::Outcome outcome = failure(function::OutcomeKind::kTrap, "trap: unreachable");
    outcome.backtrace = "  at main (function 3)\n";
    outcome.log_truncated = true;
    return outcome;
  });
  EXPECT_EQ(run({{"value", json::object()}}).status, 502u);
  expect_streams(std::string(kLine),
                 "the log was cut here: it is longer than the function's limit\n"
                 "trap: unreachable\n  at main (function 3)\n" +
                     std::string(kLine));
}

TEST_F(OpenWhisk, TreatsTheFunctionOfTheCommandLineAsAStub) {
  start({}, [](const function::Event& event) { return success(write_json(event.environment)); });
  EXPECT_ANSWER(run({{"value", json::object()}}), 200, "{}");
  EXPECT_EQ(init({{"env", {{"A", "1"}}}}).status, 200u);
  EXPECT_ANSWER(run({{"value", json::object()}}), 200, R"({"A":"1"})");
  EXPECT_EQ(init({{"env", {{"A", "2"}}}}).status, 403u);

  start({}, [](const function::Event&) { return success(R"({"stub":true})"); });
  EXPECT_EQ(init_code("echo").status, 200u);
  EXPECT_ANSWER(run({{"value", {{"a", 1}}}}), 200, R"({"a":1})");
}

TEST_F(OpenWhisk, PassesAFutureDeadlineOn) {
  bool has_deadline = false;
  start({}, [&](const function::Event& event) {
    has_deadline = event.deadline != std::chrono::steady_clock::time_point::max();
    return success("{}");
  });
  auto ahead = std::chrono::system_clock::now() + std::chrono::hours(1);
  auto ms = std::chrono::duration_cast<milliseconds>(ahead.time_since_epoch()).count();
  EXPECT_EQ(run({{"value", json::object()}, {"deadline", std::to_string(ms)}}).status, 200u);
  EXPECT_TRUE(has_deadline);
  EXPECT_EQ(run({{"value", json::object()}, {"deadline", "soon"}}).status, 200u);
  EXPECT_FALSE(has_deadline);
}

TEST(Deadline, CountsOnTheSteadyClock) {
  std::chrono::system_clock::time_point system_now{milliseconds(1'000'000)};
  std::chrono::steady_clock::time_point steady_now{milliseconds(5'000)};
  auto at = [&](std::string_view text) { return deadline_of(text, system_now, steady_now); };
  EXPECT_EQ(at("1000250"), steady_now + milliseconds(250));
  EXPECT_EQ(at("1000000"), std::nullopt);
  EXPECT_EQ(at("123"), std::nullopt);
  EXPECT_EQ(at(""), std::nullopt);
  EXPECT_EQ(at("1000250x"), std::nullopt);
  EXPECT_EQ(at("9223372036854775807"), std::nullopt);
  EXPECT_EQ(at("99999999999999999999"), std::nullopt);
}

TEST_F(OpenWhisk, RunsOneActivationAtATimeUnlessToldOtherwise) {
  start({}, [](const function::Event&) { return success("{}"); });
  std::lock_guard busy(service_->single_flight());
  auto soon = std::chrono::system_clock::now() + milliseconds(20);
  auto ms = std::chrono::duration_cast<milliseconds>(soon.time_since_epoch()).count();
  json body = {{"value", json::object()}, {"deadline", std::to_string(ms)}};
  EXPECT_ANSWER(run(body), 502,
                R"({"error":"the action was busy until the activation's deadline"})");
}

TEST_F(OpenWhisk, RunsActivationsTogetherWhenToldTo) {
  start({.allow_concurrent = true}, [](const function::Event&) { return success("{}"); });
  std::lock_guard busy(service_->single_flight());
  EXPECT_EQ(run({{"value", json::object()}}).status, 200u);
}

}  // namespace
}  // namespace wherry::platform
