#include "base/programs.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace wherry {
namespace {

TEST(Programs, AreTakenFromTheFirstDirectoryThatHasThem) {
  auto first = TemporaryDirectory::create().value(), second = TemporaryDirectory::create().value();
  ASSERT_TRUE(write_file_atomically(first.path() + "/tool", as_bytes("not executable")).ok());
  const std::string path = second.path() + "/tool";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("#!/bin/sh"), 0755).ok());
  EXPECT_EQ(find_program("tool", {first.path(), second.path()}), path);
  EXPECT_EQ(find_program(path, {}), path);
  EXPECT_FALSE(find_program("other", {first.path(), second.path()}));
  EXPECT_FALSE(find_program(first.path(), {})) << "a directory is no program";
}

TEST(Programs, APathHasDirectoriesButForEmptyOnes) {
  EXPECT_EQ(directories_of_path("/a::/b:"), (std::vector<std::string>{"/a", "/b"}));
  EXPECT_TRUE(directories_of_path("").empty());
}

}  // namespace
}  // namespace wherry
