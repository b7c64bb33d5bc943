#include "bench/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace wherry::bench {

namespace {

using std::chrono::steady_clock;

// What the child does between fork and exec; only what a signal handler may do. Returns on failure.
struct Child {
  const ProcessPlan& plan;
  std::vector<char*> arguments;
  int input, output, errors;
  pid_t parent;

  void run() const {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it died before the line above
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (plan.core) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(*plan.core, &set);
      ::sched_setaffinity(0, sizeof set, &set);
    }
    const rlimit bytes{plan.max_file_bytes, plan.max_file_bytes};
    ::setrlimit(RLIMIT_FSIZE, &bytes);
    if (!plan.directory.empty() && ::chdir(plan.directory.c_str()) != 0) return;
    if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(errors, 2) < 0) return;
    ::execv(arguments[0], arguments.data());
  }
};

Result<FileDescriptor> open_file(const std::string& path, int flags) {
  FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (!file.is_open()) return errno_error(errno, path);
  return file;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

enum class Wait { kEnded, kTimedOut, kInterrupted };

Wait wait_for(int process, Interrupts& interrupts, steady_clock::time_point deadline) {
  pollfd waiting[] = {{process, POLLIN, 0}, {interrupts.descriptor(), POLLIN, 0}};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) return Wait::kTimedOut;
    const int64_t wait_ms = std::min<int64_t>(left.count(), 3'600'000);
    if (::poll(waiting, 2, static_cast<int>(wait_ms)) < 0 && errno != EINTR) return Wait::kTimedOut;
    if (waiting[0].revents != 0) return Wait::kEnded;
    if (waiting[1].revents != 0 && interrupts.has_come()) return Wait::kInterrupted;
  }
}

}  // namespace

std::string shell_text(const Command& command) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@,+%-";
  std::string text;
  for (const std::string& word : command) {
    if (!text.empty()) text += ' ';
    if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) {
      text += word;
      continue;
    }
    text += '\'';
    for (char c : word) {
      if (c == '\'') {
        text += "'\\''";
      } else {
        text += c;
      }
    }
    text += '\'';
  }
  return text;
}

Result<Interrupts> Interrupts::hold() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  FileDescriptor signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.is_open()) return errno_error(errno, "signalfd");
  return Interrupts(std::move(signals));
}

bool Interrupts::has_come() {
  signalfd_siginfo info;
  while (::read(signals_.number(), &info, sizeof info) > 0) has_come_ = true;
  return has_come_;
}

Result<ProcessResult> run_process(const ProcessPlan& plan, Interrupts& interrupts) {
  const FileDescriptor input =
      TRY(open_file(plan.input.empty() ? "/dev/null" : plan.input, O_RDONLY));
  const FileDescriptor output =
      TRY(open_file(plan.output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND));
  const FileDescriptor errors =
      TRY(open_file(plan.errors, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "pipe");
  FileDescriptor told(ends[0]), tell(ends[1]);

  Command words = plan.command;
  Child child{plan, {}, input.number(), output.number(), errors.number(), ::getpid()};
  for (std::string& word : words) child.arguments.push_back(word.data());
  child.arguments.push_back(nullptr);

  const auto began = steady_clock::now();
  const pid_t process = ::fork();
  if (process < 0) return errno_error(errno, "fork");
  if (process == 0) {
    child.run();
    const int error = errno;
    (void)!::write(tell.number(), &error, sizeof error);
    ::_exit(127);
  }
  ::setpgid(process, process);  // whoever comes first
  FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  tell = FileDescriptor();
  int error = 0;
  const bool failed = ::read(told.number(), &error, sizeof error) == sizeof error;
  const bool can_wait = handle.is_open();
  const Wait wait = failed || !can_wait
                        ? Wait::kEnded
                        : wait_for(handle.number(), interrupts, began + plan.timeout);
  // Also those that a process left behind when it ended.
  ::kill(-process, SIGKILL);
  int status = 0;
  rusage usage{};
  while (::wait4(process, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  const auto ended = steady_clock::now();
  if (failed) return errno_error(error, plan.command[0]);
  if (!can_wait) return make_error(ErrorKind::kUnsupported, "the kernel has no pidfd_open");

  ProcessResult result;
  result.sample.wall_s = std::chrono::duration<double>(ended - began).count();
  result.sample.user_s = seconds_of(usage.ru_utime);
  result.sample.system_s = seconds_of(usage.ru_stime);
  result.sample.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  result.is_timed_out = wait == Wait::kTimedOut;
  result.is_interrupted = wait == Wait::kInterrupted;
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

uint64_t own_peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

std::vector<unsigned> allowed_cores() {
  std::vector<unsigned> cores;
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (unsigned core = 0; core < CPU_SETSIZE; core++) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

}  // namespace wherry::bench
