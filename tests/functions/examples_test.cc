// The examples do what they say.
#include "fixture.h"
#include "function/manifest.h"

namespace wherry::test {
namespace {

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
