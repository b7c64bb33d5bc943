#include "base/nearest.h"

#include <gtest/gtest.h>

#include <string>

namespace wherry {
namespace {

TEST(Nearest, CountsLettersThatDiffer) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("memory", "memory"), 0u);
  EXPECT_EQ(edit_distance("memmory", "memory"), 1u);
  EXPECT_EQ(edit_distance("memry", "memory"), 1u);
  EXPECT_EQ(edit_distance("nemory", "memory"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Nearest, CountsSwappedNeighboursAsOne) {
  EXPECT_EQ(edit_distance("mmeory", "memory"), 1u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("abcd", "badc"), 2u);
}

constexpr std::string_view kWords[] = {"memory", "time", "cpu_time", "log", "log_level", "q"};

TEST(Nearest, FindsTheClosestWord) {
  EXPECT_EQ(nearest_of("memmory", kWords), "memory");
  EXPECT_EQ(nearest_of("timeout", kWords), "time");
  EXPECT_EQ(nearest_of("loglevel", kWords), "log_level");
  EXPECT_EQ(nearest_of("time", kWords), "time");
}

TEST(Nearest, TakesTheFirstOfEquallyCloseWords) {
  constexpr std::string_view words[] = {"bat", "cat"};
  EXPECT_EQ(nearest_of("hat", words), "bat");
}

TEST(Nearest, SuggestsNothingForOtherWords) {
  EXPECT_EQ(nearest_of("colour", kWords), std::nullopt);
  EXPECT_EQ(nearest_of("", kWords), std::nullopt);
  EXPECT_EQ(nearest_of("x", kWords), std::nullopt);
  EXPECT_EQ(nearest_of("memory", {}), std::nullopt);
  EXPECT_EQ(nearest_of(std::string(1'000'000, 'm'), kWords), std::nullopt);
}

}  // namespace
}  // namespace wherry
