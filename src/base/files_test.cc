#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wherry {
namespace {

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

TEST(Files, WriteAtomicallyReplacesTheWholeFileAndLeavesNothingElse) {
  auto work = TemporaryDirectory::create().value();
  std::string path = work.path() + "/file";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("a longer text")).ok());
  ASSERT_TRUE(write_file_atomically(path, as_bytes("short"), 0600).ok());
  EXPECT_EQ(as_text(read_file(path, 100).value()), "short");
  struct stat info;
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  EXPECT_EQ(::rmdir(work.path().c_str()), 0);
}

TEST(Files, ReadRefusesMoreThanItsLimit) {
  auto work = TemporaryDirectory::create().value();
  std::string path = work.path() + "/file";
  ASSERT_TRUE(write_file_atomically(path, as_bytes("12345")).ok());
  EXPECT_TRUE(read_file(path, 5).ok());
  auto refused = read_file(path, 4);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kLimit);
}

TEST(Files, ReadSaysWhichFileIsMissingOrADirectory) {
  auto missing = read_file("/nowhere/at/all", 10);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(missing.error().message.find("/nowhere/at/all"), std::string::npos);
  auto directory = read_file("/tmp", 10);
  ASSERT_FALSE(directory.ok());
  EXPECT_EQ(directory.error().kind, ErrorKind::kInvalid);
}

TEST(Files, ATemporaryDirectoryTakesItsContentsAlong) {
  std::string path;
  {
    auto work = TemporaryDirectory::create().value();
    path = work.path();
    ASSERT_TRUE(make_directories(path + "/a/b/c").ok());
    ASSERT_TRUE(make_directories(path + "/a/b").ok());
    ASSERT_TRUE(write_file_atomically(path + "/a/b/c/file", as_bytes("x")).ok());
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST(Files, WritesToADeviceInsteadOfReplacingIt) {
  auto directory = TemporaryDirectory::create().value();
  std::string path = directory.path() + "/full";
  // Behind a link: what would replace it must not find the real one.
  ASSERT_EQ(::symlink("/dev/full", path.c_str()), 0);
  EXPECT_FALSE(write_file_atomically(path, as_bytes("x")).ok());
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST(Files, RemovesTemporaryDirectoriesThatNobodyHolds) {
  auto parent = TemporaryDirectory::create().value();
  auto held = TemporaryDirectory::create(parent.path()).value();
  ASSERT_TRUE(write_file_atomically(held.path() + "/file", as_bytes("x")).ok());
  // As a killed process leaves it: the same, but without a lock.
  std::string abandoned = parent.path() + "/wherry-abcdef";
  ASSERT_TRUE(make_directories(abandoned + "/inner").ok());
  ASSERT_TRUE(write_file_atomically(abandoned + "/inner/file", as_bytes("x")).ok());
  std::string other = parent.path() + "/wherry-something-else";
  ASSERT_TRUE(make_directories(other).ok());

  remove_abandoned_directories(parent.path());
  EXPECT_FALSE(exists(abandoned));
  EXPECT_TRUE(exists(held.path() + "/file"));
  EXPECT_TRUE(exists(other));
}

TEST(FileDescriptor, ClosesOnceAndMoves) {
  FileDescriptor first(::dup(0));
  int number = first.number();
  FileDescriptor second(std::move(first));
  EXPECT_FALSE(first.is_open());
  EXPECT_EQ(second.number(), number);
  second = FileDescriptor();
  EXPECT_EQ(::close(number), -1);
}

}  // namespace
}  // namespace wherry
