#include "wasi/path.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wherry::wasi {
namespace {

TEST(WasiPath, RefusesWhatIsNotARelativeUtf8Path) {
  EXPECT_EQ(check_path("a/b"), Errno::kSuccess);
  EXPECT_EQ(check_path(""), Errno::kNoEnt);
  EXPECT_EQ(check_path("/a"), Errno::kPerm);
  EXPECT_EQ(check_path(std::string_view("a\0b", 3)), Errno::kInval);
  EXPECT_EQ(check_path("\xff"), Errno::kIlSeq);
  EXPECT_EQ(check_path(std::string(kMaxPathBytes, 'a')), Errno::kSuccess);
  EXPECT_EQ(check_path(std::string(kMaxPathBytes + 1, 'a')), Errno::kNameTooLong);
}

void expect_parts(const char* path, const char* parent, const char* last, bool trailing_slash) {
  PathParts parts = split_path(path);
  EXPECT_EQ(parts.parent, parent) << path;
  EXPECT_EQ(parts.last, last) << path;
  EXPECT_EQ(parts.trailing_slash, trailing_slash) << path;
}

TEST(WasiPath, SplitsIntoParentAndLastComponent) {
  expect_parts("a", ".", "a", false);
  expect_parts("a/b", "a", "b", false);
  expect_parts("a//b", "a", "b", false);
  expect_parts("a/b//", "a", "b", true);
  expect_parts("../a/..", "../a", "..", false);
  expect_parts("./", ".", ".", true);
}

class Beneath : public testing::Test {
 protected:
  void SetUp() override {
    work_ = std::make_unique<TemporaryDirectory>(TemporaryDirectory::create().value());
    ASSERT_TRUE(make_directories(work_->path() + "/box/dir").ok());
    ASSERT_TRUE(write_file_atomically(work_->path() + "/secret", as_bytes("s")).ok());
    ASSERT_TRUE(write_file_atomically(work_->path() + "/box/file", as_bytes("f")).ok());
    ASSERT_EQ(::symlink("../secret", (work_->path() + "/box/link").c_str()), 0);
    box_ = FileDescriptor(::open((work_->path() + "/box").c_str(), O_RDONLY | O_DIRECTORY));
    ASSERT_TRUE(box_.is_open());
  }

  std::unique_ptr<TemporaryDirectory> work_;
  FileDescriptor box_;
};

TEST_F(Beneath, OpensWhatIsInsideAndNothingElse) {
  EXPECT_EQ(open_beneath(box_.number(), "dir/../file", O_RDONLY).error, Errno::kSuccess);
  EXPECT_EQ(open_beneath(box_.number(), "../secret", O_RDONLY).error, Errno::kPerm);
  EXPECT_EQ(open_beneath(box_.number(), "link", O_RDONLY).error, Errno::kPerm);
  EXPECT_EQ(open_beneath(box_.number(), "none", O_RDONLY).error, Errno::kNoEnt);
  EXPECT_EQ(open_beneath(box_.number(), "/etc", O_RDONLY).error, Errno::kPerm);
}

TEST_F(Beneath, FindsTheParentButNeverGivesDotsAsAName) {
  Place place = find_place(box_.number(), "dir/new", Errno::kExist);
  EXPECT_EQ(place.error, Errno::kSuccess);
  EXPECT_EQ(place.name, "new");
  EXPECT_EQ(place.mode(), 0u);
  EXPECT_EQ(find_place(box_.number(), "dir/..", Errno::kExist).error, Errno::kExist);
  EXPECT_EQ(find_place(box_.number(), "dir/../..", Errno::kExist).error, Errno::kPerm);
  EXPECT_EQ(find_place(box_.number(), "..", Errno::kExist).error, Errno::kPerm);
  EXPECT_EQ(find_place(box_.number(), "none/.", Errno::kExist).error, Errno::kNoEnt);
}

TEST_F(Beneath, LooksAtALinkItselfNotAtItsTarget) {
  EXPECT_TRUE(S_ISLNK(find_place(box_.number(), "link", Errno::kExist).mode()));
}

}  // namespace
}  // namespace wherry::wasi
