// Things that are used again, kept a list a processor so that workers do not meet.
#pragma once

#include <sched.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace wherry::function {

// Safe from many threads.
template <typename T>
class IdleList {
 public:
  // What this processor put back last, or null.
  std::unique_ptr<T> take() {
    Shard& own = shard();
    std::lock_guard lock(own.mutex);
    if (own.idle.empty()) return nullptr;
    std::unique_ptr<T> thing = std::move(own.idle.back());
    own.idle.pop_back();
    return thing;
  }

  void put(std::unique_ptr<T> thing) {
    Shard& own = shard();
    std::lock_guard lock(own.mutex);
    if (own.idle.size() < kMostIdle) own.idle.push_back(std::move(thing));
  }

 private:
  static constexpr size_t kMostIdle = 256;  // a processor
  // Aligned to what processors fetch at a time.
  struct alignas(128) Shard {
    std::mutex mutex;
    std::vector<std::unique_ptr<T>> idle;
  };
  Shard& shard() {
    const auto processor = static_cast<size_t>(std::max(::sched_getcpu(), 0));
    return shards_[processor % shards_.size()];
  }
  std::vector<Shard> shards_{std::max(1u, std::thread::hardware_concurrency())};
};

}  // namespace wherry::function
