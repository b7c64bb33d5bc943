#include "base/quantity.h"

#include <gtest/gtest.h>

namespace wherry {
namespace {

using std::chrono::milliseconds;

TEST(Quantity, ReadsSizes) {
  EXPECT_EQ(parse_size("0 B"), 0u);
  EXPECT_EQ(parse_size("17 B"), 17u);
  EXPECT_EQ(parse_size("512 KiB"), 512u << 10);
  EXPECT_EQ(parse_size("64MiB"), 64u << 20);
  EXPECT_EQ(parse_size("4 GiB"), 4ull << 30);
  EXPECT_EQ(parse_size("17179869183 GiB"), 17179869183ull << 30);
}

TEST(Quantity, ReadsTimes) {
  EXPECT_EQ(parse_duration("500 ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("5 s"), milliseconds(5000));
  EXPECT_EQ(parse_duration("2min"), milliseconds(120'000));
  EXPECT_EQ(parse_duration("24 h"), milliseconds(86'400'000));
}

TEST(Quantity, RefusesWhatIsNeither) {
  for (const char* text : {"", "64", "MiB", "64 MB", "64  MiB", " 64 MiB", "64 MiB ", "-1 MiB",
                           "+1 MiB", "1.5 MiB", "64 mib", "0x40 MiB"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
  for (const char* text : {"", "5", "s", "5 sec", "5 m", "-5 s", "1e3 ms", "5 S"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Quantity, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse_size("17179869184 GiB"), std::nullopt);
  EXPECT_EQ(parse_size("99999999999999999999 B"), std::nullopt);
  EXPECT_EQ(parse_duration("9223372036854775807 ms"), milliseconds(INT64_MAX));
  EXPECT_EQ(parse_duration("9223372036854775808 ms"), std::nullopt);
  EXPECT_EQ(parse_duration("9223372036854775 s").has_value(), true);
  EXPECT_EQ(parse_duration("9223372036854776 s"), std::nullopt);
}

TEST(Quantity, WritesTheLargestUnitThatFits) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(1000), "1000 B");
  EXPECT_EQ(size_text(64 << 10), "64 KiB");
  EXPECT_EQ(size_text(1536 << 10), "1536 KiB");
  EXPECT_EQ(size_text(4ull << 30), "4 GiB");
  EXPECT_EQ(duration_text(milliseconds(1)), "1 ms");
  EXPECT_EQ(duration_text(milliseconds(1500)), "1500 ms");
  EXPECT_EQ(duration_text(milliseconds(120'000)), "2 min");
  EXPECT_EQ(duration_text(milliseconds(86'400'000)), "24 h");
}

}  // namespace
}  // namespace wherry
