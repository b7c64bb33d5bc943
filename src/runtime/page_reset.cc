#include "runtime/page_reset.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "runtime/thread.h"

namespace wherry::runtime {
namespace {

// Of the stack, what stays with the slot.
constexpr uint64_t kKeptStackBytes = 64 * 1024;
// A page that was written to once is restored each time from then on: start anew now and then.
constexpr uint64_t kResetsBetweenDiscards = 4096;
// After so many in a row that found nothing new, the slot is watched instead.
constexpr unsigned kUnchangedUntilWatched = 32;

// From Linux 6.7's <linux/fs.h>; Debian 12's headers are older.
struct PageRegion {
  uint64_t start, end, categories;
};
struct PageScan {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
constexpr unsigned long kPagemapScan = _IOWR('f', 16, PageScan);
constexpr uint64_t kIsFile = 1 << 2, kIsPresent = 1 << 3, kIsSwapped = 1 << 4, kIsZero = 1 << 5;

// Of this process: the file belongs to the address space that opened it.
int pagemap() {
  static const FileDescriptor file(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  return file.number();
}

// Calls use(begin, end) for runs of private pages in [begin, end), in order; false if the kernel
// cannot say. `most_pages` bounds what is looked for; 0 does not.
template <typename Use>
bool for_each_private_run(const uint8_t* begin, const uint8_t* end, uint64_t most_pages, Use use) {
  PageRegion regions[32];
  PageScan scan{};
  scan.size = sizeof(scan);
  scan.start = reinterpret_cast<uint64_t>(begin);
  scan.end = reinterpret_cast<uint64_t>(end);
  scan.vec = reinterpret_cast<uint64_t>(regions);
  scan.vec_len = std::size(regions);
  scan.max_pages = most_pages;
  // Neither the file's page nor the page of zeros; swapped out counts as well.
  scan.category_inverted = scan.category_mask = kIsFile | kIsZero;
  scan.category_anyof_mask = kIsPresent | kIsSwapped;
  scan.return_mask = kIsPresent;
  while (scan.start < scan.end) {
    int found = ::ioctl(pagemap(), kPagemapScan, &scan);
    if (found < 0 && errno == EINTR) continue;
    if (found < 0) return false;
    for (int i = 0; i < found; i++) {
      use(reinterpret_cast<const uint8_t*>(regions[i].start),
          reinterpret_cast<const uint8_t*>(regions[i].end));
    }
    if (most_pages != 0 && found > 0) return true;
    scan.start = scan.walk_end;
  }
  return true;
}

uint64_t count_private_pages(const uint8_t* begin, uint64_t bytes) {
  uint64_t pages = 0;
  bool known = for_each_private_run(begin, begin + bytes, 0, [&](auto* from, auto* to) {
    pages += static_cast<uint64_t>(to - from) / 4096;
  });
  return known ? pages : UINT64_MAX;
}

// Of a page that a guest wrote to, most lines are not in the nearest cache any more when its
// instance ends. String instructions fill lines without fetching them first; what vector stores
// cost beyond them, glibc's memset included, is more than all the rest of a reset
// (docs/decisions/0009-instances-in-used-slots.md).
void clear(uint8_t* to, uint64_t bytes) {
  asm volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(0) : "memory");
}
void copy(uint8_t* to, const uint8_t* from, uint64_t bytes) {
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

// What kFaults and kScan rely on, tried with writes of our own and of the kernel's.
PageReset::Method try_methods() {
  constexpr uint64_t kBytes = 8 * 4096;
  void* mapped =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return PageReset::Method::kDiscard;
  auto* pages = static_cast<volatile uint8_t*>(mapped);
  auto* plain = static_cast<const uint8_t*>(mapped);
  (void)pages[3 * 4096];  // read only: the page of zeros
  bool scans = count_private_pages(plain, kBytes) == 0;
  uint64_t before = count_page_faults();
  pages[0] = 1;
  bool counts = count_page_faults() > before;
  FileDescriptor zero(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  before = count_page_faults();
  counts = ::read(zero.number(), static_cast<uint8_t*>(mapped) + 2 * 4096, 1) == 1 &&
           count_page_faults() > before && counts;
  before = count_page_faults();
  pages[3 * 4096] = 1;
  counts = count_page_faults() > before && counts;
  scans = scans && count_private_pages(plain, kBytes) == 3;
  ::munmap(mapped, kBytes);
  if (!scans) return PageReset::Method::kDiscard;
  return counts ? PageReset::Method::kFaults : PageReset::Method::kScan;
}

}  // namespace

PageReset::Method PageReset::best_method() {
  static const Method method = try_methods();
  return method;
}

void PageReset::begin() {
  thread_ = thread_id();
  faults_ = last_page_faults();
}

bool PageReset::may_have_changed(uint64_t size_bytes) {
  // What a memory grew by is not watched.
  if (watch_.is_on()) return watch_.has_tripped() || size_bytes > watch_.bytes();
  if (method_ != Method::kFaults) return true;
  uint64_t now = count_page_faults();
  return now != faults_ || thread_ != thread_id();
}

Status PageReset::discard_from(uint64_t begin) {
  while (!resident_.empty() && resident_.back().begin >= begin) resident_.pop_back();
  if (!resident_.empty()) resident_.back().end = std::min(resident_.back().end, begin);
  if (begin >= opened_bytes_) return ok_status();
  if (::madvise(slot_.anchor() + begin, opened_bytes_ - begin, MADV_DONTNEED) != 0) {
    return errno_error(errno, "cannot give pages of a memory back");
  }
  return ok_status();
}

Status PageReset::discard() {
  TRY(discard_from(0));
  return method_ == Method::kDiscard ? ok_status() : discard_deep_stack();
}

// Finds the resident pages, and gives back those beyond what is to be kept, and most of the stack.
Status PageReset::learn() {
  const uint8_t* base = slot_.anchor();
  resident_.clear();
  bool known = for_each_private_run(base, base + opened_bytes_, 0, [&](auto* begin, auto* end) {
    resident_.push_back({static_cast<uint64_t>(begin - base), static_cast<uint64_t>(end - base)});
  });
  if (!known) return discard_from(0);
  uint64_t kept = 0;
  for (const Run& run : resident_) {
    uint64_t room = keep_bytes_ - kept;
    if (run.end - run.begin > room) {
      TRY(discard_from(run.begin + room));
      break;
    }
    kept += run.end - run.begin;
  }
  TRY(discard_deep_stack());
  // Its own faults are no guest's.
  if (method_ == Method::kFaults) count_page_faults();
  return ok_status();
}

Status PageReset::discard_deep_stack() {
  const GuestStack stack = slot_.stack();
  if (slot_.shape().stack_bytes <= kKeptStackBytes) return ok_status();
  uint8_t* kept_from = stack.top() - kKeptStackBytes;
  bool is_deep = false;
  for_each_private_run(stack.low(), kept_from, 1, [&](auto*, auto*) { is_deep = true; });
  if (is_deep &&
      ::madvise(stack.low(), static_cast<size_t>(kept_from - stack.low()), MADV_DONTNEED) != 0) {
    return errno_error(errno, "cannot give pages of a stack back");
  }
  return ok_status();
}

void PageReset::restore(Run run) {
  const artifact::Header& header = artifact_.header();
  const uint64_t image_end = header.image_address + header.image_bytes;
  const uint64_t from = std::clamp(header.image_address, run.begin, run.end);
  const uint64_t to = std::clamp(image_end, from, run.end);
  uint8_t* base = slot_.anchor();
  clear(base + run.begin, from - run.begin);
  if (to > from) {
    copy(base + from, artifact_.base() + header.image_offset + (from - header.image_address),
         to - from);
  }
  clear(base + to, run.end - to);
}

Status PageReset::end(uint64_t size_bytes, uint64_t initial_bytes) {
  size_bytes = align_up(size_bytes, 4096);
  initial_bytes = align_up(initial_bytes, 4096);
  opened_bytes_ = std::max(opened_bytes_, size_bytes);
  const bool starts_anew = method_ == Method::kDiscard || ++resets_ % kResetsBetweenDiscards == 0;
  if (starts_anew || may_have_changed(size_bytes)) {
    unchanged_ = 0;
    if (!watch_.end()) return errno_error(errno, "cannot open the pages of a memory");
    TRY(starts_anew ? discard() : learn());
  } else {
    unchanged_++;
  }
  for (Run run : resident_) {
    // What was closed before the instance is as it should be, and out of reach.
    run.end = std::min(run.end, size_bytes);
    if (run.begin < run.end) restore(run);
  }
  if (size_bytes > initial_bytes &&
      ::mprotect(slot_.anchor() + initial_bytes, size_bytes - initial_bytes, PROT_NONE) != 0) {
    return errno_error(errno, "cannot make a memory small again");
  }
  // One that grows each time is better off without.
  if (unchanged_ >= kUnchangedUntilWatched && !watch_.is_on() && size_bytes == initial_bytes) {
    unchanged_ = 0;
    watch(initial_bytes);
  }
  return ok_status();
}

void PageReset::watch(uint64_t bytes) {
  std::vector<Run> runs;
  for (Run run : resident_) {
    run.end = std::min(run.end, bytes);
    if (run.begin < run.end) runs.push_back(run);
  }
  watch_.begin(slot_.anchor(), bytes, runs);
}

uint64_t PageReset::resident_bytes() const {
  uint64_t bytes = 0;
  for (const Run& run : resident_) bytes += run.end - run.begin;
  return bytes;
}

}  // namespace wherry::runtime
