// Brings the linear memory of a slot back to what it starts with, for the next instance in it.
//
// The pages that a guest has ever written to in this slot are its *resident* pages, private to the
// process. As long as no page becomes one, all that a reset does is to copy the initial contents
// over them: no system call, and no fault for the next instance. How it is known that no page has
// become one: in a slot where none did for a while, the others are read-only (WriteWatch). Until
// then, best first:
//
//   kFaults   The one thread that ran the instance had no page fault since it began: a page cannot
//             become private without one, whether the guest writes or the kernel does on its
//             behalf. It takes the system call that counts them. Otherwise kScan.
//   kScan     The kernel's page tables say (PAGEMAP_SCAN, Linux 6.7).
//   kDiscard  It is not: all pages are given back, and fault again.
//
// One instance at a time. One thread's faults say nothing of what another has written meanwhile:
// whoever lets an instance run on more than one must say so (moved()), and what is written while
// none runs it is not seen.
#pragma once

#include <cstdint>
#include <vector>

#include "artifact/artifact.h"
#include "base/result.h"
#include "runtime/slot.h"
#include "runtime/write_watch.h"

namespace wherry::runtime {

class PageReset {
 public:
  enum class Method : uint8_t { kFaults, kScan, kDiscard };
  // The first of them that this system passes a test of; tried once a process.
  static Method best_method();

  // Keeps at most `keep_bytes` resident from one instance to the next. The slot and the artifact
  // whose image it starts with outlive this.
  PageReset(const Slot& slot, const artifact::Artifact& artifact, uint64_t keep_bytes,
            Method method)
      : slot_(slot), artifact_(artifact), keep_bytes_(keep_bytes), method_(method) {}

  // The instance begins, on this thread.
  void begin();
  // It has run on another, too: faults that were counted do not tell what it wrote to.
  void moved() { thread_ = 0; }

  // The instance ended with `size_bytes` of memory, and is to start with `initial_bytes` again.
  // After an error the slot is not to be used any more.
  Status end(uint64_t size_bytes, uint64_t initial_bytes);

  // Bytes of memory that are private to the process; for tests and accounts.
  uint64_t resident_bytes() const;

 private:
  using Run = MemoryRun;
  bool may_have_changed(uint64_t size_bytes);
  Status learn();
  Status discard();
  Status discard_deep_stack();
  Status discard_from(uint64_t begin);
  void restore(Run run);
  void watch(uint64_t bytes);

  const Slot& slot_;
  const artifact::Artifact& artifact_;
  uint64_t keep_bytes_;
  Method method_;
  uint64_t opened_bytes_ = 0;  // the most that memory was ever open in this slot
  std::vector<Run> resident_;
  int thread_ = 0;
  uint64_t faults_ = 0;
  uint64_t resets_ = 0;
  unsigned unchanged_ = 0;  // resets in a row that found nothing new
  WriteWatch watch_;
};

}  // namespace wherry::runtime
