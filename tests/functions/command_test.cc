// Commands: JSON in, the last line out.
#include "fixture.h"

namespace wherry::test {
namespace {

Outcome invoke(const FunctionPointer& function, std::string parameters) {
  Event event;
  event.parameters = std::move(parameters);
  return function->invoke(event);
}

TEST(Command, AnswersItsLastLineAndLogsTheRest) {
  auto function = function_of("echo");
  EXPECT_EQ(function->abi(), Abi::kCommand);
  Outcome outcome = invoke(function, R"({"a": "é☕\u0000"})");
  EXPECT_EQ(outcome.kind, OutcomeKind::kSuccess) << outcome.message;
  EXPECT_EQ(outcome.result, R"({"a": "é☕\u0000"})");
  EXPECT_EQ(log_of(outcome), "O:hello stdout|E:hello stderr|");
}

TEST(Command, TakesAndAnswersAMebibyte) {
  auto function = function_of("echo", {.limits = {.result_bytes = 2 << 20}});
  const std::string large = "{\"text\":\"" + std::string(1 << 20, 'x') + "\"}";
  for (int i = 0; i < 3; i++) EXPECT_EQ(invoke(function, large).result, large);
}

// Sessions and worlds are used again; nothing of one invocation is seen by the next.
TEST(Command, IsFreshEachTime) {
  auto function = function_of("command_rust", {.environment = {{"WORD", "own"}}});
  for (int i = 0; i < 3; i++) {
    Event event;
    event.parameters = "{\"n\":1}";
    event.environment = {{"WORD", "event's"}};
    Outcome outcome = function->invoke(event);
    EXPECT_EQ(outcome.result, R"({"length": 7, "word": "event's"})");
    EXPECT_EQ(outcome.is_cold, i == 0);
    event.environment.clear();
    outcome = function->invoke(event);
    EXPECT_EQ(outcome.result, R"({"length": 7, "word": "own"})");
    EXPECT_EQ(log_of(outcome), "E:8 bytes|");
  }
}

TEST(Command, SaysHowItFailed) {
  auto function = function_of("moods", {.limits = {.time = std::chrono::milliseconds(60'000)}});
  const auto mood = [&](const char* name) {
    return invoke(function, fmt::format("{{\"mood\":\"{}\"}}", name));
  };
  Outcome trap = mood("divide");
  EXPECT_EQ(trap.kind, OutcomeKind::kTrap);
  EXPECT_NE(trap.backtrace.find("divide_inner"), std::string::npos) << trap.backtrace;
  Outcome exit = mood("exit_3");
  EXPECT_EQ(exit.kind, OutcomeKind::kExit);
  EXPECT_EQ(exit.exit_code, 3u);
  EXPECT_EQ(mood("silent").kind, OutcomeKind::kNoResult);
  EXPECT_EQ(mood("scalar").kind, OutcomeKind::kNoResult);
  EXPECT_EQ(mood("flood").kind, OutcomeKind::kOutputLimit);
  EXPECT_EQ(mood("array").kind, OutcomeKind::kSuccess);
}

TEST(Command, IsStoppedAtItsDeadline) {
  auto function = function_of("moods", {.limits = {.time = std::chrono::milliseconds(20)}});
  for (const char* mood : {"loop", "sleep"}) {
    Outcome outcome = invoke(function, fmt::format("{{\"mood\":\"{}\"}}", mood));
    EXPECT_EQ(outcome.kind, OutcomeKind::kTimeout) << mood;
    EXPECT_NE(outcome.message.find("20 ms"), std::string::npos) << outcome.message;
    EXPECT_GE(outcome.duration, std::chrono::milliseconds(20));
  }
  Event event;
  event.parameters = "{\"mood\":\"loop\"}";
  event.deadline = std::chrono::steady_clock::now();
  Outcome outcome = function_of("moods")->invoke(event);
  EXPECT_EQ(outcome.kind, OutcomeKind::kTimeout);
  EXPECT_NE(outcome.message.find("deadline of its event"), std::string::npos);
}

TEST(Command, IsStoppedAtItsLimitOfProcessorTime) {
  FunctionOptions options;
  options.limits.cpu_time = std::chrono::milliseconds(20);
  Outcome outcome = invoke(function_of("moods", options), "{\"mood\":\"loop\"}");
  EXPECT_EQ(outcome.kind, OutcomeKind::kCpuLimit) << outcome.message;
  EXPECT_GE(outcome.cpu, std::chrono::milliseconds(19));
  EXPECT_LE(outcome.cpu, outcome.duration);
  EXPECT_FALSE(outcome.backtrace.empty());
}

// What waits uses none.
TEST(Command, DoesNotCountWhatItSleepsAsProcessorTime) {
  FunctionOptions options;
  options.limits.cpu_time = std::chrono::milliseconds(40);
  options.limits.time = std::chrono::milliseconds(200);
  Outcome outcome = invoke(function_of("moods", options), "{\"mood\":\"sleep\"}");
  EXPECT_EQ(outcome.kind, OutcomeKind::kTimeout) << outcome.message;
}

TEST(Command, AccountsForItsMemory) {
  auto function = function_of("moods");
  const uint64_t small = invoke(function, "{}").memory_bytes;
  const uint64_t large = invoke(function, "{\"mood\":\"grow\"}").memory_bytes;
  EXPECT_GE(small, 65536u);
  EXPECT_GT(large, 200u << 20);
  EXPECT_EQ(invoke(function, "{}").memory_bytes, small);
}

TEST(Command, SeesItsDirectories) {
  char folder[] = "/tmp/wherry-function-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  FunctionOptions options;
  options.directories = {{folder, "/data", false}};
  EXPECT_NE(function_of("echo", options), nullptr);
  options.directories = {{std::string(folder) + "/absent", "/data", false}};
  EXPECT_FALSE(Function::create(module_of_guest("echo"), watchdog(), options).ok());
  ::rmdir(folder);
}

TEST(Command, IsRefusedIfTheModuleDoesNotFit) {
  EXPECT_FALSE(Function::create(module_of_guest("wanting"), watchdog(), {}).ok());
  EXPECT_FALSE(
      Function::create(module_of_guest("handler_c"), watchdog(), {.abi = Abi::kCommand}).ok());
  EXPECT_FALSE(Function::create(module_of_guest("echo"), watchdog(), {.abi = Abi::kHandler}).ok());
  FunctionOptions small;
  small.limits.memory_bytes = 65536;
  EXPECT_FALSE(Function::create(module_of_guest("echo"), watchdog(), small).ok());
}

TEST(Command, RunsOnManyThreads) {
  auto function = function_of("echo");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 200; round++) {
        const std::string parameters = fmt::format("{{\"thread\":{},\"round\":{}}}", i, round);
        ASSERT_EQ(invoke(function, parameters).result, parameters);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace wherry::test
