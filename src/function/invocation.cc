// Runs one call of a function: takes an instance with its session, makes the session's calls into
// the guest, lets go of the thread when the guest waits, and keeps the accounts.
#include <atomic>

#include "function/parts.h"
#include "runtime/thread.h"

namespace wherry::function {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// Shorter invocations count as all processor time, which saves asking the kernel.
constexpr auto kWorthMeasuring = std::chrono::milliseconds(1);

// The limit counts from now on and may be longer than the clock can say.
SteadyClock::time_point time_limit(SteadyClock::time_point now, std::chrono::milliseconds time) {
  auto most =
      std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::time_point::max() - now);
  return time < most ? now + time : SteadyClock::time_point::max();
}

// Between an invocation that waits and those who tell it to go on: the exchange and the watchdog,
// on any thread. Only the first to tell is heard, and only once the invocation has really left the
// thread; if that comes later, it finds out itself. They do not keep it alive: an exchange may hold
// what it was given for longer than the invocation lives.
class Waker {
 public:
  explicit Waker(std::function<void()> resume) : resume_(std::move(resume)) {}

  // The invocation runs (again).
  void running() { state_.store(State::kRunning); }
  // It leaves the thread, unless it has been told to go on meanwhile. If true, it may be running on
  // another thread by now.
  bool park() {
    State expected = State::kRunning;
    return state_.compare_exchange_strong(expected, State::kParked);
  }
  // It has ended.
  void retire() { state_.store(State::kRetired); }

  // `call` is given what is to be called if it is to go on now.
  template <typename Call>
  void wake(Call call) {
    State state = state_.load();
    while (state != State::kRetired && !state_.compare_exchange_weak(state, State::kWoken)) {
    }
    if (state == State::kParked) call(resume_);
  }

 private:
  enum class State : uint8_t { kRunning, kParked, kWoken, kRetired };
  std::atomic<State> state_{State::kRunning};
  const std::function<void()> resume_;
};

// Processor time, one stretch on one thread at a time.
class CpuAccount {
 public:
  // If not exactly, what the thread did just before may count as well: it costs no system call.
  void begin(SteadyClock::time_point now, bool exactly) {
    constexpr std::chrono::microseconds kRecent{250};
    thread_local SteadyClock::time_point known_at;
    thread_local uint64_t known_cpu_ns = 0;
    if (exactly || now - known_at > kRecent) {
      known_at = now;
      known_cpu_ns = runtime::count_cpu_ns();
    }
    begun_ = now;
    begun_cpu_ns_ = known_cpu_ns;
  }
  void end(SteadyClock::time_point now) {
    const nanoseconds cpu(runtime::count_cpu_ns() - begun_cpu_ns_);
    sum_ += std::min<nanoseconds>(cpu, now - begun_);
  }
  nanoseconds sum() const { return sum_; }

 private:
  SteadyClock::time_point begun_;
  uint64_t begun_cpu_ns_ = 0;
  nanoseconds sum_{0};
};

class GuestInvocation final : public Invocation {
 public:
  GuestInvocation(const FunctionLimits& limits, Function::Parts& parts, const Event& event,
                  http::ExchangePtr exchange, Owner& owner)
      : limits_(limits),
        parts_(parts),
        event_(event),
        exchange_(std::move(exchange)),
        owner_(owner) {}

  ~GuestInvocation() override {
    if (waker_) waker_->retire();
    if (!session_) return;
    session_->abandon();
    lease_->spoil();
  }

  Progress run() override {
    const SteadyClock::time_point now = SteadyClock::now();
    const bool is_first = !session_;
    cpu_.begin(now, !is_first || parts_.is_slow.load(std::memory_order_relaxed));
    if (is_first && !prepare(now)) return Progress::kDone;
    watch_cpu();
    while (true) {
      if (Status gone_on = go_on(); !gone_on.ok()) {
        fail(gone_on.error());
        return Progress::kDone;
      }
      if (result_ && may_finish()) {
        finish(*result_);
        return Progress::kDone;
      }
      if (wait()) return Progress::kWaiting;
    }
  }

  Outcome& outcome() override { return outcome_; }

 private:
  // Up to the first instruction of the guest; false if it is over already.
  bool prepare(SteadyClock::time_point now) {
    started_ = now;
    const SteadyClock::time_point own_deadline = time_limit(now, limits_.time);
    deadline_was_earlier_ = event_.deadline < own_deadline;
    cpu_left_ = limits_.cpu_time;
    auto lease = parts_.pool->acquire();
    if (!lease.ok()) {
      fail(lease.error());
      return false;
    }
    lease_.emplace(std::move(*lease));
    outcome_.is_cold = lease_->is_new();
    session_ = static_cast<Session*>(&lease_->imports());
    if (Status fits = session_->begin(event_, exchange_.get()); !fits.ok()) {
      refuse(fits.error());
      return false;
    }
    const SteadyClock::time_point deadline = std::min(own_deadline, event_.deadline);
    if (deadline != SteadyClock::time_point::max() || has_cpu_limit()) {
      guard_.emplace(parts_.watchdog.watch(lease_->store(), deadline));
    }
    return true;
  }

  // Runs the guest until it waits, or all of the session's calls are made: then there is a result_,
  // the last one's.
  Status go_on() {
    if (result_) return ok_status();
    std::optional<runtime::CallResult> result;
    if (lease_->store().is_suspended()) {
      result = TRY(lease_->store().resume());
      if (!result) return ok_status();
    } else if (auto stopped = TRY(lease_->start())) {
      std::visit([this](auto& how) { result_ = std::move(how); }, *stopped);
      return ok_status();
    }
    while (true) {
      const auto* values = result ? std::get_if<std::vector<runtime::Value>>(&*result) : nullptr;
      const bool goes_on = !result || values;
      auto call = goes_on ? session_->next(lease_->instance(), values) : std::optional<GuestCall>();
      if (!call.ok()) refusal_ = call.error();
      if (!call.ok() || !*call) {
        result_ = result ? std::move(*result) : std::vector<runtime::Value>{};
        return ok_status();
      }
      result = TRY(lease_->store().begin(*(*call)->function, (*call)->arguments));
      if (!result) return ok_status();
    }
  }

  // Whether an ended guest's answer is on its way, or will never be.
  bool may_finish() {
    const bool ended_well = !refusal_ && !std::holds_alternative<runtime::Trap>(*result_);
    if (!ended_well || session_->is_sent()) return true;
    if (!guard_ || !guard_->has_expired()) return false;
    result_ = runtime::Trap{contract::TrapCode::kInterrupted, {}, {}, 0};
    return true;
  }

  // The guest waits: true if the invocation has left the thread, and nothing of it may be touched
  // any more; false if it is to go on at once.
  bool wait() {
    const SteadyClock::time_point now = SteadyClock::now();
    cpu_.end(now);
    if (has_cpu_limit()) cpu_left_ = guard_->pause_cpu();
    if (!waker_) {
      waker_ = std::make_shared<Waker>(owner_.resumer());
      watch_deadline();
    }
    if (http::OutboundCall* awaited = session_->awaited()) {
      awaited->wake(resume_elsewhere());
    } else {
      exchange_->wake([weak = std::weak_ptr(waker_)] {
        if (auto waker = weak.lock()) waker->wake([](auto& resume) { resume(); });
      });
    }
    if (waker_->park()) return true;
    waker_->running();
    cpu_.begin(now, true);
    watch_cpu();
    return false;
  }

  // A guest that waits sees its deadline only when it is resumed.
  void watch_deadline() {
    if (!guard_) return;
    guard_->when_expired(resume_elsewhere());
  }

  // For threads that must not run guests. Without an exchange the resumer is for any thread.
  std::function<void()> resume_elsewhere() {
    return [weak = std::weak_ptr(waker_), exchange = exchange_] {
      auto waker = weak.lock();
      if (!waker) return;
      waker->wake([&](auto& resume) {
        if (exchange) return exchange->post(resume, false);
        resume();
      });
    };
  }

  bool has_cpu_limit() const {
    return limits_.cpu_time.count() > 0 && limits_.cpu_time < limits_.time;
  }
  void watch_cpu() {
    if (waker_) waker_->running();
    if (has_cpu_limit() && guard_) guard_->limit_cpu(cpu_left_);
  }

  void finish(const runtime::CallResult& result) {
    if (refusal_) {
      refuse(*refusal_);
      return;
    }
    const bool cpu_limit_reached = has_cpu_limit() && guard_->cpu_limit_reached();
    settle(session_->end({result, limits_, deadline_was_earlier_, cpu_limit_reached}));
  }
  void fail(const Error& error) {
    settle_failure(OutcomeKind::kInternal, "the function could not be run: " + error.message);
  }
  void refuse(const Error& error) { settle_failure(OutcomeKind::kBadEvent, error.message); }
  void settle_failure(OutcomeKind kind, std::string message) {
    Outcome outcome = failure(kind, std::move(message));
    if (session_) outcome.status = session_->abandon();
    settle(std::move(outcome));
  }

  // Takes the log and the accounts, and gives back what others can use.
  void settle(Outcome&& outcome) {
    outcome.is_cold = outcome_.is_cold;
    outcome_ = std::move(outcome);
    if (session_) {
      session_->output().finish();
      outcome_.log = session_->output().take_log();
      outcome_.log_truncated = session_->output().log_truncated();
    }
    const SteadyClock::time_point now = SteadyClock::now();
    take_account(now);
    if (waker_) waker_->retire();
    guard_.reset();
    if (session_ && !session_->renew()) lease_->spoil();
    session_ = nullptr;
    lease_.reset();
  }

  void take_account(SteadyClock::time_point now) {
    const nanoseconds duration = now - started_;
    const bool is_slow = duration >= kWorthMeasuring;
    if (is_slow != parts_.is_slow.load(std::memory_order_relaxed)) {
      parts_.is_slow.store(is_slow, std::memory_order_relaxed);
    }
    nanoseconds cpu = duration;
    if (is_slow) {
      cpu_.end(now);
      cpu = std::min(cpu_.sum(), duration);
    }
    outcome_.duration = std::chrono::duration_cast<std::chrono::microseconds>(duration);
    outcome_.cpu = std::chrono::duration_cast<std::chrono::microseconds>(cpu);
    if (!lease_) return;
    for (const runtime::Memory* memory : lease_->instance().memories()) {
      outcome_.memory_bytes += memory->size_bytes();
    }
  }

  const FunctionLimits& limits_;
  Function::Parts& parts_;
  const Event& event_;
  const http::ExchangePtr exchange_;
  Owner& owner_;

  std::optional<runtime::InstancePool::Lease> lease_;
  Session* session_ = nullptr;                     // the lease's
  std::optional<runtime::Watchdog::Guard> guard_;  // destroyed before its store
  std::shared_ptr<Waker> waker_;                   // once the guest has waited
  SteadyClock::time_point started_;
  bool deadline_was_earlier_ = false;
  nanoseconds cpu_left_{0};
  CpuAccount cpu_;
  std::optional<Error> refusal_;
  std::optional<runtime::CallResult> result_;  // once all calls are made
  Outcome outcome_;
};

}  // namespace

std::unique_ptr<Invocation> make_invocation(const FunctionLimits& limits, Function::Parts& parts,
                                            const Event& event, http::ExchangePtr exchange,
                                            Invocation::Owner& owner) {
  return std::make_unique<GuestInvocation>(limits, parts, event, std::move(exchange), owner);
}

}  // namespace wherry::function
