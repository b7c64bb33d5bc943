#include "cli/machine_checks.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "base/cpu.h"
#include "base/files.h"
#include "cli/cache.h"
#include "runtime/page_reset.h"

namespace wherry::cli {

namespace {

// Address space of one instance: see docs/architecture.md.
constexpr uint64_t kInstanceBytes = 8ull << 30;
constexpr uint64_t kManyMappings = 65'530;
constexpr uint64_t kManyDescriptors = 16'384;

Check cpu() {
  auto level = host_cpu_level();
  if (!level) {
    return {"cpu", Verdict::kBad, "older than x86-64-v2", "a CPU with SSE4.2 is needed"};
  }
  Check check{"cpu", Verdict::kGood, std::string(name_of(*level)), {}};
  if (*level < kPortableCpuLevel) {
    check.verdict = Verdict::kWarning;
    check.hint = "compile for it: wherry compile --cpu v2";
  }
  return check;
}

// What the process may use, which a container may have cut down.
Check cores() {
  return {"cores",
          Verdict::kGood,
          fmt::format("{} of {}", usable_cores(), std::thread::hardware_concurrency()),
          {}};
}

Check kernel() {
  utsname name{};
  ::uname(&name);
  return {"kernel", Verdict::kGood, std::string(name.sysname) + " " + name.release, {}};
}

Check openat2() {
  struct {
    uint64_t flags = O_PATH | O_DIRECTORY | O_CLOEXEC, mode = 0, resolve = 0x08;  // RESOLVE_BENEATH
  } how;
  FileDescriptor got(static_cast<int>(::syscall(437, AT_FDCWD, ".", &how, sizeof how)));
  if (got.is_open() || errno != ENOSYS) return {"openat2", Verdict::kGood, "there", {}};
  return {"openat2", Verdict::kWarning, "not there: functions cannot be given directories",
          "Linux 5.6 or newer, in a sandbox that allows it"};
}

Check page_reset() {
  switch (runtime::PageReset::best_method()) {
    case runtime::PageReset::Method::kFaults:
      return {"instance reset", Verdict::kGood, "by page faults", {}};
    case runtime::PageReset::Method::kScan:
      return {"instance reset", Verdict::kGood, "by page tables", {}};
    case runtime::PageReset::Method::kDiscard: break;
  }
  return {"instance reset", Verdict::kWarning,
          "by giving all pages back: a fresh instance costs some microseconds more",
          "Linux 6.7 or newer"};
}

Check address_space() {
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  void* mapped = ::mmap(nullptr, kInstanceBytes, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    return {"address space", Verdict::kBad, "an instance's 8 GiB cannot be reserved",
            "ulimit -v unlimited, or a sandbox without that limit"};
  }
  ::munmap(mapped, kInstanceBytes);
  if (limit.rlim_cur == RLIM_INFINITY) return {"address space", Verdict::kGood, "unlimited", {}};
  return {"address space", Verdict::kWarning,
          fmt::format("room for {} instances", limit.rlim_cur / kInstanceBytes),
          "ulimit -v unlimited"};
}

Check mappings() {
  auto text = read_file("/proc/sys/vm/max_map_count", 64);
  uint64_t count = text.ok() ? std::strtoull(std::string(as_text(*text)).c_str(), nullptr, 10) : 0;
  if (count == 0)
    return {"memory mappings", Verdict::kGood, "not limited as far as we can see", {}};
  Check check{"memory mappings", Verdict::kGood, std::to_string(count), {}};
  if (count < kManyMappings) {
    check.verdict = Verdict::kWarning;
    check.hint = "sysctl vm.max_map_count=262144, for thousands of instances at a time";
  }
  return check;
}

Check descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  Check check{"open files",
              Verdict::kGood,
              fmt::format("{}, at most {}", limit.rlim_cur, limit.rlim_max),
              {}};
  if (limit.rlim_max < kManyDescriptors) {
    check.verdict = Verdict::kWarning;
    check.hint = "ulimit -n 65536, for thousands of connections at a time";
  }
  return check;
}

Check compiler(const Settings& settings) {
  if (::access(settings.compiler.c_str(), X_OK) == 0)
    return {"compiler", Verdict::kGood, settings.compiler, {}};
  return {"compiler", Verdict::kBad, settings.compiler + " cannot be run",
          "put wherry-compile beside wherry, or set WHERRY_COMPILE"};
}

Check cache(const Settings& settings) {
  if (settings.cache_directory.empty() || settings.cache_bytes == 0) {
    return {"cache", Verdict::kWarning, "none: every start compiles",
            "set HOME or WHERRY_CACHE_DIR, and WHERRY_CACHE_SIZE above 0"};
  }
  const std::string& path = settings.cache_directory;
  if (Status made = make_directories(path, 0700); !made.ok()) {
    return {"cache", Verdict::kWarning, made.error().message, "set WHERRY_CACHE_DIR"};
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || info.st_uid != ::geteuid() || (info.st_mode & 022) != 0) {
    return {"cache", Verdict::kWarning, path + " is not ours alone, and is not used",
            "chmod go-w it, or set WHERRY_CACHE_DIR"};
  }
  if (::access(path.c_str(), W_OK) != 0)
    return {"cache", Verdict::kWarning, path + " cannot be written to", "set WHERRY_CACHE_DIR"};
  struct statvfs room{};
  uint64_t free_bytes = ::statvfs(path.c_str(), &room) == 0 ? room.f_bavail * room.f_frsize : 0;
  Check check{"cache", Verdict::kGood, fmt::format("{}, {} MiB free", path, free_bytes >> 20), {}};
  if (free_bytes < (64u << 20)) {
    check.verdict = Verdict::kWarning;
    check.hint = "make room, or set WHERRY_CACHE_DIR";
  }
  return check;
}

}  // namespace

std::vector<Check> check_machine(const Settings& settings) {
  return {kernel(),        cpu(),      cores(),       page_reset(),       openat2(),
          address_space(), mappings(), descriptors(), compiler(settings), cache(settings)};
}

}  // namespace wherry::cli
