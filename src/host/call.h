// One request for a function, from its arrival to its last byte, log line and count.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/hosted_function.h"
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
class Call final : public HostedFunction::Waiter, public std::enable_shared_from_this<Call> {
 public:
  // Begins the call, or has it wait for its turn, or answers 429. `event` has all but parameters,
  // which are made of the request where the function does not speak HTTP. `observer` outlives the
  // call.
  // `code` is the function's now; a call that waits gets what it has then.
  static void begin(std::shared_ptr<HostedFunction> function, Code code, http::ExchangePtr exchange,
                    function::Event event, CallObserver& observer);

  Call(std::shared_ptr<HostedFunction> function, Code code, http::ExchangePtr exchange,
       function::Event event, CallObserver& observer);

 private:
  using Clock = std::chrono::steady_clock;
  void take_turn(HostedFunction::Ticket ticket, std::chrono::microseconds waited) override;
  void proceed();
  void finish(function::Outcome outcome);
  unsigned answer(function::Outcome& outcome);

  const std::shared_ptr<HostedFunction> function_;
  const http::ExchangePtr exchange_;
  function::Event event_;
  const std::string activation_;
  CallObserver& observer_;
  Code code_;
  std::chrono::microseconds in_queue_{0};

  std::mutex mutex_;  // the next step may be called for while this thread is leaving the last one
  std::optional<HostedFunction::Ticket> ticket_;
  std::unique_ptr<function::Invocation> invocation_;
  bool has_waited_ = false;
  std::chrono::microseconds on_thread_{0};  // but for the time before it waited first
  bool is_kept_off_ = false;                // the threads that serve sockets
  bool is_done_ = false;
};

}  // namespace wherry::host
