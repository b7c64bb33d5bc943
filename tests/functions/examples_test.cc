// The examples do what they say.
#include "fixture.h"
#include "function/manifest.h"

namespace wherry::test {
namespace {

Event event_of(std::string parameters) {
  Event event;
  event.parameters = std::move(parameters);
  return event;
}

TEST(Examples, HelloGreets) {
  auto function = function_of("example_hello");
  EXPECT_EQ(call(function, post("/", R"({"name": "World"})")).exchange->body,
            R"({"greeting": "Hello, World!"})");
  EXPECT_EQ(call(function, post("/", R"({"a":1,"name":"\"\u00e9\\"})")).exchange->body,
            R"({"greeting": "Hello, \"\u00e9\\!"})");
  for (const char* bad : {"", "{}", R"({"name":1})", R"({"name":"x)", R"({"name":"x\)"}) {
    EXPECT_EQ(call(function, post("/", bad)).outcome.status, 400u) << bad;
  }
}

TEST(Examples, TextStatsCounts) {
  auto function = function_of("example_text_stats");
  const auto answer = [&](const char* json) { return function->invoke(event_of(json)).result; };
  EXPECT_EQ(answer(R"({"x":{"text":"no"},"text":"It's \u00e9t\u00e9. \ud83d\ude00 What?\nEnd!x"})"),
            R"({"characters": 23, "words": 6, "sentences": 2, "longest_word": "été", )"
            R"("reading_seconds": 2})");
  EXPECT_EQ(answer(R"({"text":""})"), R"({"characters": 0, "words": 0, "sentences": 0, )"
                                      R"("longest_word": "", "reading_seconds": 0})");
  for (const char* bad : {"{}", R"({"text":1})", R"({"text":"\u12"})"}) {
    EXPECT_EQ(answer(bad), R"({"error": "the parameter text is missing or not a string"})") << bad;
  }
}

TEST(Examples, FibonacciCounts) {
  auto function = function_of("example_fibonacci");
  EXPECT_EQ(function->invoke(event_of("[20]")).result, R"({"result":6765})");
  EXPECT_EQ(function->invoke(event_of(R"([90])")).result, R"({"result":"2880067194370816120"})");
}

TEST(Examples, MarkdownBecomesHtml) {
  auto function = function_of("example_markdown");
  Answered answered =
      call(function, post("/", "# A *title*\n\none <b>\n**two**\n\n- a\n- `b`\nend"));
  EXPECT_EQ(answered.exchange->body,
            "<h1>A <em>title</em></h1>\n<p>one &lt;b&gt;\n<strong>two</strong></p>\n"
            "<ul>\n<li>a</li>\n<li><code>b</code></li>\n</ul>\n<p>end</p>\n");
  EXPECT_EQ(answered.exchange->header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(call(function, get("/")).outcome.status, 405u);
}

TEST(Examples, CsvBecomesJson) {
  auto function = function_of("example_csv_to_json");
  Answered answered =
      call(function, post("/", "name,says\r\nAda,\"hello, \"\"you\"\"\"\r\né,\r\n"));
  EXPECT_EQ(answered.exchange->body,
            "[\n{\"name\": \"Ada\", \"says\": \"hello, \\\"you\\\"\"},\n"
            "{\"name\": \"é\", \"says\": \"\"}\n]\n");
  std::string large = "n\n";
  for (int i = 0; i < 50'000; i++) large += std::to_string(i) + "\n";
  answered = call(function, post("/", large));
  EXPECT_TRUE(answered.exchange->was_finished);
  EXPECT_TRUE(answered.exchange->body.ends_with("{\"n\": \"49999\"}\n]\n"));
}

TEST(Examples, TheCgiProgramGreets) {
  auto function = function_of("example_greeting_cgi", {.abi = Abi::kCgi});
  EXPECT_NE(call(function, get("/")).exchange->body.find("<form"), std::string::npos);
  EXPECT_EQ(call(function, get("/?name=Ada")).exchange->body, "<p>Hello, Ada!</p>\n");
  Answered answered = call(function, post("/", "x=1&name=%3CA+b%26"));
  EXPECT_EQ(answered.exchange->body, "<p>Hello, &lt;A b&amp;!</p>\n");
  EXPECT_EQ(log_of(answered.outcome), "E:greeted <A b&|");
}

TEST(Examples, NumbersBecomeRoman) {
  auto manifest = function::load_manifest(WHERRY_EXAMPLES "/wherry.toml");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  ASSERT_EQ(manifest->functions.size(), 3u);
  const function::FunctionManifest& roman = manifest->functions[2];
  EXPECT_TRUE(roman.module.ends_with("/roman.wasm"));
  auto function = function_of("example_roman", roman.options);
  auto answer = [&](const char* parameters) {
    Event event;
    event.parameters = parameters;
    Outcome outcome = function->invoke(event);
    return outcome.kind == OutcomeKind::kSuccess ? outcome.result : outcome.message;
  };
  EXPECT_EQ(answer(R"({"number": 1984})"), R"({"result":"MCMLXXXIV"})");
  EXPECT_EQ(answer("[3888]"), R"({"result":"MMMDCCCLXXXVIII"})");
  EXPECT_EQ(answer("[0]"), R"({"result":"nulla"})");
  EXPECT_EQ(answer("[4000]"), R"({"result":null})");
  EXPECT_EQ(answer("[-1]"),
            "parameter \"number\" must be a u32: a whole number from 0 to 4294967295, not -1");
}

}  // namespace
}  // namespace wherry::test
