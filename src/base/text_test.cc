#include "base/text.h"

#include <gtest/gtest.h>

namespace wherry {
namespace {

TEST(Split, KeepsEmptyParts) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a,b,c", ','), (Parts{"a", "b", "c"}));
  EXPECT_EQ(split(",a,", ','), (Parts{"", "a", ""}));
  EXPECT_EQ(split("a,b", ':'), (Parts{"a,b"}));
  EXPECT_EQ(split("", ','), (Parts{""}));
}

}  // namespace
}  // namespace wherry
