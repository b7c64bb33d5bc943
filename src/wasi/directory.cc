// fd_readdir. A cookie is the kernel's own directory offset, so nothing is kept between calls, and
// entries that stay are seen once even if others come and go meanwhile. A made-up cookie is at
// worst the end.
#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "wasi/call.h"

namespace wherry::wasi {

namespace {

// The kernel's linux_dirent64; the name follows and ends in a zero byte.
struct HostEntry {
  uint64_t inode;
  int64_t next;
  uint16_t record_bytes;
  uint8_t type;
};
constexpr size_t kNameOffset = 19;

FileType file_type_of_entry(uint8_t type) {
  switch (type) {
    case DT_BLK: return FileType::kBlockDevice;
    case DT_CHR: return FileType::kCharacterDevice;
    case DT_DIR: return FileType::kDirectory;
    case DT_REG: return FileType::kRegularFile;
    case DT_LNK: return FileType::kSymbolicLink;
    case DT_SOCK: return FileType::kSocketStream;
    default: return FileType::kUnknown;
  }
}

// The guest's buffer; entries are cut where it ends, which tells the guest that there is more.
class EntryWriter {
 public:
  explicit EntryWriter(std::span<uint8_t> buffer) : buffer_(buffer) {}

  void add(const HostEntry& entry, std::string_view name) {
    // The parent may be outside: its number is not the guest's business.
    Dirent record{.next = static_cast<uint64_t>(entry.next),
                  .inode = name == ".." ? 0 : entry.inode,
                  .name_length = static_cast<uint32_t>(name.size()),
                  .type = static_cast<uint8_t>(file_type_of_entry(entry.type))};
    put(&record, sizeof(record));
    put(name.data(), name.size());
  }
  bool is_full() const { return used_ == buffer_.size(); }
  uint32_t used() const { return static_cast<uint32_t>(used_); }

 private:
  void put(const void* bytes, size_t count) {
    count = std::min(count, buffer_.size() - used_);
    if (count != 0) std::memcpy(buffer_.data() + used_, bytes, count);
    used_ += count;
  }
  std::span<uint8_t> buffer_;
  size_t used_ = 0;
};

}  // namespace

Errno fd_readdir(Call& call) {
  Found found = find_directory(call.world.descriptors(), call.u32(0), rights::kFdReaddir);
  if (found.error != Errno::kSuccess) return found.error;
  uint8_t* buffer = call.memory.at(call.u32(1), call.u32(2));
  if (buffer == nullptr || !call.memory.at(call.u32(4), sizeof(uint32_t))) return Errno::kFault;

  int directory = found.descriptor->host.number();
  if (::lseek(directory, static_cast<off_t>(call.u64(3)), SEEK_SET) < 0) {
    if (errno != EINVAL) return errno_from_host(errno);
    return call.memory.store(call.u32(4), uint32_t{0}) ? Errno::kSuccess : Errno::kFault;
  }
  EntryWriter writer({buffer, call.u32(2)});
  alignas(8) uint8_t entries[8192];
  while (!writer.is_full()) {
    if (call.interrupted()) return Errno::kIntr;
    long got = ::syscall(SYS_getdents64, directory, entries, sizeof(entries));
    if (got < 0) return errno_from_host(errno);
    if (got == 0) break;
    for (size_t at = 0; at < static_cast<size_t>(got) && !writer.is_full();) {
      HostEntry entry;
      std::memcpy(&entry, entries + at, kNameOffset);
      writer.add(entry, reinterpret_cast<const char*>(entries + at + kNameOffset));
      at += entry.record_bytes;
    }
  }
  return call.memory.store(call.u32(4), writer.used()) ? Errno::kSuccess : Errno::kFault;
}

}  // namespace wherry::wasi
