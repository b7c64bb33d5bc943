#include "pack/package.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.h"

namespace wherry::pack {
namespace {

class Package : public ::testing::Test {
 protected:
  Package() : directory_(TemporaryDirectory::create().value()) {
    put("wherry.toml", "[function]\n");
    put("files/0/a.txt", "some text");
    list_.target = "lambda";
    for (const char* path : {"wherry.toml", "files/0/a.txt"}) {
      list_.files.push_back(describe_file(path, read_file(at(path), 1 << 20).value()));
    }
    put(kPackageFile, write_package_list(list_));
  }
  std::string at(const std::string& path) const { return directory_.path() + "/" + path; }
  void put(const std::string& path, std::string_view text) {
    ASSERT_TRUE(make_directories(at(path.substr(0, path.rfind('/') + 1))).ok());
    ASSERT_TRUE(write_file_atomically(at(path), as_bytes(text)).ok());
  }
  std::string list_text() const {
    return std::string(as_text(read_file(at(kPackageFile), 1 << 20).value()));
  }
  std::string error() const {
    auto opened = open_package(directory_.path());
    return opened.ok() ? "" : opened.error().message;
  }

  TemporaryDirectory directory_;
  PackageList list_;
};

TEST_F(Package, IsOpenedAsItWasWritten) {
  auto opened = open_package(directory_.path());
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  ASSERT_TRUE(opened->has_value());
  EXPECT_EQ((*opened)->target, "lambda");
  ASSERT_EQ((*opened)->files.size(), 2u);
  EXPECT_EQ((*opened)->files[1].path, "files/0/a.txt");
  EXPECT_EQ((*opened)->files[1].bytes, 9u);
}

TEST_F(Package, IsNoneWithoutAList) {
  ASSERT_EQ(::unlink(at(kPackageFile).c_str()), 0);
  auto opened = open_package(directory_.path());
  ASSERT_TRUE(opened.ok());
  EXPECT_FALSE(opened->has_value());
}

TEST_F(Package, IsRefusedIfAFileIsAnotherOrMissing) {
  put("files/0/a.txt", "same size");
  EXPECT_EQ(error(), at("files/0/a.txt") + ": is not the file that was packed");
  put("files/0/a.txt", "some text and more");
  EXPECT_EQ(error(), at("files/0/a.txt") + ": is not the file that was packed");
  ASSERT_EQ(::unlink(at("files/0/a.txt").c_str()), 0);
  EXPECT_TRUE(error().starts_with(at("files/0/a.txt") + ": the package is not whole")) << error();
}

TEST_F(Package, IsRefusedIfItsListIsCutOrChangedAnywhere) {
  const std::string whole = list_text();
  for (size_t length = 0; length + 1 < whole.size(); length++) {
    EXPECT_FALSE(parse_package_list(whole.substr(0, length), "p").ok()) << length;
  }
  for (size_t at = 0; at < whole.size(); at++) {
    std::string changed = whole;
    changed[at] ^= 1;
    auto list = parse_package_list(changed, "p");
    // What is between the members means nothing.
    EXPECT_TRUE(!list.ok() || write_package_list(*list) == whole) << at;
  }
}

TEST_F(Package, HasNoFilesOutside) {
  for (const char* path : {"/etc/passwd", "../a", "a/../../b", ""}) {
    list_.files = {{path, 0, ""}};
    EXPECT_FALSE(parse_package_list(write_package_list(list_), "p").ok()) << path;
  }
}

}  // namespace
}  // namespace wherry::pack
