// A function as the host serves it: its code, which may be replaced while it is called, how many
// calls of it may be under way, and what OpenWhisk's /init did to it.
//
// Safe from many threads.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "host/code.h"
#include "host/metrics.h"
#include "platform/service.h"

namespace wherry::host {

struct HostedSettings {
  unsigned concurrency = 0;           // invocations at a time; 0: the host's default
  unsigned queue = 100;               // requests that wait beyond that
  std::optional<LogLevel> log_level;  // nothing: the host's
};

class HostedFunction {
 public:
  // `loader` and `streams` are for OpenWhisk's contract and outlive it. `code` may be null: an
  // empty action container, which /init fills.
  HostedFunction(std::string name, std::shared_ptr<CurrentCode> code, HostedSettings settings,
                 platform::ActionLoader& loader, platform::LogStreams& streams,
                 platform::ServiceOptions options);

  const std::string& name() const { return name_; }
  FunctionMetrics& metrics() { return metrics_; }
  const FunctionMetrics& metrics() const { return metrics_; }
  platform::Service& service() { return service_; }

  // What is called from now on; null in an empty container. Calls under way keep what they have.
  Code code() const;
  void replace(std::shared_ptr<CurrentCode> code, HostedSettings settings);
  HostedSettings settings() const;
  // The function's own level, or the one given.
  LogLevel log_level(LogLevel otherwise) const {
    int8_t own = log_level_.load(std::memory_order_relaxed);
    return own < 0 ? otherwise : static_cast<LogLevel>(own);
  }

  // The right to one invocation, given back when it goes. The function outlives it.
  class Ticket {
   public:
    explicit Ticket(HostedFunction& function) : function_(&function) {}
    Ticket(Ticket&& other) noexcept : function_(std::exchange(other.function_, nullptr)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (function_ != nullptr) function_->leave();
    }

   private:
    HostedFunction* function_;
  };

  // Who waits for a ticket.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    // Called on the thread of an invocation that has ended, which wants it back soon.
    virtual void take_turn(Ticket ticket, std::chrono::microseconds waited) = 0;
  };
  enum class Admission : uint8_t { kNow, kQueued, kFull };
  // With kNow there is a ticket in `ticket`; with kQueued `waiter` will be given one.
  Admission admit(const std::shared_ptr<Waiter>& waiter, std::optional<Ticket>& ticket);
  size_t running() const { return places_.load().running; }
  size_t waiting() const { return places_.load().waiting; }

  // Whether calls lately took long enough to be kept off the threads that serve sockets.
  bool is_slow() const { return slowness_.load(std::memory_order_relaxed) > kSlowFrom; }
  // How long an invocation took: altogether, of a thread, and of a processor.
  struct Times {
    std::chrono::microseconds duration, on_thread, cpu;
    bool was_kept_off = false;  // the threads that serve sockets, for is_slow()
  };
  void note(const Times& times);
  // An invocation waits without a thread: so it is not a processor that it takes, and more may
  // begin.
  void note_waiting();

  unsigned concurrency() const { return limit(); }

 private:
  void leave();
  void set(const HostedSettings& settings);
  unsigned limit() const { return limit_.load(std::memory_order_relaxed); }
  unsigned most_at_a_time() const;
  size_t most_in_queue() const;
  function::Outcome call(const function::Event& event) const;

  // Each slow call makes a function slower by as much, each quick one less so by one: it takes two
  // within a few to be slow, since one may just have waited for a processor, and some quick ones to
  // be quick.
  static constexpr unsigned kSlowFrom = 16, kMostSlow = 32;

  const std::string name_;
  FunctionMetrics metrics_;
  platform::Service service_;
  std::atomic<int8_t> log_level_{-1};  // settings_'s, or -1
  std::atomic<unsigned> limit_{0};     // of invocations at a time
  std::atomic<unsigned> slowness_{0};
  // Lately it was a processor that calls took long of; or there was none yet.
  std::atomic<bool> computes_{true};
  mutable std::mutex mutex_;
  std::shared_ptr<CurrentCode> code_;
  HostedSettings settings_;

  // How many run and how many wait, in one word: as long as none waits, who comes and who leaves
  // need no lock. How many wait is changed with it only, and is waiting_'s size.
  struct Places {
    uint32_t running = 0, waiting = 0;
  };
  std::atomic<Places> places_{};
  // Unless `change` says no, which is given a copy to change, perhaps more than once.
  template <typename Change>
  bool change_places(const Change& change);
  struct Waiting {
    std::shared_ptr<Waiter> waiter;
    std::chrono::steady_clock::time_point since;
  };
  std::deque<Waiting> waiting_;
  Waiting pop_waiting();
  void give_turn(Waiting next);
};

// Functions by name.
class Catalog {
 public:
  std::shared_ptr<HostedFunction> find(std::string_view name) const;
  std::vector<std::shared_ptr<HostedFunction>> all() const;  // by name
  std::shared_ptr<HostedFunction> only() const;              // null unless there is exactly one
  void put(std::shared_ptr<HostedFunction> function);
  void remove(const std::string& name);

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<HostedFunction>, std::less<>> functions_;
};

}  // namespace wherry::host
