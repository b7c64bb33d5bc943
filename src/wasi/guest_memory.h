// The room's one door to guest memory: every pointer and length from a guest goes through here.
//
// Addresses are 32-bit; lengths are 64-bit, so that count * size cannot wrap. What at() returns is
// inside the memory, but the guest wrote the bytes: copy a value out once, then check the copy.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "runtime/store.h"

namespace wherry::wasi {

class GuestMemory {
 public:
  // Null for a module without memory: then every address is out of bounds.
  explicit GuestMemory(const runtime::Memory* memory) : memory_(memory) {}

  // The bytes [address, address + length), or null.
  uint8_t* at(uint32_t address, uint64_t length) const {
    return memory_ == nullptr ? nullptr : memory_->at(address, length);
  }

  // False if the place is out of bounds.
  template <typename T>
  [[nodiscard]] bool store(uint32_t address, const T& value) const {
    uint8_t* to = at(address, sizeof(T));
    if (to == nullptr) return false;
    std::memcpy(to, &value, sizeof(T));
    return true;
  }

  // Copies `into.size()` records that begin at `address`.
  template <typename T>
  [[nodiscard]] bool load_array(uint32_t address, std::span<T> into) const {
    const uint8_t* from = at(address, into.size_bytes());
    if (from == nullptr) return false;
    if (!into.empty()) std::memcpy(into.data(), from, into.size_bytes());
    return true;
  }

 private:
  const runtime::Memory* memory_;
};

}  // namespace wherry::wasi
