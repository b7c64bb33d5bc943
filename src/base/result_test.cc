#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace wherry {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(ErrorKind::kInvalid, "{} is odd", number);
  return number / 2;
}

Result<int> quarter(int number) {
  int halved = TRY(half(number).context("first"));
  return half(halved);
}

TEST(Result, TryPassesValuesOnAndReturnsErrors) {
  EXPECT_EQ(quarter(8).value(), 2);
  auto odd = quarter(3);
  ASSERT_FALSE(odd.ok());
  EXPECT_EQ(odd.error().message, "first: 3 is odd");
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
}

TEST(Result, HoldsWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  EXPECT_EQ(*std::move(result).value(), 5);
}

TEST(Error, OfAMissingFileIsNotFound) {
  EXPECT_EQ(errno_error(ENOENT, "f").kind, ErrorKind::kNotFound);
  EXPECT_EQ(errno_error(EACCES, "f").kind, ErrorKind::kIo);
  EXPECT_EQ(errno_error(EACCES, "f").message, "f: Permission denied");
}

}  // namespace
}  // namespace wherry
