// Memory in which no page becomes private to the process unnoticed: pages that are not private yet
// are made read-only, and the first write to one of them, by the guest or by the host, opens all of
// them and is remembered (traps.cc hands such faults over). So whoever brings instances back knows
// without a system call that there is nothing but the pages that it knows.
//
// The kernel does not fault on our behalf, it refuses: what is about to have it write to a guest's
// memory says so first, with let_kernel_write().
//
// Whoever begins and ends a watch sees to it that no guest runs in that memory meanwhile. There is
// one table of watches in the process, since signal handlers have nothing else to go by.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

namespace wherry::runtime {

struct MemoryRun {
  uint64_t begin, end;  // bytes of memory, whole pages
};

class WriteWatch {
 public:
  WriteWatch() = default;
  ~WriteWatch() { end(); }
  WriteWatch(const WriteWatch&) = delete;
  WriteWatch& operator=(const WriteWatch&) = delete;

  // Watches [base, base + bytes) but for the private runs, which are in order. False, and nothing
  // is watched, if there are too many watched ranges or the kernel does not have it.
  bool begin(uint8_t* base, uint64_t bytes, std::span<const MemoryRun> private_runs);
  bool is_on() const { return entry_ >= 0; }
  // The bytes that are watched; those behind are open or shut as they were.
  uint64_t bytes() const;
  // Whether there has been a write: from then on nothing is watched.
  bool has_tripped() const;
  // Opens everything again. False if the kernel does not.
  bool end();

 private:
  int entry_ = -1;
};

// Whether a fault at this address was a write to a watched range, and may be tried again now. For
// signal handlers.
bool trip_write_watch(uint64_t address);

// The kernel is going to write to these bytes of a guest's memory, all of them within its bounds.
void let_kernel_write(uint8_t* bytes, uint64_t count);
void let_kernel_write(std::span<const iovec> pieces);

}  // namespace wherry::runtime
