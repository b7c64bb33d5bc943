#include "function/output.h"

#include <gtest/gtest.h>

namespace wherry::function {
namespace {

std::string log_of(OutputCapture& output) {
  std::string text;
  for (const LogLine& line : output.take_log()) {
    text += (line.is_stderr ? "E:" : "O:") + line.text + "|";
  }
  return text;
}

TEST(OutputCapture, KeepsTheLastNonBlankLineApartFromTheLog) {
  OutputCapture output({});
  EXPECT_EQ(output.write(false, as_bytes("one\ntwo\n{}\n \n")), "");
  output.finish();
  EXPECT_EQ(output.last_line()->text, "{}");
  EXPECT_EQ(log_of(output), "O:one|O:two|O: |");
}

TEST(OutputCapture, JoinsPiecesAndTakesALineWithoutItsNewline) {
  OutputCapture output({});
  for (const char* piece : {"{\"a", "\":", "1}"})
    EXPECT_EQ(output.write(false, as_bytes(piece)), "");
  EXPECT_FALSE(output.last_line());
  output.finish();
  EXPECT_EQ(output.last_line()->text, "{\"a\":1}");
}

TEST(OutputCapture, KeepsTheOrderOfBothStreams) {
  OutputCapture output({});
  output.write(false, as_bytes("first\n"));
  output.write(true, as_bytes("second\n"));
  output.write(false, as_bytes("third\n"));
  output.write(true, as_bytes("fourth"));
  output.finish();
  output.log_last_line();
  EXPECT_EQ(log_of(output), "O:first|E:second|O:third|E:fourth|");
}

TEST(OutputCapture, CutsTheLogAtItsLimit) {
  OutputCapture output({.log_bytes = 8});
  output.write(true, as_bytes("1234\n56789\nx\n"));
  output.finish();
  EXPECT_TRUE(output.log_truncated());
  EXPECT_EQ(log_of(output), "E:1234|E:56|");
}

TEST(OutputCapture, KeepsNoMoreOfALineThanAResultMayHave) {
  OutputCapture output({.result_bytes = 4});
  output.write(false, as_bytes("12345"));
  output.write(false, as_bytes("6789"));
  output.finish();
  EXPECT_EQ(output.last_line()->text, "1234");
  EXPECT_TRUE(output.last_line()->cut);
}

TEST(OutputCapture, StopsAGuestThatWritesTooMuchOnBothStreamsTogether) {
  OutputCapture output({.output_bytes = 10});
  EXPECT_EQ(output.write(false, as_bytes("12345")), "");
  EXPECT_EQ(output.write(true, as_bytes("12345")), "");
  EXPECT_FALSE(output.is_over_limit());
  EXPECT_NE(output.write(true, as_bytes("6")), "");
  EXPECT_TRUE(output.is_over_limit());
}

TEST(OutputCapture, BoundsTheNumberOfEmptyLines) {
  OutputCapture output({});
  output.write(true, as_bytes(std::string(200000, '\n')));
  EXPECT_TRUE(output.log_truncated());
  EXPECT_LE(output.take_log().size(), 65536u);
}

TEST(OutputCapture, MakesTheLogUtf8) {
  EXPECT_EQ(to_utf8("a\xff"
                    "b\xc3\xa9"),
            "a\xef\xbf\xbd"
            "b\xc3\xa9");
  EXPECT_EQ(to_utf8("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace wherry::function
