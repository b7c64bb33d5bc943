// Time behind an interface: rooms take a `const Clock&`, tests give them one they move by hand.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

namespace wherry {

// Safe from many threads.
class Clock {
 public:
  virtual ~Clock() = default;
  // Since 1970-01-01 UTC; may jump when the machine's clock is set.
  virtual uint64_t realtime_ns() const = 0;
  // Since an unspecified start; never goes back.
  virtual uint64_t monotonic_ns() const = 0;
  // Processor time used by the calling thread.
  virtual uint64_t thread_cpu_ns() const = 0;
};

class SystemClock final : public Clock {
 public:
  uint64_t realtime_ns() const override;
  uint64_t monotonic_ns() const override;
  uint64_t thread_cpu_ns() const override;
};

// `2026-11-25T22:26:30Z`.
std::string utc_text(std::time_t time);

// Stands still until set; for tests, on one thread.
class ManualClock final : public Clock {
 public:
  uint64_t realtime_ns() const override { return realtime_; }
  uint64_t monotonic_ns() const override { return monotonic_; }
  uint64_t thread_cpu_ns() const override { return monotonic_; }

  void set_realtime_ns(uint64_t ns) { realtime_ = ns; }
  void advance_ns(uint64_t ns) {
    realtime_ += ns;
    monotonic_ += ns;
  }

 private:
  uint64_t realtime_ = 0;
  uint64_t monotonic_ = 0;
};

}  // namespace wherry
