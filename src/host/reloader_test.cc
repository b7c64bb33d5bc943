#include "host/reloader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "host/discover.h"

namespace wherry::host {
namespace {

class Reloading : public testing::Test {
 protected:
  Reloading() : directory_(std::move(*TemporaryDirectory::create())) {
    ReloaderActions actions;
    actions.find = [this] { return discover({directory_.path()}, {}); };
    actions.load = [this](const Source& source) -> Status {
      auto bytes = read_file(source.manifest.module, 1000);
      if (!bytes.ok()) return bytes.error();
      if (as_text(*bytes) == "bad") return make_error(ErrorKind::kInvalid, "no module");
      served_[source.manifest.options.name] = as_text(*bytes);
      loads_++;
      return ok_status();
    };
    actions.remove = [this](const std::string& name) { served_.erase(name); };
    actions.tell = [this](const std::string& what, const std::string& name, const Error* error) {
      told_.push_back(what + " " + name.substr(name.rfind('/') + 1) +
                      (error ? ": " + error->message : ""));
    };
    reloader_.emplace(std::move(actions));
  }

  void write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(write_file_atomically(directory_.path() + "/" + name, as_bytes(text)).ok());
  }
  void remove(const std::string& name) { ::unlink((directory_.path() + "/" + name).c_str()); }
  void look(int times) {
    for (int i = 0; i < times; i++) reloader_->look();
  }

  TemporaryDirectory directory_;
  std::map<std::string, std::string> served_;
  std::vector<std::string> told_;
  int loads_ = 0;
  std::optional<Reloader> reloader_;
};

using Served = std::map<std::string, std::string>;

TEST_F(Reloading, LoadsWhatIsThereAndWhatCouldNotBeLeavesTheRest) {
  write("a.wasm", "1");
  write("b.wasm", "bad");
  auto count = reloader_->load_all(false);
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(*count, 1u);
  EXPECT_EQ(served_, (Served{{"a", "1"}}));
  EXPECT_EQ(told_, std::vector<std::string>{"load failed b: no module"});
  EXPECT_FALSE(reloader_->load_all(true).ok());
}

TEST_F(Reloading, TakesChangesOnceTheyStandStill) {
  write("a.wasm", "1");
  ASSERT_TRUE(reloader_->load_all(true).ok());
  write("a.wasm", "2");
  look(1);
  EXPECT_EQ(served_["a"], "1") << "it may still be on its way";
  write("a.wasm", "3");
  look(1);
  EXPECT_EQ(served_["a"], "1") << "it has changed again";
  look(1);
  EXPECT_EQ(served_["a"], "3");
  look(3);
  EXPECT_EQ(loads_, 2) << "what has not changed is left alone";
}

TEST_F(Reloading, ServesTheOldOneWhenTheNewOneIsBroken) {
  write("a.wasm", "1");
  ASSERT_TRUE(reloader_->load_all(true).ok());
  write("a.wasm", "bad");
  look(4);
  EXPECT_EQ(served_["a"], "1");
  EXPECT_EQ(told_, std::vector<std::string>{"load failed a: no module"}) << "said once";
  write("a.wasm", "4");
  look(2);
  EXPECT_EQ(served_["a"], "4");
}

TEST_F(Reloading, AddsAndRemoves) {
  ASSERT_TRUE(reloader_->load_all(true).ok());
  write("a.wasm", "1");
  look(2);
  EXPECT_EQ(served_, (Served{{"a", "1"}}));
  remove("a.wasm");
  look(1);
  EXPECT_EQ(served_, (Served{{"a", "1"}})) << "it may be about to be replaced";
  write("a.wasm", "2");
  look(2);
  EXPECT_EQ(served_, (Served{{"a", "2"}}));
  remove("a.wasm");
  look(2);
  EXPECT_EQ(served_, Served{});
  EXPECT_EQ(told_.back(), "removed a");
}

TEST_F(Reloading, KeepsWhatABrokenManifestDescribed) {
  write("code", "1");
  write("b.wasm", "b");
  write("wherry.toml", "[function]\nname = \"a\"\nmodule = \"code\"\n");
  ASSERT_TRUE(reloader_->load_all(true).ok());
  EXPECT_EQ(served_, (Served{{"a", "1"}})) << "the manifest speaks for its directory";
  write("wherry.toml", "[function]\nnam");
  look(3);
  EXPECT_EQ(served_, (Served{{"a", "1"}}));
  EXPECT_EQ(told_.size(), 1u);
  write("wherry.toml", "[function]\nname = \"c\"\nmodule = \"code\"\n");
  look(3);
  EXPECT_EQ(served_, (Served{{"c", "1"}}));
}

TEST_F(Reloading, PrefersTheLaterOfModuleAndCompiledFile) {
  write("a.wasm", "module");
  write("a.wherry", "compiled");
  struct timespec old[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (directory_.path() + "/a.wasm").c_str(), old, 0), 0);
  ASSERT_TRUE(reloader_->load_all(true).ok());
  EXPECT_EQ(served_["a"], "compiled");
  write("a.wasm", "newer");
  look(3);
  EXPECT_EQ(served_["a"], "newer");
}

TEST_F(Reloading, RefusesOneNameTwice) {
  ASSERT_TRUE(make_directories(directory_.path() + "/sub").ok());
  write("a.wasm", "1");
  write("sub/code", "2");
  write("sub/wherry.toml", "[function]\nname = \"a\"\nmodule = \"code\"\n");
  auto count = reloader_->load_all(false);
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(served_, (Served{{"a", "1"}}));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_NE(told_[0].find("the name a is that of"), std::string::npos) << told_[0];
}

}  // namespace
}  // namespace wherry::host
