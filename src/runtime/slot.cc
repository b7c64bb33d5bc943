#include "runtime/slot.h"

#include <sys/mman.h>

#include <cerrno>

namespace wherry::runtime {

Result<std::unique_ptr<Slot>> Slot::create(uint64_t context_bytes, uint64_t memory_bytes) {
  uint64_t bytes = context_bytes + contract::kPreGuardBytes;
  if (memory_bytes != 0) bytes += memory_bytes + contract::kGuardBytes;
  void* mapped =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return errno_error(errno, "cannot reserve an instance's memory");
  auto* start = static_cast<uint8_t*>(mapped);
  std::unique_ptr<Slot> slot(
      new Slot(start, bytes, start + context_bytes + contract::kPreGuardBytes));
  if (context_bytes != 0 && ::mprotect(start, context_bytes, PROT_READ | PROT_WRITE) != 0) {
    return errno_error(errno, "cannot make an instance's context");
  }
  return slot;
}

Slot::~Slot() { ::munmap(start_, bytes_); }

Status Slot::open_memory(uint64_t bytes) {
  if (bytes != 0 && ::mprotect(anchor_, bytes, PROT_READ | PROT_WRITE) != 0) {
    return errno_error(errno, fmt::format("cannot make {} bytes of linear memory", bytes));
  }
  return ok_status();
}

Status Slot::map_image(const artifact::Artifact& artifact) {
  const artifact::Header& header = artifact.header();
  if (header.image_bytes == 0) return ok_status();
  void* mapped = ::mmap(anchor_ + header.image_address, header.image_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_FIXED, artifact.descriptor(),
                        static_cast<off_t>(header.image_offset));
  if (mapped == MAP_FAILED) return errno_error(errno, "cannot map a memory image");
  return ok_status();
}

}  // namespace wherry::runtime
