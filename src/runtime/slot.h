// The address space of a guest: its stack, then an instance's context, pre-guard, linear memory and
// guard, as contract/vm.h draws them. Parts may be missing: stacks of stores and memories that are
// not an instance's memory 0 lie in slots of their own.
//
//     stack's guard | stack | context | pre-guard | anchor: memory | guard
//
// The end of the stack, the context and the start of memory share one 2 MiB range, and so one page
// of the kernel's page tables: what most instances touch is all there.
#pragma once

#include <cstdint>
#include <memory>

#include "artifact/artifact.h"
#include "base/result.h"
#include "contract/layout.h"
#include "contract/vm.h"

namespace wherry::runtime {

// In bytes; 0 leaves a part out. Stack and context are whole pages.
struct SlotShape {
  uint64_t stack_bytes = 0;
  uint64_t context_bytes = 0;
  uint64_t memory_bytes = 0;  // reserved for the memory, without its guard
};

// A stack that grows down towards a guard no frame can step over: compiled code touches every page
// of its frames in order.
class GuestStack {
 public:
  static constexpr uint64_t kGuardBytes = 64 * 1024;

  GuestStack() = default;
  GuestStack(uint8_t* low, uint64_t bytes) : low_(low), bytes_(bytes) {}

  uint8_t* low() const { return low_; }
  uint8_t* top() const { return low_ + bytes_; }
  bool contains(uint64_t address) const {
    return address - reinterpret_cast<uint64_t>(low_) < bytes_;
  }
  bool guard_contains(uint64_t address) const {
    return reinterpret_cast<uint64_t>(low_) - 1 - address < kGuardBytes;
  }

 private:
  uint8_t* low_ = nullptr;  // of the usable part; the guard lies below
  uint64_t bytes_ = 0;
};

class Slot {
 public:
  // Stack and context are zero and writable; memory is inaccessible until open_memory().
  static Result<std::unique_ptr<Slot>> create(const SlotShape& shape);
  ~Slot();
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  uint8_t* anchor() const { return anchor_; }
  GuestStack stack() const;
  const SlotShape& shape() const { return shape_; }

  // Makes the first `bytes` of memory, rounded up to pages, readable and writable, zero.
  Status open_memory(uint64_t bytes);
  // From here on the kernel makes pages resident one by one, and only when they are touched.
  void forbid_huge_pages() const;
  // Lays the artifact's image over the memory's first contents, copy on write.
  Status map_image(const artifact::Artifact& artifact);

 private:
  Slot(SlotShape shape, uint8_t* start, uint64_t bytes, uint8_t* anchor)
      : shape_(shape), start_(start), bytes_(bytes), anchor_(anchor) {}
  SlotShape shape_;
  uint8_t* start_;
  uint64_t bytes_;
  uint8_t* anchor_;
};

// The layout of an instance's context.
contract::Layout layout_of(const artifact::Artifact& artifact);

}  // namespace wherry::runtime
