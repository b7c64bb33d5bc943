#include "cli/release_queue.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "base/sha256.h"
#include "runtime/compiled_module.h"

namespace wherry::cli {

namespace {

constexpr size_t kMostWaiting = 64;
constexpr uint64_t kMostWaitingBytes = 256ull << 20;
constexpr std::chrono::milliseconds kAskAgain{100};

constexpr CompilerLimits kInBackground{.in_background = true};

struct WaitingModule {
  CacheKey key;
  std::string path;
  uint64_t bytes = 0;
  timespec since{};
};

// Those for this engine, who waits longest first.
std::vector<WaitingModule> waiting_modules(const std::string& directory,
                                           const std::string& engine) {
  std::vector<WaitingModule> all;
  for_each_file(directory, kWaiting, [&](const std::string& path, const struct stat& status) {
    const size_t start = path.rfind('/') + 1;
    auto key = CacheKey::parse(
        std::string_view(path).substr(start, path.size() - kWaiting.size() - start));
    if (!key || key->engine != engine) return;
    all.push_back({*key, path, static_cast<uint64_t>(status.st_size), status.st_mtim});
  });
  std::sort(all.begin(), all.end(), [](const WaitingModule& a, const WaitingModule& b) {
    return std::tuple(a.since.tv_sec, a.since.tv_nsec, a.path) <
           std::tuple(b.since.tv_sec, b.since.tv_nsec, b.path);
  });
  return all;
}

// Who holds the first is the worker; who holds the second compiles.
std::string worker_of(const Cache& cache) { return cache.path("worker", ""); }
std::string turn_of(const Cache& cache) { return cache.path("background", ""); }

// False if nothing came of it.
bool leave_in_queue(const Cache& cache, const CacheKey& key, Bytes module) {
  std::string path = cache.path(key.name(), kWaiting);
  if (::access(path.c_str(), F_OK) == 0) return true;
  uint64_t bytes = module.size();
  std::vector<WaitingModule> waiting = waiting_modules(cache.directory(), key.engine);
  for (const WaitingModule& other : waiting) bytes += other.bytes;
  if (waiting.size() >= kMostWaiting || bytes > kMostWaitingBytes) return true;
  auto directory = cache.working_directory();
  if (!directory.ok()) return false;
  std::string file_name = directory->path() + "/module";
  return write_new_file(file_name, module).ok() && ::rename(file_name.c_str(), path.c_str()) == 0;
}

// What cannot be compiled now cannot be compiled at the next start either, unless the cause is the
// machine's.
void note_failure(const Cache& cache, const CacheKey& key, const Error& error) {
  if (error.kind != ErrorKind::kIo) cache.note_failure(key, error.message);
}

Status can_be_run(int fd) {
  TRY(runtime::CompiledModule::load(fd, "release code"));
  return ok_status();
}

// In a process of its own.
void work_off_queue(const Settings& settings) {
  CachedCompiler compiler(settings);
  const Cache* cache = compiler.cache();
  if (cache == nullptr) return;
  const std::string engine = engine_name(settings.compiler);
  // Who comes when we have seen the last module, but still hold the lock, starts no worker that
  // stays: so look again after the lock is free.
  while (!waiting_modules(cache->directory(), engine).empty()) {
    auto worker = LockFile::try_acquire(worker_of(*cache));
    if (!worker.ok() || !*worker) return;
    for (;;) {
      std::vector<WaitingModule> waiting = waiting_modules(cache->directory(), engine);
      if (waiting.empty()) break;
      auto turn = LockFile::acquire(turn_of(*cache));
      if (!turn.ok()) return;
      const WaitingModule& next = waiting.front();
      auto module = read_file(next.path, kMostWaitingBytes);
      // Before it is compiled: if that kills us, it is not tried over and over.
      if (::unlink(next.path.c_str()) != 0 && errno != ENOENT) return;
      if (!module.ok() || to_hex(sha256(*module)) != next.key.module) continue;
      Status made = compiler.make({*module, "release code", next.key}, can_be_run, kInBackground);
      if (!made.ok()) note_failure(*cache, next.key, made.error());
    }
  }
}

// Away from the terminal, from all that we have open, and from where we are.
void become_worker(Settings& settings, const Cache& cache) {
  settings.cache_directory = cache.directory();
  if (settings.compiler.starts_with('/')) (void)!::chdir("/");
  ::prctl(PR_SET_NAME, "wherry-release");
  ::setpriority(PRIO_PROCESS, 0, 19);
  int null_device = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null_device, fd);
  if (::syscall(SYS_close_range, 3u, ~0u, 0u) != 0) {
    for (int fd = 3; fd < 1024; fd++) ::close(fd);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

void make_release_code_for_next_start(const Cache& cache, const Settings& settings,
                                      const CacheKey& release, Bytes module) {
  if (!leave_in_queue(cache, release, module)) return;
  pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    // Its parent ends at once, so that ours never has to wait for it.
    if (::fork() != 0) ::_exit(0);
    Settings own = settings;
    become_worker(own, cache);
    work_off_queue(own);
    ::_exit(0);
  }
  if (child > 0) ::waitpid(child, nullptr, 0);
}

Status make_release_code(CachedCompiler& compiler, const CachedCompiler::Work& work,
                         const CachedCompiler::Accept& accept, const Cancellation& cancellation) {
  const Cache* cache = compiler.cache();
  std::optional<LockFile> turn;
  while (cache != nullptr && !turn) {
    auto tried = LockFile::try_acquire(turn_of(*cache));
    if (!tried.ok()) break;  // then without
    if (*tried)
      turn.emplace(std::move(**tried));
    else if (cancellation.wait_for(kAskAgain))
      return make_error(ErrorKind::kIo, "waiting for another compiler was interrupted");
  }
  Status made = compiler.make(work, accept, kInBackground, &cancellation);
  if (cache != nullptr && !made.ok()) note_failure(*cache, work.key, made.error());
  return made;
}

}  // namespace wherry::cli
