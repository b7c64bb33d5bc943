#include "bench/process.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "bench/test_files.h"

namespace wherry::bench {
namespace {

using std::chrono::milliseconds;

class Process : public testing::Test {
 protected:
  Result<ProcessResult> run(Command command, ProcessPlan plan = {}) {
    plan.command = std::move(command);
    if (plan.output.empty()) plan.output = files_.path() + "/output";
    plan.errors = files_.path() + "/errors";
    return run_process(plan, interrupts_);
  }
  TestFiles files_;
  Interrupts interrupts_ = Interrupts::hold().value();
};

TEST_F(Process, SeparatesOutputsAndGivesInput) {
  ProcessPlan plan;
  plan.input = files_.write("input", "from a file");
  auto result = run({"/bin/sh", "-c", "cat; echo oops >&2; exit 3"}, plan);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->signal, 0);
  EXPECT_EQ(files_.text_of("output"), "from a file");
  EXPECT_EQ(files_.text_of("errors"), "oops\n");
}

TEST_F(Process, CountsTimeOfChildrenThatWereAwaited) {
  auto busy = run({"/bin/sh", "-c", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'"});
  ASSERT_TRUE(busy.ok());
  EXPECT_GT(busy->sample.cpu_s(), 0.01);
  EXPECT_GT(busy->sample.wall_s, 0.01);
  EXPECT_GT(busy->sample.peak_bytes, 100u * 1024);
}

TEST_F(Process, EndsAHangWithAllThatItStarted) {
  ProcessPlan plan;
  plan.timeout = milliseconds(300);
  const std::string fifo = files_.path() + "/alive";
  auto result = run({"/bin/sh", "-c", "sleep 1000 & echo $! > " + fifo + "; wait"}, plan);
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->is_timed_out);
  const pid_t grandchild = std::atoi(files_.text_of("alive").c_str());
  ASSERT_GT(grandchild, 0);
  // It was told to end; whoever inherits it has to notice.
  for (int i = 0; i < 200 && ::kill(grandchild, 0) == 0; i++) {
    const std::string stat = "/proc/" + std::to_string(grandchild) + "/stat";
    auto text = read_file(stat, 4096);
    if (!text.ok() || as_text(*text).find(") Z ") != std::string_view::npos) return;
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_NE(::kill(grandchild, 0), 0) << "process " << grandchild << " still runs";
}

TEST_F(Process, TellsASignal) {
  auto result = run({"/bin/sh", "-c", "kill -SEGV $$"});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->signal, SIGSEGV);
}

TEST_F(Process, LimitsWhatIsWritten) {
  ProcessPlan plan;
  plan.max_file_bytes = 10'000;
  auto result = run({"/bin/sh", "-c", "exec cat /dev/zero"}, plan);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->signal, SIGXFSZ);
  EXPECT_EQ(files_.text_of("output").size(), 10'000u);
}

TEST_F(Process, RefusesWhatIsNoProgram) {
  auto missing = run({files_.path() + "/missing"});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  auto text = run({files_.write("text", "not a program")});
  ASSERT_FALSE(text.ok());
}

TEST_F(Process, RunsOnTheCoreThatItIsGiven) {
  ProcessPlan plan;
  plan.core = allowed_cores().back();
  ASSERT_TRUE(run({"/bin/sh", "-c", "grep Cpus_allowed_list /proc/self/status"}, plan).ok());
  EXPECT_EQ(files_.text_of("output"), fmt::format("Cpus_allowed_list:\t{}\n", *plan.core));
}

TEST_F(Process, AnInterruptEndsIt) {
  std::thread later([] {
    std::this_thread::sleep_for(milliseconds(100));
    ::kill(::getpid(), SIGINT);
  });
  auto result = run({"/bin/sleep", "1000"});
  later.join();
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->is_interrupted);
  EXPECT_TRUE(interrupts_.has_come());
}

TEST_F(Process, StartsWithSignalsAsUsual) {
  ASSERT_TRUE(run({"/bin/sh", "-c", "grep SigBlk /proc/self/status"}).ok());
  EXPECT_EQ(files_.text_of("output"), "SigBlk:\t0000000000000000\n");
}

TEST(ShellText, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(shell_text({"a", "b c", "d'e", "", "--x=1"}), "a 'b c' 'd'\\''e' '' --x=1");
}

}  // namespace
}  // namespace wherry::bench
