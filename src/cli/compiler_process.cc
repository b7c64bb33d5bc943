#include "cli/compiler_process.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "base/files.h"
#include "cli/exit_codes.h"
#include "cli/report.h"

namespace wherry::cli {

namespace {

constexpr int kExitCannotStart = 127;
constexpr int kLowestPriority = 19;

// No sockets, and no io_uring, which makes sockets by another door; x32 system calls have other
// numbers and are refused whole. All else goes on: the limits and the file system hold it.
constexpr sock_filter kNoNetwork[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 4),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 1, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

struct ChildPlan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int null_fd;
  int messages_fd;
  int output_directory_fd;
  const CompilerLimits* limits;
};

void limit(__rlimit_resource resource, uint64_t value) {
  rlimit both{value, value};
  ::setrlimit(resource, &both);
}

// From now on files are changed below `directory_fd` only. False where the kernel has no Landlock.
bool fence_writes(int directory_fd) {
  constexpr uint64_t kTruncate = 1 << 14;  // newer than Debian 12's header
  long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr ruleset{};
  ruleset.handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                              LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                              LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                              LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                              LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  if (version >= 2) ruleset.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) ruleset.handled_access_fs |= kTruncate;
  auto ruleset_fd =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0));
  if (ruleset_fd < 0) return false;
  landlock_path_beneath_attr below{};
  below.allowed_access = ruleset.handled_access_fs;
  below.parent_fd = directory_fd;
  return ::syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0 &&
         ::syscall(SYS_landlock_restrict_self, ruleset_fd, 0) == 0;
}

// Between fork and exec of a program with threads: only system calls, no allocation.
[[noreturn]] void become_compiler(const ChildPlan& plan) {
  ::dup2(plan.null_fd, STDIN_FILENO);
  ::dup2(plan.null_fd, STDOUT_FILENO);
  ::dup2(plan.messages_fd, STDERR_FILENO);
  bool is_unprivileged = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (is_unprivileged) fence_writes(plan.output_directory_fd);
  // Asio's sockets are not close-on-exec.
  if (::syscall(SYS_close_range, 3u, ~0u, 0u) != 0) {
    for (int fd = 3; fd < 1024; fd++) ::close(fd);
  }
  limit(RLIMIT_AS, plan.limits->memory_bytes);
  limit(RLIMIT_CPU, static_cast<uint64_t>(plan.limits->cpu_time.count()));
  limit(RLIMIT_CORE, 0);
  if (plan.limits->in_background) {
    ::setsid();
    ::setpriority(PRIO_PROCESS, 0, kLowestPriority);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sock_fprog program{std::size(kNoNetwork), const_cast<sock_filter*>(kNoNetwork)};
  // A kernel without seccomp or Landlock (gVisor's older ones) still has the limits.
  if (is_unprivileged) ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
  ::execve(plan.program, plan.arguments, plan.environment);
  ::_exit(kExitCannotStart);
}

// All of the pipe, of which the first `limit_bytes` are kept. Kills the writer when cancelled.
std::string read_messages(int fd, size_t limit_bytes, pid_t writer,
                          const Cancellation* cancellation) {
  std::string text;
  char buffer[4096];
  // An event that is there stays there: it is looked at once.
  pollfd wanted[] = {{fd, POLLIN, 0}, {cancellation ? cancellation->descriptor() : -1, POLLIN, 0}};
  for (;;) {
    if (::poll(wanted, std::size(wanted), -1) < 0) {
      if (errno == EINTR) continue;
      return text;
    }
    if (wanted[1].revents != 0) {
      ::kill(writer, SIGKILL);
      wanted[1].fd = -1;
    }
    if (wanted[0].revents == 0) continue;
    ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, std::min(static_cast<size_t>(got), limit_bytes - text.size()));
  }
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from == to) return;
  for (size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

Result<std::string> outcome_of(int status, std::string messages, const CompileJob& job) {
  replace_all(messages, job.input, job.display_name);
  if (WIFSIGNALED(status)) {
    int signal = WTERMSIG(status);
    if (signal == SIGINT || signal == SIGTERM) {
      return make_error(ErrorKind::kIo, "{}: compiling was interrupted", job.display_name);
    }
    const char* why = signal == SIGXCPU   ? " (time limit)"
                      : signal == SIGKILL ? " (memory limit?)"
                                          : "";
    ErrorKind kind =
        signal == SIGXCPU || signal == SIGKILL ? ErrorKind::kLimit : ErrorKind::kInternal;
    return make_error(kind, "{}: the compiler was stopped by signal {}{}", job.display_name, signal,
                      why);
  }
  int code = WEXITSTATUS(status);
  if (code == 0) return messages;
  Error error = error_from_text(error_kind_of(code), messages);
  if (error.message.empty()) {
    error.message = fmt::format("{}: the compiler ended with exit code {} and said nothing",
                                job.display_name, code);
  }
  return error;
}

// What differs from the compiler's own choice.
void add_features(std::vector<std::string>& words, wasm::Features features) {
  for (wasm::Feature feature : wasm::switchable_features()) {
    if (features.has(feature) == wasm::Features::standard().has(feature)) continue;
    words.push_back(features.has(feature) ? "--enable" : "--disable");
    words.push_back(std::string(wasm::name_of(feature)));
  }
}

}  // namespace

Result<std::unique_ptr<Cancellation>> Cancellation::create() {
  FileDescriptor event(::eventfd(0, EFD_CLOEXEC));
  if (!event.is_open()) return errno_error(errno, "eventfd");
  return std::unique_ptr<Cancellation>(new Cancellation(std::move(event)));
}

void Cancellation::cancel() const { ::eventfd_write(event_.number(), 1); }

bool Cancellation::wait_for(std::chrono::milliseconds time) const {
  pollfd wanted{event_.number(), POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(time.count())) > 0;
}

InterruptsHeld::InterruptsHeld() {
  sigset_t held;
  ::sigemptyset(&held);
  ::sigaddset(&held, SIGINT);
  ::sigaddset(&held, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

InterruptsHeld::~InterruptsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

Result<std::string> run_compiler(const std::string& compiler, const CompileJob& job,
                                 const CompilerLimits& limits, const Cancellation* cancellation) {
  if (::access(compiler.c_str(), X_OK) != 0) {
    return errno_error(errno, fmt::format("cannot start the compiler {}", compiler))
        .with_hint("install wherry-compile beside wherry, or set WHERRY_COMPILE to its path");
  }
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) return errno_error(errno, "pipe");
  FileDescriptor messages_in(pipe_fds[0]), messages_out(pipe_fds[1]);
  FileDescriptor null_device(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_device.is_open()) return errno_error(errno, "/dev/null");

  std::vector<std::string> words{"wherry-compile",
                                 job.input,
                                 "-o",
                                 job.output,
                                 "--cpu",
                                 std::string(name_of(job.cpu)),
                                 "--profile",
                                 std::string(name_of(job.options.profile))};
  add_features(words, job.options.features);
  if (job.timings) words.push_back("--timings");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  size_t slash = job.output.rfind('/');
  std::string directory = slash == job.output.npos ? "." : job.output.substr(0, slash + 1);
  FileDescriptor output_directory(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!output_directory.is_open()) return errno_error(errno, directory);
  std::vector<char*> environment{nullptr};

  ChildPlan plan{compiler.c_str(),
                 arguments.data(),
                 environment.data(),
                 null_device.number(),
                 messages_out.number(),
                 output_directory.number(),
                 &limits};
  pid_t child = ::fork();
  if (child < 0) return errno_error(errno, "cannot start the compiler: fork");
  if (child == 0) become_compiler(plan);
  messages_out = FileDescriptor();
  std::string messages =
      read_messages(messages_in.number(), limits.message_bytes, child, cancellation);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return errno_error(errno, "waiting for the compiler");
  }
  if (cancellation != nullptr && cancellation->is_cancelled()) {
    return make_error(ErrorKind::kIo, "{}: compiling was interrupted", job.display_name);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kExitCannotStart && messages.empty()) {
    return make_error(ErrorKind::kIo, "cannot start the compiler {}", compiler);
  }
  return outcome_of(status, std::move(messages), job);
}

}  // namespace wherry::cli
