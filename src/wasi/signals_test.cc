// Calls that wait, while signals come that do not mean the guest.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/clock.h"
#include "wasi/test_guest.h"

namespace wherry::wasi {
namespace {

std::atomic<int> signals;
std::atomic<int> wake_fd = -1;  // written to by the fifth signal

void on_signal(int) {
  if (++signals == 5 && wake_fd >= 0 && ::write(wake_fd, "x", 1) != 1) signals = -1000;
}

// A signal every millisecond for as long as it lives, whose handler does not restart calls.
class Ticking {
 public:
  Ticking() {
    signals = 0;
    struct sigaction action = {};
    action.sa_handler = on_signal;
    ::sigaction(SIGALRM, &action, &before_);
    set(1000);
  }
  ~Ticking() {
    set(0);
    ::sigaction(SIGALRM, &before_, nullptr);
    wake_fd = -1;
  }

 private:
  static void set(suseconds_t period_us) {
    itimerval timer{.it_interval = {0, period_us}, .it_value = {0, period_us}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }
  struct sigaction before_;
};

TEST(WasiSignals, AWaitForAClockIsAsLongAsAsked) {
  TestGuest guest{{}};
  Subscription subscription = {};
  subscription.clock.id = kMonotonic;
  subscription.clock.timeout = 30'000'000;
  uint32_t in = guest.put({reinterpret_cast<const char*>(&subscription), sizeof(subscription)});
  uint64_t start = SystemClock().monotonic_ns();
  Ticking ticking;
  EXPECT_EQ(guest.call("poll_oneoff", {in, 1000, 1, TestGuest::kResult}), Errno::kSuccess);
  EXPECT_GE(SystemClock().monotonic_ns() - start, 30'000'000u);
  EXPECT_GT(signals, 1);
  EXPECT_EQ(guest.read<uint32_t>(TestGuest::kResult), 1u);
}

TEST(WasiSignals, ReadingAStreamWaitsOn) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  FileDescriptor reader(pipe[0]), writer(pipe[1]);
  WorldOptions options;
  options.standard_input = std::make_unique<HostInput>(reader.number());
  TestGuest guest(std::move(options));
  wake_fd = writer.number();
  Ticking ticking;
  std::string text;
  EXPECT_EQ(guest.read(0, 10, &text), Errno::kSuccess);
  EXPECT_EQ(text, "x");
  EXPECT_GE(signals, 5);
}

TEST(WasiSignals, ReadingAFileThatIsAPipeWaitsOn) {
  TemporaryDirectory place = TemporaryDirectory::create().value();
  std::string path = place.path() + "/fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  FileDescriptor writer(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  WorldOptions options;
  options.preopens = {{place.path(), "/"}};
  TestGuest guest(std::move(options));
  Fd fd = 0;
  ASSERT_EQ(guest.open(3, "fifo", 0, rights::kFdRead, &fd), Errno::kSuccess);
  wake_fd = writer.number();
  Ticking ticking;
  std::string text;
  EXPECT_EQ(guest.read(fd, 10, &text), Errno::kSuccess);
  EXPECT_EQ(text, "x");
  EXPECT_GE(signals, 5);
}

TEST(WasiSignals, OpeningAFifoWaitsOnForItsOtherEnd) {
  TemporaryDirectory place = TemporaryDirectory::create().value();
  std::string path = place.path() + "/fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  WorldOptions options;
  options.preopens = {{place.path(), "/"}};
  TestGuest guest(std::move(options));
  // The other end comes when the call has been cut short a few times. The signals are not for its
  // thread.
  sigset_t alarm;
  ::sigemptyset(&alarm);
  ::sigaddset(&alarm, SIGALRM);
  ::pthread_sigmask(SIG_BLOCK, &alarm, nullptr);
  signals = 0;
  std::thread other_end([&] {
    while (signals < 5) std::this_thread::yield();
    FileDescriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  });
  ::pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
  Fd fd = 0;
  {
    Ticking ticking;
    EXPECT_EQ(guest.open(3, "fifo", 0, rights::kFdRead, &fd), Errno::kSuccess);
    other_end.join();
  }
  std::string text = "something";
  EXPECT_EQ(guest.read(fd, 10, &text), Errno::kSuccess);
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace wherry::wasi
