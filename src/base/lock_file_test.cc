#include "base/lock_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

namespace wherry {
namespace {

class Locks : public testing::Test {
 protected:
  std::string path() const { return directory_.path() + "/lock"; }
  bool is_there() const { return ::access(path().c_str(), F_OK) == 0; }

  TemporaryDirectory directory_ = TemporaryDirectory::create().value();
};

TEST_F(Locks, ExcludeEachOtherAndLeaveNoFile) {
  {
    LockFile held = LockFile::acquire(path()).value();
    EXPECT_FALSE(LockFile::try_acquire(path()).value().has_value());
    EXPECT_TRUE(is_there());
  }
  EXPECT_FALSE(is_there());
  EXPECT_TRUE(LockFile::try_acquire(path()).value().has_value());
}

TEST_F(Locks, SayWhyThereCanBeNone) {
  auto failed = LockFile::acquire(directory_.path() + "/missing/lock");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind, ErrorKind::kNotFound);
}

// Holders remove the file that others wait for, over and over.
TEST_F(Locks, HaveOneHolderAtATimeAmongManyThreads) {
  std::atomic<int> inside = 0, wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; i++) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 500; turn++) {
        LockFile held = LockFile::acquire(path()).value();
        if (inside.fetch_add(1) != 0) wrong++;
        inside.fetch_sub(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Locks, AreFreeWhenTheirHolderWasKilled) {
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto held = LockFile::acquire(path());
    (void)!::write(ready[1], held.ok() ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  EXPECT_FALSE(LockFile::try_acquire(path()).value().has_value());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_TRUE(is_there());  // nobody was left to remove it
  EXPECT_TRUE(LockFile::try_acquire(path()).value().has_value());
}

}  // namespace
}  // namespace wherry
