#include "runtime/write_watch.h"

#include <sys/mman.h>

#include <array>
#include <atomic>

#include "base/bytes.h"
#include "base/check.h"

namespace wherry::runtime {
namespace {

// Each costs the kernel some mappings, of which a process has 65,530.
constexpr int kMostWatches = 512;
constexpr size_t kMostRuns = 16;

enum class State : uint32_t { kFree, kTaken, kWatching, kTripped };

struct Watch {
  std::atomic<State> state{State::kFree};
  std::atomic<uint64_t> begin{0}, bytes{0};

  bool contains(uint64_t address) const {
    return address - begin.load(std::memory_order_relaxed) < bytes.load(std::memory_order_relaxed);
  }
  bool is_on() const {
    const State now = state.load(std::memory_order_acquire);
    return now == State::kWatching || now == State::kTripped;
  }
  // Opens the range. Again, if it is open: another thread of the instance may have been first.
  bool trip() {
    void* first = reinterpret_cast<void*>(begin.load(std::memory_order_relaxed));
    if (::mprotect(first, bytes.load(std::memory_order_relaxed), PROT_READ | PROT_WRITE) != 0)
      return false;
    state.store(State::kTripped, std::memory_order_relaxed);
    return true;
  }
};

std::array<Watch, kMostWatches> watches;
// Those beyond were never taken.
std::atomic<int> watches_used{0};

int take_watch() {
  for (int i = 0; i < kMostWatches; i++) {
    State expected = State::kFree;
    if (!watches[i].state.compare_exchange_strong(expected, State::kTaken)) continue;
    int used = watches_used.load();
    while (used <= i && !watches_used.compare_exchange_weak(used, i + 1)) {
    }
    return i;
  }
  return -1;
}

Watch* find_watch(uint64_t address) {
  const int used = watches_used.load(std::memory_order_acquire);
  for (int i = 0; i < used; i++) {
    if (watches[i].is_on() && watches[i].contains(address)) return &watches[i];
  }
  return nullptr;
}

bool make_read_only(uint8_t* base, uint64_t from, uint64_t to) {
  return from >= to || ::mprotect(base + from, to - from, PROT_READ) == 0;
}

}  // namespace

bool WriteWatch::begin(uint8_t* base, uint64_t bytes, std::span<const MemoryRun> private_runs) {
  WHERRY_CHECK(!is_on());
  if (bytes == 0 || private_runs.size() > kMostRuns) return false;
  entry_ = take_watch();
  if (!is_on()) return false;
  Watch& watch = watches[entry_];
  watch.begin.store(reinterpret_cast<uint64_t>(base), std::memory_order_relaxed);
  watch.bytes.store(bytes, std::memory_order_relaxed);
  watch.state.store(State::kWatching, std::memory_order_release);
  uint64_t from = 0;
  bool done = true;
  for (const MemoryRun& run : private_runs) {
    done = done && make_read_only(base, from, run.begin);
    from = run.end;
  }
  done = done && make_read_only(base, from, bytes);
  if (!done) end();
  return done;
}

uint64_t WriteWatch::bytes() const {
  return is_on() ? watches[entry_].bytes.load(std::memory_order_relaxed) : 0;
}

bool WriteWatch::has_tripped() const {
  return is_on() && watches[entry_].state.load(std::memory_order_relaxed) == State::kTripped;
}

bool WriteWatch::end() {
  if (!is_on()) return true;
  Watch& watch = watches[entry_];
  const bool is_open = has_tripped() || watch.trip();
  watch.state.store(State::kFree, std::memory_order_release);
  entry_ = -1;
  return is_open;
}

bool trip_write_watch(uint64_t address) {
  Watch* watch = find_watch(address);
  return watch != nullptr && watch->trip();
}

void let_kernel_write(uint8_t* bytes, uint64_t count) {
  if (count == 0) return;
  const Watch* watch = find_watch(reinterpret_cast<uint64_t>(bytes));
  if (watch == nullptr) return;
  // Writes to each page what it has, so that it faults here. Another thread may write there, too. A
  // compiler may make a load of an atomic operation that changes nothing.
  const auto touch = [](uint8_t* at) { asm volatile("lock orb $0, %0" : "+m"(*at)); };
  touch(bytes + count - 1);
  for (uint64_t at = 0; at < count && watch->state.load() == State::kWatching; at += 4096) {
    touch(bytes + at);
  }
}

void let_kernel_write(std::span<const iovec> pieces) {
  for (const iovec& piece : pieces) {
    let_kernel_write(static_cast<uint8_t*>(piece.iov_base), piece.iov_len);
  }
}

}  // namespace wherry::runtime
