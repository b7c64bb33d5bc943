// The address space of an instance: context, pre-guard, linear memory and guard, as contract/vm.h
// draws them; and reservations for memories that are not an instance's memory 0.
#pragma once

#include <cstdint>
#include <memory>

#include "artifact/artifact.h"
#include "base/result.h"
#include "contract/vm.h"

namespace wherry::runtime {

class Slot {
 public:
  // `context_bytes` below the pre-guard are zero and writable. The anchor is followed by
  // `memory_bytes` of reserved memory and, if there are any, the guard, all inaccessible until
  // open_memory().
  static Result<std::unique_ptr<Slot>> create(uint64_t context_bytes, uint64_t memory_bytes);
  ~Slot();
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  uint8_t* anchor() const { return anchor_; }

  // Makes the first `bytes` of memory, rounded up to pages, readable and writable, zero.
  Status open_memory(uint64_t bytes);
  // Lays the artifact's image over the memory's first contents, copy on write.
  Status map_image(const artifact::Artifact& artifact);

 private:
  Slot(uint8_t* start, uint64_t bytes, uint8_t* anchor)
      : start_(start), bytes_(bytes), anchor_(anchor) {}
  uint8_t* start_;
  uint64_t bytes_;
  uint8_t* anchor_;
};

}  // namespace wherry::runtime
