// File status and times, as several functions exchange them.
#pragma once

#include <sys/stat.h>

#include <optional>

#include "wasi/call.h"

namespace wherry::wasi {

// Stores a FileStat for a host descriptor (O_PATH will do) at a guest address.
Errno store_file_status(Call& call, int host_fd, uint32_t address);

struct FileTimes {
  timespec times[2];  // access, modification
};
// Nothing if the flags contradict each other.
std::optional<FileTimes> file_times(uint64_t access_ns, uint64_t modification_ns, uint32_t flags);

}  // namespace wherry::wasi
