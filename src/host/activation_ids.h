// Ids of activations: 32 hexadecimal digits, unique among hosts, cheap to make. They are no
// secrets.
//
// Safe from many threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/random.h"

namespace wherry::host {

class ActivationIds {
 public:
  explicit ActivationIds(Random& random);
  std::string next();

 private:
  uint64_t seed_ = 0;  // of this host
  std::atomic<uint64_t> count_;
};

}  // namespace wherry::host
