#include "verify/child.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/programs.h"

namespace wherry::verify {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kMaxLogBytes = 4096;
constexpr size_t kMaxOutputBytes = 256 << 20;
constexpr milliseconds kGrace{5000};

struct Actions {
  Actions() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    // Signals that we hold back are the child's end.
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  ~Actions() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  Actions(const Actions&) = delete;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

Result<std::pair<FileDescriptor, FileDescriptor>> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "pipe");
  return std::pair(FileDescriptor(ends[0]), FileDescriptor(ends[1]));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> environment_of(const ChildPlan& plan) {
  std::map<std::string, std::string> all = plan.environment;
  for (const char* name : {"PATH", "HOME", "CONTAINERS_CONF", "XDG_RUNTIME_DIR"}) {
    if (std::string value = variable(name); !value.empty()) all.emplace(name, value);
  }
  std::vector<std::string> texts;
  for (const auto& [name, value] : all) texts.push_back(name + "=" + value);
  return texts;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
  if (name.find('/') != name.npos) {
    if (::access(name.c_str(), X_OK) != 0) return {};
    // It is started in another directory.
    std::unique_ptr<char, decltype(&std::free)> whole(::realpath(name.c_str(), nullptr), std::free);
    return whole ? std::string(whole.get()) : name;
  }
  return wherry::find_program(name, directories_of_path(variable("PATH")));
}

Result<unsigned> free_port() {
  FileDescriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(probe.number(), generic, size) != 0 ||
      ::getsockname(probe.number(), generic, &size) != 0) {
    return errno_error(errno, "no port is free");
  }
  return unsigned{ntohs(address.sin_port)};
}

Result<std::unique_ptr<Child>> Child::start(const ChildPlan& plan) {
  auto program = find_program(plan.command[0]);
  if (!program) return make_error(ErrorKind::kNotFound, "{} is not installed", plan.command[0]);
  std::unique_ptr<Child> child(new Child());
  child->directory_.emplace(TRY(TemporaryDirectory::create()));
  const std::string log = child->directory_->path() + "/log";
  Actions set;
  auto* actions = &set.actions;
  ::posix_spawn_file_actions_addopen(actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  FileDescriptor childs_input, childs_output;
  if (plan.has_pipes) {
    auto [read, write] = TRY(make_pipe());
    childs_input = std::move(read);
    child->input_ = std::move(write);
    auto [from, to] = TRY(make_pipe());
    child->output_ = std::move(from);
    childs_output = std::move(to);
    ::posix_spawn_file_actions_adddup2(actions, childs_input.number(), 0);
    ::posix_spawn_file_actions_adddup2(actions, childs_output.number(), 1);
  } else {
    ::posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(actions, 2, 1);
  }
  if (!plan.directory.empty()) {
    ::posix_spawn_file_actions_addchdir_np(actions, plan.directory.c_str());
  }
  std::vector<std::string> command = plan.command, environment = environment_of(plan);
  int error = ::posix_spawn(&child->process_, program->c_str(), actions, &set.attributes,
                            pointers_to(command).data(), pointers_to(environment).data());
  if (error != 0) {
    child->process_ = -1;
    return errno_error(error, *program);
  }
  return child;
}

Child::~Child() {
  if (process_ < 0 || has_ended()) return;
  input_ = FileDescriptor();
  ::kill(process_, SIGTERM);
  const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
  pollfd ending{handle.number(), POLLIN, 0};
  const auto deadline = steady_clock::now() + kGrace;
  while (!has_ended()) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0 || !handle.is_open()) break;
    (void)::poll(&ending, 1, static_cast<int>(left.count()));
  }
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool Child::has_ended() {
  if (process_ >= 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
  return process_ < 0;
}

std::string Child::log() const {
  auto bytes = read_file(directory_->path() + "/log", kMaxOutputBytes);
  if (!bytes.ok()) return {};
  const std::string_view text = as_text(*bytes);
  return std::string(text.substr(text.size() - std::min(text.size(), kMaxLogBytes)));
}

Status Child::write(std::string_view text) {
  return write_all(input_.number(), as_bytes(text), "the process");
}

Status Child::read_more(steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  pollfd waiting{output_.number(), POLLIN, 0};
  const int ready = ::poll(&waiting, 1, std::max<int>(0, static_cast<int>(left.count())));
  if (ready < 0 && errno == EINTR) return ok_status();
  if (ready <= 0) return make_error(ErrorKind::kIo, "no answer in time");
  char piece[64 * 1024];
  const ssize_t got = ::read(output_.number(), piece, sizeof piece);
  if (got < 0) return errno == EINTR ? ok_status() : errno_error(errno, "the process's output");
  at_end_ = got == 0;
  read_.append(piece, static_cast<size_t>(got));
  if (read_.size() <= kMaxOutputBytes) return ok_status();
  return make_error(ErrorKind::kLimit, "it printed more than {} bytes", kMaxOutputBytes);
}

Result<std::string> Child::read_line(milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  size_t end;
  while ((end = read_.find('\n')) == read_.npos) {
    if (at_end_) return make_error(ErrorKind::kIo, "it ended: {}", log());
    TRY(read_more(deadline));
  }
  std::string line = read_.substr(0, end);
  read_.erase(0, end + 1);
  return line;
}

Result<std::string> Child::read_all(milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  while (!at_end_) TRY(read_more(deadline));
  return std::move(read_);
}

}  // namespace wherry::verify
