#include "artifact/line_table.h"

#include <gtest/gtest.h>

#include <random>

namespace wherry::artifact {
namespace {

// A thousand functions of four instructions each; the second instruction of each is a call that was
// inlined, and so is the third, within it.
LineTableWriter example() {
  LineTableWriter writer;
  const uint32_t file = writer.add_string("dir/file.c");
  const uint32_t other = writer.add_string("other.h");
  for (uint32_t i = 0; i < 1000; i++) {
    const uint32_t name = writer.add_string("name" + std::to_string(i % 10));
    LinePlace own{.function = i, .file = file, .line = 10 * i + 1, .column = i % 50};
    const uint32_t outer = writer.add_place(own);
    LinePlace inlined{.caller = outer, .name = name, .file = other, .line = 5000 - i, .column = 3};
    const uint32_t middle = writer.add_place(inlined);
    const uint32_t inner = writer.add_place({.caller = middle, .function = 1000 - i});
    writer.add_run(100 * i, outer);
    writer.add_run(100 * i + 10, middle);
    writer.add_run(100 * i + 20, inner);
    writer.add_run(100 * i + 30, outer);
    if (i % 3 == 0) writer.name_function(i, writer.add_string("own" + std::to_string(i)));
  }
  return writer;
}

TEST(LineTable, FindsTheChainOfEveryRun) {
  const ByteVector bytes = example().encode();
  const LineTable table(bytes);
  for (uint32_t i = 0; i < 1000; i++) {
    for (uint32_t at : {0u, 9u, 30u, 99u}) {
      const auto frames = table.find(100 * i + at);
      ASSERT_EQ(frames.size(), 1u);
      EXPECT_EQ(frames[0].function, i);
      EXPECT_TRUE(frames[0].is_own);
      EXPECT_EQ(frames[0].name, i % 3 == 0 ? "own" + std::to_string(i) : "");
      EXPECT_EQ(frames[0].file, "dir/file.c");
      EXPECT_EQ(frames[0].line, 10 * i + 1);
      EXPECT_EQ(frames[0].column, i % 50);
    }
    const auto frames = table.find(100 * i + 29);
    ASSERT_EQ(frames.size(), 3u);
    EXPECT_EQ(frames[0].function, 1000 - i);
    EXPECT_EQ(frames[0].file, "");
    EXPECT_EQ(frames[1].function, i);
    EXPECT_FALSE(frames[1].is_own);
    EXPECT_EQ(frames[1].name, "name" + std::to_string(i % 10));
    EXPECT_EQ(frames[1].file, "other.h");
    EXPECT_EQ(frames[1].line, 5000 - i);
    EXPECT_EQ(frames[2].line, 10 * i + 1);
  }
}

TEST(LineTable, HasNothingBeforeItsFirstRun) {
  LineTableWriter writer;
  writer.add_run(5, writer.add_place({.function = 1}));
  const ByteVector bytes = writer.encode();
  EXPECT_TRUE(LineTable(bytes).find(4).empty());
  EXPECT_EQ(LineTable(bytes).find(5).size(), 1u);
  EXPECT_TRUE(LineTable({}).find(5).empty());
}

TEST(LineTable, LetsARunReplaceAnEmptyOne) {
  LineTableWriter writer;
  writer.add_run(5, writer.add_place({.function = 1}));
  writer.add_run(5, writer.add_place({.function = 2}));
  const ByteVector bytes = writer.encode();
  EXPECT_EQ(LineTable(bytes).find(5).at(0).function, 2u);
}

TEST(LineTable, SurvivesDamage) {
  const ByteVector whole = example().encode();
  std::mt19937 random(1);
  size_t found = 0;
  for (int i = 0; i < 5000; i++) {
    ByteVector bytes = whole;
    if (i % 4 == 0) bytes.resize(random() % bytes.size());
    // The counts and the places of the parts are what can do harm.
    for (int flips = 0; flips < 3 && !bytes.empty(); flips++) {
      const size_t at = random() % (i % 2 ? bytes.size() : std::min<size_t>(bytes.size(), 40));
      bytes[at] ^= static_cast<uint8_t>(1 << random() % 8);
    }
    bytes.shrink_to_fit();  // for the sanitizers
    const LineTable table(bytes);
    for (int look = 0; look < 20; look++) {
      for (const SourceFrame& frame : table.find(random() % 100'000)) found += frame.file.size();
    }
  }
  EXPECT_GT(found, 0u);
}

}  // namespace
}  // namespace wherry::artifact
