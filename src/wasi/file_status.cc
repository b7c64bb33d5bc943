#include "wasi/file_status.h"

#include <cerrno>

namespace wherry::wasi {

namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;

// Times before 1970 have no number in WASI.
uint64_t to_ns(const timespec& time) {
  if (time.tv_sec < 0) return 0;
  return static_cast<uint64_t>(time.tv_sec) * kNsPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

timespec time_of(uint64_t ns, bool set, bool now) {
  if (now) return {.tv_sec = 0, .tv_nsec = UTIME_NOW};
  if (!set) return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
  return {.tv_sec = static_cast<time_t>(ns / kNsPerSecond),
          .tv_nsec = static_cast<long>(ns % kNsPerSecond)};
}

}  // namespace

Errno store_file_status(Call& call, int host_fd, uint32_t address) {
  struct stat info;
  if (::fstat(host_fd, &info) != 0) return errno_from_host(errno);
  FileStat status{.device = info.st_dev,
                  .inode = info.st_ino,
                  .filetype = static_cast<uint8_t>(file_type_of_mode(info.st_mode)),
                  .links = info.st_nlink,
                  .size = static_cast<uint64_t>(info.st_size),
                  .access_ns = to_ns(info.st_atim),
                  .modification_ns = to_ns(info.st_mtim),
                  .change_ns = to_ns(info.st_ctim)};
  return call.memory.store(address, status) ? Errno::kSuccess : Errno::kFault;
}

std::optional<FileTimes> file_times(uint64_t access_ns, uint64_t modification_ns, uint32_t flags) {
  if ((flags & ~0xfu) != 0) return std::nullopt;
  if ((flags & kAtim) && (flags & kAtimNow)) return std::nullopt;
  if ((flags & kMtim) && (flags & kMtimNow)) return std::nullopt;
  return FileTimes{{time_of(access_ns, flags & kAtim, flags & kAtimNow),
                    time_of(modification_ns, flags & kMtim, flags & kMtimNow)}};
}

}  // namespace wherry::wasi
