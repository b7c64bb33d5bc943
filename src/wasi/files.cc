// Reading, writing and positions.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "runtime/write_watch.h"
#include "wasi/call.h"

namespace wherry::wasi {

namespace {

constexpr uint32_t kMaxIoVecs = 1024;          // the host's IOV_MAX
constexpr uint64_t kMaxTransfer = 1ull << 30;  // of one call: its count fits the guest's 32 bits

// The guest's scattered buffers, copied and checked once.
class Buffers {
 public:
  Errno load(const GuestMemory& memory, uint32_t address, uint32_t given) {
    if (memory.at(address, uint64_t{given} * sizeof(IoVec)) == nullptr) return Errno::kFault;
    // Of more buffers than the host takes the first are used: any transfer may be partial.
    uint32_t count = std::min(given, kMaxIoVecs);
    std::array<IoVec, kMaxIoVecs> records;
    if (!memory.load_array(address, std::span(records.data(), count))) return Errno::kFault;
    uint64_t left = kMaxTransfer;
    for (uint32_t i = 0; i < count; i++) {
      uint8_t* bytes = memory.at(records[i].address, records[i].length);
      if (bytes == nullptr) return Errno::kFault;
      pieces_[i] = {bytes, std::min<uint64_t>(records[i].length, left)};
      left -= pieces_[i].iov_len;
    }
    count_ = count;
    // But nothing transferred would read as the end of the file.
    bool nothing = left == kMaxTransfer;
    return given > count && nothing ? Errno::kInval : Errno::kSuccess;
  }
  std::span<const iovec> pieces() const { return {pieces_.data(), count_}; }
  const iovec* data() const { return pieces_.data(); }
  int count() const { return static_cast<int>(count_); }

 private:
  std::array<iovec, kMaxIoVecs> pieces_;
  uint32_t count_ = 0;
};

// A stream that would block, for a guest that asked not to wait.
bool would_block(const Descriptor& descriptor, int host_fd, short events) {
  if ((descriptor.flags & kNonblock) == 0 || host_fd < 0) return false;
  pollfd ready{.fd = host_fd, .events = events, .revents = 0};
  return ::poll(&ready, 1, 0) == 0;
}

Errno store_count(Call& call, ssize_t result, uint32_t address) {
  if (result < 0) return errno_from_host(errno);
  return call.memory.store(address, static_cast<uint32_t>(result)) ? Errno::kSuccess
                                                                   : Errno::kFault;
}

// As find_any, but reading what was opened for writing is kBadF, as POSIX has it.
Found find_transferable(Call& call, Rights needed) {
  Found found = find_any(call.world.descriptors(), call.u32(0), 0);
  if (found.descriptor == nullptr) return found;
  const Descriptor& descriptor = *found.descriptor;
  if (descriptor.is_directory() || (descriptor.rights & needed) == 0) {
    return {.error = Errno::kBadF};
  }
  return found;
}

// What fd_read and its siblings begin with.
struct TransferCall {
  Descriptor* descriptor = nullptr;
  Buffers buffers;
  Errno error;

  TransferCall(Call& call, Rights needed, unsigned result_argument) {
    Found found = find_transferable(call, needed);
    descriptor = found.descriptor;
    error = found.error;
    if (error != Errno::kSuccess) return;
    error = buffers.load(call.memory, call.u32(1), call.u32(2));
    if (error != Errno::kSuccess) return;
    if (!call.memory.at(call.u32(result_argument), sizeof(uint32_t))) error = Errno::kFault;
  }
};

// A guest that asked not to wait, or cannot, is told that it would have to.
Errno wait_for_stream(Call& call, const Descriptor& descriptor) {
  if ((descriptor.flags & kNonblock) != 0) return Errno::kAgain;
  call.must_wait = true;
  return Errno::kAgain;
}

Errno store_transfer(Call& call, const Descriptor& descriptor, Transfer done, uint32_t address) {
  if (!done.stop_reason.empty()) {
    call.stop_reason = std::move(done.stop_reason);
    return Errno::kCanceled;
  }
  if (done.must_wait) return wait_for_stream(call, descriptor);
  if (done.error != Errno::kSuccess) return done.error;
  return store_count(call, static_cast<ssize_t>(done.bytes), address);
}

}  // namespace

Errno fd_read(Call& call) {
  TransferCall transfer(call, rights::kFdRead, 3);
  if (transfer.error != Errno::kSuccess) return transfer.error;
  const Descriptor& from = *transfer.descriptor;
  if (from.input == nullptr) {
    runtime::let_kernel_write(transfer.buffers.pieces());
    ssize_t got = restarted(call, [&] {
      return ::readv(from.host.number(), transfer.buffers.data(), transfer.buffers.count());
    });
    return store_count(call, got, call.u32(3));
  }
  if (would_block(from, from.input->poll_descriptor(), POLLIN)) return Errno::kAgain;
  Transfer done = restarted_work(call, [&] { return from.input->read(transfer.buffers.pieces()); });
  return store_transfer(call, from, std::move(done), call.u32(3));
}

Errno fd_write(Call& call) {
  TransferCall transfer(call, rights::kFdWrite, 3);
  if (transfer.error != Errno::kSuccess) return transfer.error;
  const Descriptor& to = *transfer.descriptor;
  if (to.output == nullptr) {
    ssize_t put = restarted(call, [&] {
      return ::writev(to.host.number(), transfer.buffers.data(), transfer.buffers.count());
    });
    return store_count(call, put, call.u32(3));
  }
  if (would_block(to, to.output->poll_descriptor(), POLLOUT)) return Errno::kAgain;
  Transfer done = restarted_work(call, [&] { return to.output->write(transfer.buffers.pieces()); });
  return store_transfer(call, to, std::move(done), call.u32(3));
}

Errno fd_pread(Call& call) {
  TransferCall transfer(call, rights::kFdRead, 4);
  if (transfer.error != Errno::kSuccess) return transfer.error;
  if (transfer.descriptor->is_stream()) return Errno::kSPipe;
  runtime::let_kernel_write(transfer.buffers.pieces());
  ssize_t got = ::preadv(transfer.descriptor->host.number(), transfer.buffers.data(),
                         transfer.buffers.count(), static_cast<off_t>(call.u64(3)));
  return store_count(call, got, call.u32(4));
}

Errno fd_pwrite(Call& call) {
  TransferCall transfer(call, rights::kFdWrite, 4);
  if (transfer.error != Errno::kSuccess) return transfer.error;
  if (transfer.descriptor->is_stream()) return Errno::kSPipe;
  ssize_t put = ::pwritev(transfer.descriptor->host.number(), transfer.buffers.data(),
                          transfer.buffers.count(), static_cast<off_t>(call.u64(3)));
  return store_count(call, put, call.u32(4));
}

namespace {

Errno seek_to(Call& call, const Descriptor& file, off_t offset, int whence, uint32_t address) {
  if (call.memory.at(address, sizeof(uint64_t)) == nullptr) return Errno::kFault;
  off_t position = ::lseek(file.host.number(), offset, whence);
  if (position < 0) return errno_from_host(errno);
  return call.memory.store(address, static_cast<uint64_t>(position)) ? Errno::kSuccess
                                                                     : Errno::kFault;
}

}  // namespace

Errno fd_seek(Call& call) {
  auto offset = static_cast<int64_t>(call.u64(1));
  int whence = 0;
  switch (call.u32(2)) {
    case kSeekSet: whence = SEEK_SET; break;
    case kSeekCur: whence = SEEK_CUR; break;
    case kSeekEnd: whence = SEEK_END; break;
    default: return Errno::kInval;
  }
  bool only_tells = whence == SEEK_CUR && offset == 0;
  Found found = find_file(call.world.descriptors(), call.u32(0),
                          only_tells ? rights::kFdTell : rights::kFdSeek);
  if (found.error != Errno::kSuccess) return found.error;
  return seek_to(call, *found.descriptor, offset, whence, call.u32(3));
}

Errno fd_tell(Call& call) {
  Found found = find_file(call.world.descriptors(), call.u32(0), rights::kFdTell);
  if (found.error != Errno::kSuccess) return found.error;
  return seek_to(call, *found.descriptor, 0, SEEK_CUR, call.u32(1));
}

namespace {

// As find_any; a stream has nothing to sync, for which POSIX has EINVAL.
Found find_syncable(Call& call, Rights needed) {
  Descriptor* descriptor = call.world.descriptors().find(call.u32(0));
  if (descriptor != nullptr && descriptor->is_stream()) return {.error = Errno::kInval};
  return find_any(call.world.descriptors(), call.u32(0), needed);
}

}  // namespace

Errno fd_sync(Call& call) {
  Found found = find_syncable(call, rights::kFdSync);
  if (found.error != Errno::kSuccess) return found.error;
  return ::fsync(found.descriptor->host.number()) == 0 ? Errno::kSuccess : errno_from_host(errno);
}

Errno fd_datasync(Call& call) {
  Found found = find_syncable(call, rights::kFdDatasync);
  if (found.error != Errno::kSuccess) return found.error;
  int failed = ::fdatasync(found.descriptor->host.number());
  return failed == 0 ? Errno::kSuccess : errno_from_host(errno);
}

Errno fd_advise(Call& call) {
  static constexpr int kAdvice[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                                    POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  Found found = find_file(call.world.descriptors(), call.u32(0), rights::kFdAdvise);
  if (found.error != Errno::kSuccess) return found.error;
  if (call.u32(3) >= std::size(kAdvice)) return Errno::kInval;
  return errno_from_host(::posix_fadvise(found.descriptor->host.number(),
                                         static_cast<off_t>(call.u64(1)),
                                         static_cast<off_t>(call.u64(2)), kAdvice[call.u32(3)]));
}

// fallocate, not posix_fallocate: where the file system cannot, the latter would write zeros
// without end.
Errno fd_allocate(Call& call) {
  Found found = find_file(call.world.descriptors(), call.u32(0), rights::kFdAllocate);
  if (found.error != Errno::kSuccess) return found.error;
  int failed = restarted(call, [&] {
    return ::fallocate(found.descriptor->host.number(), 0, static_cast<off_t>(call.u64(1)),
                       static_cast<off_t>(call.u64(2)));
  });
  return failed == 0 ? Errno::kSuccess : errno_from_host(errno);
}

}  // namespace wherry::wasi
