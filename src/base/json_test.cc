#include "base/json.h"

#include <gtest/gtest.h>

namespace wherry {
namespace {

TEST(Json, SaysWhereATextIsMalformed) {
  auto result = parse_json("{\"a\":}");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "not JSON: syntax error at byte 6");
  EXPECT_FALSE(parse_json("").ok());
  EXPECT_FALSE(parse_json("1e999").ok());
  EXPECT_FALSE(parse_json("\"\xff\"").ok());
  auto zero = parse_json(std::string_view("{} \0{}", 6));
  ASSERT_FALSE(zero.ok());
  EXPECT_EQ(zero.error().message, "not JSON: syntax error at byte 4");
}

TEST(Json, RefusesDeepNestingBeforeParsing) {
  auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(kMaxJsonDepth)).ok());
  auto refused = parse_json(nested(kMaxJsonDepth + 1));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kLimit);
  EXPECT_TRUE(parse_json("\"" + std::string(2000, '[') + "\\\"[\"").ok()) << "brackets in a string";
}

TEST(Json, QuotesTextsForMessagesAndCutsLongOnes) {
  EXPECT_EQ(quoted_text("a \"b\"\n"), "\"a \\\"b\\\"\\n\"");
  EXPECT_EQ(quoted_text(std::string(60, 'a')), '"' + std::string(60, 'a') + '"');
  EXPECT_EQ(quoted_text(std::string(61, 'a')), '"' + std::string(60, 'a') + "…\"");
  EXPECT_EQ(quoted_text(std::string(59, 'a') + "éé"), '"' + std::string(59, 'a') + "…\"");
}

}  // namespace
}  // namespace wherry
