#include "host/hosted_function.h"

#include <algorithm>

#include "base/cpu.h"
#include "platform/web_action.h"

namespace wherry::host {

namespace {

using std::chrono::microseconds;

// A call that takes this much of a processor is slow, or one that keeps a thread for so long: it
// sleeps.
constexpr microseconds kSlow{1'000}, kSleeps{20'000};

// Invocations at a time, most of which wait for the world: they cost memory only.
constexpr unsigned kDefaultConcurrency = 128;

// Of calls that compute for long: more at a time would end none of them earlier, and take more of
// the processors from others.
unsigned most_that_compute() {
  static const unsigned kMost = std::max(2u, usable_cores());
  return kMost;
}

}  // namespace

function::Outcome call_and_wait(const function::Function& function, const function::Event& event) {
  return function::speaks_http(function.abi()) ? platform::call_as_web_action(function, event)
                                               : function.invoke(event);
}

HostedFunction::HostedFunction(std::string name, std::shared_ptr<CurrentCode> code,
                               HostedSettings settings, platform::ActionLoader& loader,
                               platform::LogStreams& streams, platform::ServiceOptions options)
    : name_(std::move(name)),
      service_(loader, streams, std::move(options),
               code ? platform::Action([this](const function::Event& event) { return call(event); })
                    : platform::Action()),
      code_(std::move(code)) {
  set(settings);
}

function::Outcome HostedFunction::call(const function::Event& event) const {
  return call_and_wait(*code(), event);
}

Code HostedFunction::code() const {
  {
    std::lock_guard lock(mutex_);
    if (code_) return code_->get();
  }
  platform::Action action = service_.loaded().action;
  const auto* loaded = action.target<LoadedCode>();
  return loaded ? loaded->current->get() : nullptr;
}

void HostedFunction::replace(std::shared_ptr<CurrentCode> code, HostedSettings settings) {
  std::lock_guard lock(mutex_);
  code_.swap(code);  // the old one goes when the lock is free again
  set(settings);
}

void HostedFunction::set(const HostedSettings& settings) {
  settings_ = settings;
  log_level_ = settings.log_level ? static_cast<int8_t>(*settings.log_level) : int8_t{-1};
  limit_ = settings.concurrency != 0 ? settings.concurrency : kDefaultConcurrency;
}

HostedSettings HostedFunction::settings() const {
  std::lock_guard lock(mutex_);
  return settings_;
}

unsigned HostedFunction::most_at_a_time() const {
  unsigned most = limit();
  return computes_.load(std::memory_order_relaxed) ? std::min(most, most_that_compute()) : most;
}

// Who waits because calls compute is not one too many.
size_t HostedFunction::most_in_queue() const {
  return settings_.queue + (limit() - most_at_a_time());
}

template <typename Change>
bool HostedFunction::change_places(const Change& change) {
  Places now = places_.load(), next;
  do {
    next = now;
    if (!change(next)) return false;
  } while (!places_.compare_exchange_weak(now, next));
  return true;
}

HostedFunction::Admission HostedFunction::admit(const std::shared_ptr<Waiter>& waiter,
                                                std::optional<Ticket>& ticket) {
  const bool is_in = change_places([this](Places& places) {
    if (places.waiting != 0 || places.running >= most_at_a_time()) return false;
    places.running++;
    return true;
  });
  if (!is_in) {
    std::lock_guard lock(mutex_);
    Admission admission{};
    change_places([&](Places& places) {
      if (places.running < most_at_a_time()) {
        admission = Admission::kNow;
        places.running++;
      } else if (places.waiting < most_in_queue()) {
        admission = Admission::kQueued;
        places.waiting++;
      } else {
        admission = Admission::kFull;
      }
      return admission != Admission::kFull;
    });
    if (admission == Admission::kQueued) {
      waiting_.push_back({waiter, std::chrono::steady_clock::now()});
      metrics_.count_queued();
    } else if (admission == Admission::kFull) {
      metrics_.count_rejected();
    }
    if (admission != Admission::kNow) return admission;
  }
  ticket.emplace(*this);
  return Admission::kNow;
}

void HostedFunction::leave() {
  const bool is_out = change_places([](Places& places) {
    if (places.waiting != 0) return false;
    places.running--;
    return true;
  });
  if (is_out) return;
  Waiting next;
  {
    std::lock_guard lock(mutex_);
    bool gives_turn = false;
    change_places([&](Places& places) {
      gives_turn = places.waiting != 0 && places.running <= most_at_a_time();
      (gives_turn ? places.waiting : places.running)--;
      return true;
    });
    if (!gives_turn) return;
    next = pop_waiting();
  }
  give_turn(std::move(next));
}

// Under the lock, for one that is not counted as waiting any more.
HostedFunction::Waiting HostedFunction::pop_waiting() {
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  metrics_.count_unqueued();
  return next;
}

// Without it: for one that is counted as running already.
void HostedFunction::give_turn(Waiting next) {
  auto waited = std::chrono::steady_clock::now() - next.since;
  next.waiter->take_turn(Ticket(*this), std::chrono::duration_cast<microseconds>(waited));
}

// Two threads may both change the figures: they are rules of thumb.
void HostedFunction::note(const Times& times) {
  unsigned now = slowness_.load(std::memory_order_relaxed);
  // Where it was kept off, a thread has to wait for a processor: only what it used says anything.
  bool slept = !times.was_kept_off && times.on_thread >= kSleeps;
  if (times.cpu < kSlow && !slept) {
    if (now != 0) slowness_.store(now - 1, std::memory_order_relaxed);
    if (now <= 1) computes_.store(false, std::memory_order_relaxed);
    return;
  }
  slowness_.store(std::min(now + kSlowFrom, kMostSlow), std::memory_order_relaxed);
  bool computes = times.cpu >= kSlow && times.duration < 2 * times.on_thread;
  computes_.store(computes, std::memory_order_relaxed);
}

void HostedFunction::note_waiting() {
  if (!computes_.exchange(false, std::memory_order_relaxed)) return;
  std::deque<Waiting> next;
  {
    std::lock_guard lock(mutex_);
    const auto take_one_in = [this](Places& places) {
      if (places.waiting == 0 || places.running >= most_at_a_time()) return false;
      places.waiting--;
      places.running++;
      return true;
    };
    while (change_places(take_one_in)) next.push_back(pop_waiting());
  }
  for (Waiting& one : next) give_turn(std::move(one));
}

std::shared_ptr<HostedFunction> Catalog::find(std::string_view name) const {
  std::shared_lock lock(mutex_);
  auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<HostedFunction>> Catalog::all() const {
  std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<HostedFunction>> all;
  for (const auto& [name, function] : functions_) all.push_back(function);
  return all;
}

std::shared_ptr<HostedFunction> Catalog::only() const {
  std::shared_lock lock(mutex_);
  return functions_.size() == 1 ? functions_.begin()->second : nullptr;
}

void Catalog::put(std::shared_ptr<HostedFunction> function) {
  std::unique_lock lock(mutex_);
  functions_.insert_or_assign(function->name(), std::move(function));
}

void Catalog::remove(const std::string& name) {
  std::shared_ptr<HostedFunction> removed;  // goes when the lock is free again
  std::unique_lock lock(mutex_);
  auto found = functions_.find(name);
  if (found == functions_.end()) return;
  removed = std::move(found->second);
  functions_.erase(found);
}

}  // namespace wherry::host
