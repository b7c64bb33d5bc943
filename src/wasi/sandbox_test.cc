// The sandbox as the host sees it: read-only directories, directories that move, and links that
// change while they are followed.
#include <fcntl.h>
#include <linux/fs.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "wasi/test_guest.h"

namespace wherry::wasi {
namespace {

class Sandbox : public testing::Test {
 protected:
  Sandbox() : place_(TemporaryDirectory::create().value()), root_(place_.path()) {
    for (const char* name : {"/box", "/box/dir", "/outside", "/outside/dir"}) {
      std::filesystem::create_directory(root_ + name);
    }
    make_file(root_ + "/box/file", "inside");
    make_file(root_ + "/box/dir/file", "inside");
    make_file(root_ + "/outside/file", "secret");
    make_file(root_ + "/outside/dir/file", "secret");
  }

  TestGuest guest(bool read_only = false) {
    WorldOptions options;
    options.preopens = {{root_ + "/box", "/box", read_only}};
    return TestGuest(std::move(options));
  }

  TemporaryDirectory place_;
  std::string root_;
};

TEST_F(Sandbox, ReadOnlyDirectoriesAreNeverChanged) {
  std::filesystem::create_symlink("file", root_ + "/box/link");
  std::string before = snapshot(root_ + "/box");
  TestGuest guest = this->guest(true);
  Fd file = 0, directory = 0;
  ASSERT_EQ(guest.open(3, "dir", kDirectoryOnly, 0, &directory), Errno::kSuccess);
  for (Fd fd : {Fd{3}, directory}) {
    Fd opened = 0;
    EXPECT_EQ(guest.open(fd, "new", kCreate, rights::kFdRead, &opened), Errno::kNotCapable);
    EXPECT_EQ(guest.open(fd, "file", kCreate, rights::kFdRead, &opened), Errno::kNotCapable);
    EXPECT_EQ(guest.open(fd, "file", kTruncate, rights::kFdRead, &opened), Errno::kNotCapable);
    EXPECT_EQ(guest.open(fd, "file", 0, rights::kFdWrite, &opened), Errno::kNotCapable);
    EXPECT_EQ(guest.on_path("path_create_directory", fd, "new"), Errno::kNotCapable);
    EXPECT_EQ(guest.on_path("path_remove_directory", fd, "dir"), Errno::kNotCapable);
    EXPECT_EQ(guest.on_path("path_unlink_file", fd, "file"), Errno::kNotCapable);
    EXPECT_EQ(guest.rename(fd, "file", fd, "new"), Errno::kNotCapable);
    EXPECT_EQ(guest.link(fd, "file", fd, "new"), Errno::kNotCapable);
    EXPECT_EQ(guest.symlink("file", fd, "new"), Errno::kNotCapable);
    uint32_t path = guest.put("file");
    EXPECT_EQ(guest.call("path_filestat_set_times", {fd, 0, path, 4, 0, 0, kMtim | kAtim}),
              Errno::kNotCapable);
    EXPECT_EQ(guest.call("fd_filestat_set_times", {fd, 0, 0, kMtim}), Errno::kNotCapable);
    ASSERT_EQ(guest.open(fd, "file", 0, rights::kFdRead, &file), Errno::kSuccess);
    std::string text;
    EXPECT_EQ(guest.read(file, 100, &text), Errno::kSuccess);
    EXPECT_EQ(text, "inside");
    EXPECT_EQ(guest.write(file, "x"), Errno::kBadF);
    EXPECT_EQ(guest.call("fd_filestat_set_times", {file, 0, 0, kMtim}), Errno::kNotCapable);
    EXPECT_EQ(guest.call("fd_filestat_set_size", {file, 0}), Errno::kInval);
    EXPECT_EQ(guest.call("fd_allocate", {file, 0, 100}), Errno::kNotCapable);
    EXPECT_EQ(guest.call("fd_fdstat_set_rights", {file, rights::kFile, 0}), Errno::kNotCapable);
  }
  EXPECT_EQ(snapshot(root_ + "/box"), before);
}

// Else a guest could write through the second name, or take the file away.
TEST_F(Sandbox, NothingLeavesAReadOnlyDirectoryForAWritableOne) {
  WorldOptions options;
  options.preopens = {{root_ + "/outside", "/ro", true}, {root_ + "/box", "/rw"}};
  TestGuest guest(std::move(options));
  std::string before = snapshot(root_ + "/outside");
  EXPECT_EQ(guest.link(3, "file", 4, "linked"), Errno::kNotCapable);
  EXPECT_EQ(guest.rename(3, "file", 4, "moved"), Errno::kNotCapable);
  EXPECT_EQ(guest.rename(4, "file", 3, "file"), Errno::kNotCapable);
  EXPECT_EQ(guest.link(4, "file", 3, "new"), Errno::kNotCapable);
  // Whatever number the directory has.
  EXPECT_EQ(guest.call("fd_renumber", {3, 4}), Errno::kSuccess);
  EXPECT_EQ(guest.on_path("path_unlink_file", 4, "file"), Errno::kNotCapable);
  EXPECT_EQ(snapshot(root_ + "/outside"), before);
}

TEST_F(Sandbox, ADirectoryThatTheHostMovesAwayLeadsNoFurther) {
  TestGuest guest = this->guest();
  Fd directory = 0, fd = 0;
  ASSERT_EQ(guest.open(3, "dir", kDirectoryOnly, 0, &directory), Errno::kSuccess);
  std::filesystem::rename(root_ + "/box/dir", root_ + "/outside/moved");
  std::string before = snapshot(root_ + "/outside");
  EXPECT_EQ(guest.open(directory, "../file", 0, rights::kFdRead, &fd), Errno::kPerm);
  EXPECT_EQ(guest.open(directory, "..", kDirectoryOnly, 0, &fd), Errno::kPerm);
  EXPECT_EQ(guest.on_path("path_unlink_file", directory, "../file"), Errno::kPerm);
  EXPECT_EQ(guest.rename(directory, "../file", 3, "stolen"), Errno::kPerm);
  EXPECT_EQ(guest.rename(3, "file", directory, "../file"), Errno::kPerm);
  EXPECT_EQ(guest.open(3, "dir/../file", 0, rights::kFdRead, &fd), Errno::kNoEnt);
  EXPECT_EQ(snapshot(root_ + "/outside"), before);
}

// Exchanges names in the box over and over while it lives.
class Swapper {
 public:
  Swapper(std::string box, std::vector<std::pair<std::string, std::string>> pairs)
      : box_(::open(box.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
        pairs_(std::move(pairs)),
        thread_([this] { run(); }) {}
  ~Swapper() {
    stop_ = true;
    thread_.join();
  }
  uint64_t rounds() const { return rounds_; }

 private:
  void run() {
    while (!stop_) {
      for (const auto& [a, b] : pairs_) {
        WHERRY_CHECK(
            ::renameat2(box_.number(), a.c_str(), box_.number(), b.c_str(), RENAME_EXCHANGE) == 0,
            a, b);
      }
      rounds_++;
    }
  }
  FileDescriptor box_;
  std::vector<std::pair<std::string, std::string>> pairs_;
  std::atomic<bool> stop_ = false;
  std::atomic<uint64_t> rounds_ = 0;
  std::thread thread_;
};

// One round of all that goes through a name which is now a directory or file of the box, now a link
// that leads outside.
class Racer {
 public:
  Racer(TestGuest& guest, ino_t outside_file) : guest_(guest), outside_file_(outside_file) {}

  void round(const std::string& name) {
    open("file", kCreate, rights::kFdRead, 0);  // may have been lost in the last round
    open(name + "/file", 0, rights::kFdRead, kSymlinkFollow);
    open(name + "/../" + name + "/file", 0, rights::kFdRead, kSymlinkFollow);
    open(name + "/new", kCreate | kTruncate, rights::kFdWrite, kSymlinkFollow);
    note(guest_.rename(3, name + "/new", 3, name + "/renamed"));
    note(guest_.rename(3, "file", 3, name + "/taken"));
    note(guest_.rename(3, name + "/taken", 3, "file"));
    note(guest_.rename(3, name + "/file", 3, name + "/file"));
    note(guest_.link(3, "file", 3, name + "/linked"));
    note(guest_.link(3, name + "/file", 3, "linked"));
    note(guest_.symlink("file", 3, name + "/symbolic"));
    note(guest_.on_path("path_create_directory", 3, name + "/made"));
    note(guest_.on_path("path_remove_directory", 3, name + "/made"));
    for (const char* leftover : {"/renamed", "/linked", "/symbolic", "/taken"}) {
      note(guest_.on_path("path_unlink_file", 3, name + leftover));
    }
    status(name + "/file");
    times(name + "/file");
    list(name);
    // Files, where the last component itself is exchanged.
    for (uint32_t lookup : {0u, uint32_t{kSymlinkFollow}}) {
      open("plain", 0, rights::kFdRead, lookup);
      open("plain", kTruncate, rights::kFdWrite | rights::kFdRead, lookup);
      open("plain", kCreate | kTruncate, rights::kFdWrite, lookup);
      note(guest_.link(3, "plain", 3, "linked", lookup));
      guest_.on_path("path_unlink_file", 3, "linked");
    }
    status("plain");
    times("plain");
  }
  int done() const { return done_; }
  int refused() const { return refused_; }

 private:
  bool note(Errno error) {
    done_ += error == Errno::kSuccess;
    refused_ += error == Errno::kPerm;
    return error == Errno::kSuccess;
  }
  void open(const std::string& path, uint32_t oflags, Rights rights, uint32_t lookup) {
    Fd fd = 0;
    if (!note(guest_.open(3, path, oflags, rights, &fd, lookup))) return;
    std::string text;
    if (rights & rights::kFdRead) guest_.read(fd, 100, &text);
    EXPECT_EQ(text.find("secret"), text.npos) << path;
    if (rights & rights::kFdWrite) guest_.write(fd, "inside");
    guest_.call("fd_close", {fd});
  }
  void status(const std::string& path) {
    uint32_t address = guest_.put(path);
    bool is_done = note(guest_.call("path_filestat_get",
                                    {3, kSymlinkFollow, address, path.size(), TestGuest::kResult}));
    if (!is_done) return;
    EXPECT_NE(guest_.read<FileStat>(TestGuest::kResult).inode, outside_file_);
  }
  void times(const std::string& path) {
    uint32_t address = guest_.put(path);
    note(guest_.call("path_filestat_set_times",
                     {3, kSymlinkFollow, address, path.size(), 1, 1, kAtim | kMtim}));
  }
  void list(const std::string& path) {
    Fd fd = 0;
    if (!note(guest_.open(3, path, kDirectoryOnly, 0, &fd))) return;
    uint32_t into = guest_.put(std::string(2048, '\0'));
    EXPECT_EQ(guest_.call("fd_readdir", {fd, into, 2048, 0, TestGuest::kResult}), Errno::kSuccess);
    std::string names = guest_.text(into, guest_.read<uint32_t>(TestGuest::kResult));
    EXPECT_EQ(names.find("only_outside"), names.npos);
    guest_.call("fd_close", {fd});
  }

  TestGuest& guest_;
  ino_t outside_file_;
  int done_ = 0;
  int refused_ = 0;  // for leading outside
};

TEST_F(Sandbox, LinksThatAreExchangedForDirectoriesMeanwhileLeadNowhere) {
  make_file(root_ + "/outside/only_outside", "secret");
  make_file(root_ + "/outside/dir/only_outside", "secret");
  std::filesystem::create_directory(root_ + "/box/other");
  make_file(root_ + "/box/other/file", "inside");
  make_file(root_ + "/box/plain", "inside");
  std::filesystem::create_symlink("../outside", root_ + "/box/relative_link");
  std::filesystem::create_symlink(root_ + "/outside/dir", root_ + "/box/absolute_link");
  std::filesystem::create_symlink("../outside/file", root_ + "/box/file_link");
  std::string before = snapshot(root_ + "/outside");
  struct stat outside_file;
  ASSERT_EQ(::stat((root_ + "/outside/file").c_str(), &outside_file), 0);

  TestGuest guest = this->guest();
  Racer racer(guest, outside_file.st_ino);
  {
    Swapper swapper(root_ + "/box",
                    {{"dir", "relative_link"}, {"other", "absolute_link"}, {"plain", "file_link"}});
    // Until both happened often enough, and the host was at work meanwhile.
    auto is_enough = [&] {
      return racer.done() > 3000 && racer.refused() > 3000 && swapper.rounds() > 3000;
    };
    for (int i = 0; !is_enough(); i++) {
      ASSERT_LT(i, 1'000'000) << "nothing was exchanged while it was looked up";
      racer.round(i % 2 ? "dir" : "other");
    }
  }
  EXPECT_EQ(snapshot(root_ + "/outside"), before);
}

}  // namespace
}  // namespace wherry::wasi
