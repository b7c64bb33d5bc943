#include "runtime/slot.h"

#include <sys/mman.h>

#include <cerrno>

#include "base/bytes.h"

namespace wherry::runtime {
namespace {

constexpr uint64_t kPageTableBytes = 2 * 1024 * 1024;  // what one page of page tables describes
constexpr uint64_t kStackNearContext = 64 * 1024;      // of the stack, in the context's 2 MiB

}  // namespace

Result<std::unique_ptr<Slot>> Slot::create(const SlotShape& shape) {
  const uint64_t stack_bytes = align_up(shape.stack_bytes, 4096);
  const uint64_t below_anchor = (stack_bytes ? GuestStack::kGuardBytes + stack_bytes : 0) +
                                shape.context_bytes + contract::kPreGuardBytes;
  uint64_t bytes = below_anchor + kPageTableBytes;
  if (shape.memory_bytes != 0) bytes += shape.memory_bytes + contract::kGuardBytes;
  void* mapped =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return errno_error(errno, "cannot reserve an instance's memory");
  auto* start = static_cast<uint8_t*>(mapped);
  // The anchor lies as far behind a multiple of 2 MiB as what is to share its page table needs.
  const uint64_t near = kStackNearContext + shape.context_bytes + contract::kPreGuardBytes;
  const uint64_t least = reinterpret_cast<uint64_t>(start) + below_anchor;
  const uint64_t anchor =
      align_up(least - near % kPageTableBytes, kPageTableBytes) + near % kPageTableBytes;
  std::unique_ptr<Slot> slot(new Slot({stack_bytes, shape.context_bytes, shape.memory_bytes}, start,
                                      bytes, reinterpret_cast<uint8_t*>(anchor)));
  const uint64_t open_bytes = stack_bytes + shape.context_bytes;
  if (open_bytes != 0 && ::mprotect(slot->anchor_ - contract::kPreGuardBytes - open_bytes,
                                    open_bytes, PROT_READ | PROT_WRITE) != 0) {
    return errno_error(errno, "cannot make a guest's stack and context");
  }
  return slot;
}

Slot::~Slot() { ::munmap(start_, bytes_); }

GuestStack Slot::stack() const {
  return {anchor_ - contract::kPreGuardBytes - shape_.context_bytes - shape_.stack_bytes,
          shape_.stack_bytes};
}

Status Slot::open_memory(uint64_t bytes) {
  if (bytes != 0 && ::mprotect(anchor_, bytes, PROT_READ | PROT_WRITE) != 0) {
    return errno_error(errno, fmt::format("cannot make {} bytes of linear memory", bytes));
  }
  return ok_status();
}

// May fail where the kernel has no huge pages: there is nothing to forbid then.
void Slot::forbid_huge_pages() const { ::madvise(start_, bytes_, MADV_NOHUGEPAGE); }

Status Slot::map_image(const artifact::Artifact& artifact) {
  const artifact::Header& header = artifact.header();
  if (header.image_bytes == 0) return ok_status();
  void* mapped = ::mmap(anchor_ + header.image_address, header.image_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_FIXED, artifact.descriptor(),
                        static_cast<off_t>(header.image_offset));
  if (mapped == MAP_FAILED) return errno_error(errno, "cannot map a memory image");
  return ok_status();
}

contract::Layout layout_of(const artifact::Artifact& artifact) {
  const artifact::Header& header = artifact.header();
  contract::LayoutCounts counts;
  counts.func_refs = header.func_refs;
  counts.globals = static_cast<uint32_t>(header.globals.count) - header.imported_globals;
  counts.imported_globals = header.imported_globals;
  counts.tables = static_cast<uint32_t>(header.tables.count) - header.imported_tables;
  counts.imported_tables = header.imported_tables;
  counts.memories = static_cast<uint32_t>(header.memories.count) - header.memory0_is_own;
  counts.tags = static_cast<uint32_t>(header.tags.count) - header.imported_tags;
  counts.imported_tags = header.imported_tags;
  return contract::compute_layout(counts);
}

}  // namespace wherry::runtime
