// Random bytes behind an interface, so that tests can foresee them.
#pragma once

#include <cstdint>
#include <span>

namespace wherry {

// Safe from many threads.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<uint8_t> bytes) = 0;
};

// The kernel's generator, fit for keys.
class SystemRandom final : public Random {
 public:
  void fill(std::span<uint8_t> bytes) override;
};

}  // namespace wherry
