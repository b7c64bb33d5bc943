// One request for a function, from its arrival to its last byte, log line and count.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "host/router.h"
#include "http/exchange.h"

namespace wherry::host {

inline constexpr char kActivationHeader[] = "Wherry-Activation-Id";

// Where what happens is told. Safe from many threads.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  struct Ended {
    HostedFunction& function;
    const std::string& activation;
    const http::Request& request;
    const function::Outcome& outcome;
    unsigned status;                     // answered; 0: the client was gone
    std::chrono::microseconds in_queue;  // before the invocation began
  };
  virtual void ended(const Ended& call) = 0;
};

// Kept alive by what it waits for: the function's queue, its exchange, or the thread it runs on.
class Call final : public HostedFunction::Waiter,
                   public function::Invocation::Owner,
                   public std::enable_shared_from_this<Call> {
 public:
  // The target is a function's (Service::kCall). A call that waits gets the code that the function
  // has then. `observer` outlives the call.
  Call(Target target, http::ExchangePtr exchange, CallObserver& observer);

  // To be filled in before it begins.
  function::Event& event() { return event_; }
  Target& target() { return target_; }
  // Runs, or waits for its turn, or answers 429. Once.
  void begin();

 private:
  using Clock = std::chrono::steady_clock;
  void take_turn(HostedFunction::Ticket ticket, std::chrono::microseconds waited) override;
  std::function<void()> resumer() override;
  // The next step, which may be called for while another thread is leaving the last one.
  void proceed();
  void finish(std::chrono::microseconds on_thread);
  unsigned answer(function::Outcome& outcome);

  Target target_;
  const http::ExchangePtr exchange_;
  function::Event event_;
  CallObserver& observer_;
  std::chrono::microseconds in_queue_{0};

  std::optional<HostedFunction::Ticket> ticket_;
  std::unique_ptr<function::Invocation> invocation_;
  // The time on threads after it waited first, but for what a thread may take to leave.
  std::atomic<std::chrono::microseconds::rep> later_us_{0};
  bool is_kept_off_ = false;  // the threads that serve sockets
};

}  // namespace wherry::host
