// Exported functions: JSON values in, JSON values out.
#include "fixture.h"

namespace wherry::test {
namespace {

Outcome invoke(const FunctionPointer& function, std::string signature, std::string parameters) {
  Event event;
  event.signature = std::move(signature);
  event.parameters = std::move(parameters);
  return function->invoke(event);
}

// The result, or what was said instead.
std::string answer(const FunctionPointer& function, std::string signature, std::string parameters) {
  Outcome outcome = invoke(function, std::move(signature), std::move(parameters));
  return outcome.kind == OutcomeKind::kSuccess
             ? outcome.result
             : std::string(name_of(outcome.kind)) + ": " + outcome.message;
}

FunctionPointer of_signature(const std::string& guest, std::string signature,
                             FunctionOptions options = {}) {
  options.signature = std::move(signature);
  return function_of(guest, std::move(options));
}

std::string refusal(const std::string& guest, std::string signature) {
  auto function =
      Function::create(module_of_guest(guest), watchdog(), {.signature = std::move(signature)});
  return function.ok() ? "no error" : function.error().message;
}

TEST(Export, IsTheAbiOfModulesWithoutAMain) {
  EXPECT_EQ(function_of("exports_c")->abi(), Abi::kExport);
  EXPECT_EQ(function_of("exports_rust")->abi(), Abi::kExport);
}

TEST(Export, TakesAndGivesNumbers) {
  auto c = function_of("exports_c");
  EXPECT_EQ(answer(c, "add(a: i32, b: i32) -> i32", R"({"a": 2, "b": 40})"), R"({"result":42})");
  EXPECT_EQ(answer(c, "add", "[2147483647, 1]"), R"({"result":-2147483648})");
  EXPECT_EQ(answer(c, "add", R"({"0": 2, "1": 3})"), R"({"result":5})");
  EXPECT_EQ(answer(c, "invert(u32) -> u32", "[0]"), R"({"result":4294967295})");
  EXPECT_EQ(answer(c, "both(a: bool, b: bool) -> bool", "[true, false]"), R"({"result":false})");
  EXPECT_EQ(answer(c, "third", "[1]"), R"({"result":0.33333334})");
  EXPECT_EQ(answer(c, "root", "[2]"), R"({"result":1.4142135623730951})");
  EXPECT_EQ(answer(c, "root", "[-1]"), R"({"result":"NaN"})");
  EXPECT_EQ(answer(c, "root", R"(["Infinity"])"), R"({"result":"Infinity"})");
  EXPECT_EQ(answer(c, "nothing", "{}"), R"({"result":null})");
  EXPECT_EQ(answer(function_of("exports_rust"), "mean(a: f64, b: f64) -> f64", R"({"a":1,"b":2})"),
            R"({"result":1.5})");
}

TEST(Export, KeepsEveryBitOfI64) {
  auto c = function_of("exports_c");
  EXPECT_EQ(answer(c, "negate", R"(["9223372036854775807"])"),
            R"({"result":"-9223372036854775807"})");
  EXPECT_EQ(answer(c, "negate", "[-9223372036854775808]"), R"({"result":"-9223372036854775808"})");
  EXPECT_EQ(answer(c, "negate", "[9007199254740992]"), R"({"result":-9007199254740992})");
  EXPECT_EQ(answer(c, "largest() -> u64", "[]"), R"({"result":"18446744073709551615"})");
  EXPECT_EQ(answer(c, "largest", "[]"), R"({"result":-1})");
}

TEST(Export, TakesAndGivesCStrings) {
  auto greet = of_signature("exports_c", "greet(name: string, times: i32) -> string");
  EXPECT_EQ(answer(greet, "", R"({"name": "Zoë", "times": 2})"),
            R"({"result":"Hello, Zoë!Hello, Zoë!"})");
  EXPECT_EQ(answer(greet, "", R"(["", 1])"), R"({"result":"Hello, !"})");
  EXPECT_EQ(answer(greet, "", R"(["a", 0])"), R"({"result":""})");
  EXPECT_EQ(answer(function_of("exports_c"), "no_text() -> string", "{}"), R"({"result":null})");
}

TEST(Export, TakesAndGivesTextsWithTheirLength) {
  auto c = function_of("exports_c");
  EXPECT_EQ(answer(c, "reverse(bytes) -> bytes", R"(["AAEC"])"), R"({"result":"AgEA"})");
  EXPECT_EQ(answer(c, "reverse(string) -> string", R"(["stressed"])"), R"({"result":"desserts"})");
  EXPECT_EQ(answer(c, "reverse(string) -> string", R"(["a\u0000b"])"), R"({"result":"b\u0000a"})");
  EXPECT_EQ(answer(c, "reverse(string) -> string", R"([""])"), R"({"result":""})");
  auto rust = function_of("exports_rust");
  EXPECT_EQ(answer(rust, "upper(text: string) -> string", R"({"text": "straße"})"),
            R"({"result":"STRASSE"})");
  EXPECT_EQ(answer(rust, "upper(text: string) -> string", R"({"text": ""})"), R"({"result":""})");
  EXPECT_EQ(answer(rust, "count(text: string, byte: bytes) -> u64",
                   R"({"text": "banana", "byte": "YQ=="})"),
            R"({"result":3})");
}

TEST(Export, GivesSeveralResults) {
  auto text = function_of("exports_text");
  EXPECT_EQ(answer(text, "divmod", "[-7, 2]"), R"({"result":[-3,-1]})");
  EXPECT_EQ(answer(text, "same(string) -> (string, u32)", R"(["héllo!"])"),
            R"({"result":["héllo!",7]})");
  EXPECT_EQ(answer(text, "raw", R"([-1, "-9007199254740993", 0.1, 1e300])"),
            R"({"result":[-1,"-9007199254740993",0.1,1e+300]})");
}

TEST(Export, InitializesTheModuleFirst) {
  EXPECT_EQ(answer(function_of("exports_c"), "times_initialized", "[]"), R"({"result":1})");
}

TEST(Export, IsFreshEachTime) {
  auto c = function_of("exports_c");
  for (int i = 0; i < 3; i++) EXPECT_EQ(answer(c, "count", "{}"), R"({"result":1})");
}

TEST(Export, KeepsTheSignatureOfItsOptionsForEventsThatNameIt) {
  auto add = of_signature("exports_c", "add(first: i32, second: u32) -> u32");
  EXPECT_EQ(answer(add, "", R"({"first": -3, "second": 1})"), R"({"result":4294967294})");
  EXPECT_EQ(answer(add, "add", R"({"first": -3, "second": 1})"), R"({"result":4294967294})");
  EXPECT_EQ(answer(add, "add(a: i32, b: i32) -> i32", R"({"a": -3, "b": 1})"), R"({"result":-2})");
  EXPECT_EQ(answer(add, "negate", "[1]"), R"({"result":-1})");
}

TEST(Export, LogsWhatIsPrinted) {
  auto speak =
      of_signature("exports_c", "speak(text: string) -> i32", {.environment = {{"VOICE", "low"}}});
  Outcome outcome = invoke(speak, "", R"({"text": "hello"})");
  EXPECT_EQ(outcome.result, R"({"result":7})") << outcome.message;
  EXPECT_EQ(log_of(outcome), "O:said: hello|E:low|");
  Event event;
  event.parameters = R"(["again"])";
  event.environment = {{"VOICE", "high"}};
  EXPECT_EQ(log_of(speak->invoke(event)), "O:said: again|E:high|");
}

TEST(Export, RefusesEventsThatDoNotFit) {
  auto add = of_signature("exports_c", "add(a: i32, b: i32) -> i32");
  EXPECT_EQ(answer(add, "", R"({"a": 1})"),
            "bad event: parameter \"b\" is missing: \"add\" takes a: i32, b: i32");
  EXPECT_EQ(answer(add, "", R"({"a": 1, "b": "2"})"),
            "bad event: parameter \"b\" must be an i32: a whole number from -2147483648 to "
            "2147483647, not \"2\"");
  EXPECT_EQ(answer(add, "adds", "[]"),
            "bad event: the module exports no function \"adds\"; did you mean \"add\"?");
  EXPECT_EQ(answer(add, "malloc", "[100]"), "bad event: malloc is no function for events");
  EXPECT_EQ(answer(add, "add(i64)", "[1]"),
            "bad event: add(i64) must be an export of type (i64) -> (i32), and it is (i32 i32) -> "
            "(i32)");
  EXPECT_EQ(answer(add, "add(", "[1]"),
            "bad event: signature \"add(\": expected a parameter at column 5");
  const std::string several = answer(function_of("exports_c"), "", "{}");
  EXPECT_TRUE(several.starts_with("bad event: the module exports ")) << several;
  // Nothing of a refused event is left for the next.
  EXPECT_EQ(answer(add, "", "[1, 2]"), R"({"result":3})");
}

TEST(Export, SaysHowItFailed) {
  auto c = function_of("exports_c", {.limits = {.time = std::chrono::milliseconds(100)}});
  Outcome trap = invoke(c, "divide", "[1, 0]");
  EXPECT_EQ(trap.kind, OutcomeKind::kTrap);
  EXPECT_NE(trap.backtrace.find("divide"), std::string::npos) << trap.backtrace;
  EXPECT_EQ(answer(c, "quit", "[3]"), "exit: the function exited with code 3");
  EXPECT_EQ(answer(c, "quit", "[0]"), "no result: the function exited without a result");
  EXPECT_EQ(invoke(c, "forever", "[]").kind, OutcomeKind::kTimeout);
}

TEST(Export, ChecksWhatTheGuestSaysOfItsResult) {
  auto c = function_of("exports_c", {.limits = {.result_bytes = 1000}});
  const std::string outside = "outside(pointer: u32, length: u32) -> bytes";
  EXPECT_TRUE(
      answer(c, outside, "[4294967295, 2]")
          .starts_with("no result: the function's result of 2 bytes at 0xffffffff is not in"));
  EXPECT_EQ(
      answer(c, outside, "[1, 4294967295]"),
      "output limit: the function's result has 4294967295 bytes or more, and its limit is 1000");
  EXPECT_EQ(
      answer(c, "reverse(bytes) -> string", R"(["/w=="])"),
      "no result: the function's result of type string is not UTF-8; use bytes for what is no "
      "text");
  EXPECT_EQ(invoke(c, "repeated(string, u32) -> string", R"(["abc", 300])").result.size(), 913u);
  EXPECT_EQ(invoke(c, "repeated(string, u32) -> string", R"(["abc", 340])").kind,
            OutcomeKind::kOutputLimit);
}

TEST(Export, ChecksWhatTheAllocatorSays) {
  auto text = of_signature("exports_text", "same(string) -> (string, u32)");
  EXPECT_EQ(answer(text, "", R"(["12"])"), R"({"result":["12",2]})");
  EXPECT_EQ(invoke(text, "", R"(["123"])").kind, OutcomeKind::kTrap);
  EXPECT_EQ(answer(text, "", R"(["1234"])"),
            "no result: the function's allocator gave 4 bytes at 0xffff, which are not in memory");
  EXPECT_EQ(answer(text, "", R"(["12345"])"), "no result: the function's allocator has no 5 bytes");
  EXPECT_EQ(answer(text, "", R"(["12"])"), R"({"result":["12",2]})");
}

TEST(Export, FailsIfItsMemoryIsTooSmallForItsArguments) {
  auto greet = of_signature("exports_c", "greet(name: string, times: i32) -> string",
                            {.limits = {.memory_bytes = 4 << 20}});
  const std::string large(8 << 20, 'x');
  EXPECT_EQ(answer(greet, "", "[\"" + large + "\", 1]"),
            "no result: the function's allocator has no 8388609 bytes");
}

TEST(Export, IsRefusedIfTheSignatureDoesNotFitTheModule) {
  EXPECT_EQ(refusal("exports_c", "add(a: i32)"),
            "add(a: i32) must be an export of type (i32) -> (i32), and it is (i32 i32) -> (i32)");
  EXPECT_EQ(refusal("exports_c", "adds"),
            "the module exports no function \"adds\"; did you mean \"add\"?");
  EXPECT_EQ(refusal("exports_text", "vector"),
            "\"vector\" is of type (v128) -> (), and JSON has no value of type v128");
  EXPECT_EQ(refusal("exports_c", "add(a: i32, b: i32) -> i32"), "no error");
}

TEST(Export, RunsOnManyThreads) {
  auto greet = of_signature("exports_c", "greet(name: string, times: i32) -> string");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 200; round++) {
        const std::string name = fmt::format("{}-{}", i, round);
        ASSERT_EQ(answer(greet, "", fmt::format("[\"{}\", 1]", name)),
                  fmt::format("{{\"result\":\"Hello, {}!\"}}", name));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace wherry::test
