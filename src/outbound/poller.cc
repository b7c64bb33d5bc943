#include "outbound/poller.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace wherry::outbound {

namespace {

constexpr uint64_t kWakeNumber = 0;

}  // namespace

Poller::Poller(FileDescriptor epoll, FileDescriptor wake)
    : epoll_(std::move(epoll)), wake_(std::move(wake)) {}

Result<std::shared_ptr<Poller>> Poller::create() {
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open()) return errno_error(errno, "epoll_create1");
  FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.is_open()) return errno_error(errno, "eventfd");
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kWakeNumber}};
  if (::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, wake.number(), &event) != 0) {
    return errno_error(errno, "epoll_ctl");
  }
  return std::shared_ptr<Poller>(new Poller(std::move(epoll), std::move(wake)));
}

bool Poller::post(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  if (stopped_) return false;
  posted_.push_back(std::move(work));
  // The counter cannot overflow, and nothing else can go wrong.
  if (posted_.size() == 1) ::eventfd_write(wake_.number(), 1);
  return true;
}

void Poller::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  ::eventfd_write(wake_.number(), 1);
}

void Poller::run() {
  std::array<epoll_event, 64> events;
  while (true) {
    int count = ::epoll_wait(epoll_.number(), events.data(), events.size(), time_to_wait_ms());
    for (int i = 0; i < count; i++) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      dispatch(uint64_t{event.data.u64}, event.events);  // packed: not to be bound to a reference
    }
    run_timers();
    std::lock_guard lock(mutex_);
    if (stopped_) break;
  }
  run_posted();
}

void Poller::dispatch(uint64_t number, uint32_t events) {
  if (number == kWakeNumber) return run_posted();
  auto found = watches_.find(number);
  if (found == watches_.end()) return;
  std::shared_ptr<Watch> watch = found->second;  // it may be replaced while it runs
  watch->happened(events);
}

void Poller::run_posted() {
  uint64_t count = 0;
  ::eventfd_read(wake_.number(), &count);
  std::vector<std::function<void()>> works;
  {
    std::lock_guard lock(mutex_);
    works.swap(posted_);
  }
  for (auto& work : works) work();
}

void Poller::watch(int socket, uint32_t events, std::function<void(uint32_t)> happened) {
  uint64_t number = next_number_++;
  epoll_event event{.events = events, .data = {.u64 = number}};
  auto found = numbers_.find(socket);
  if (found != numbers_.end()) {
    watches_.erase(found->second);
    // Errors: the socket was closed by those who own it, which ended its registration.
    ::epoll_ctl(epoll_.number(), events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD, socket, &event);
    if (events == 0) numbers_.erase(found);
  } else if (events != 0) {
    ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket, &event);
  }
  if (events == 0) return;
  numbers_[socket] = number;
  watches_[number] = std::make_shared<Watch>(Watch{socket, std::move(happened)});
}

Poller::Timer Poller::after(std::chrono::milliseconds time, std::function<void()> work) {
  Timer timer{std::chrono::steady_clock::now() + time, next_number_++};
  timers_.emplace(timer, std::move(work));
  return timer;
}

void Poller::cancel(Timer& timer) {
  if (timer.number != 0) timers_.erase(timer);
  timer = {};
}

void Poller::run_timers() {
  while (!timers_.empty() && timers_.begin()->first.time <= std::chrono::steady_clock::now()) {
    auto first = timers_.extract(timers_.begin());
    first.mapped()();
  }
}

// Rounded up, lest it be asked again and again within the last millisecond.
int Poller::time_to_wait_ms() const {
  if (timers_.empty()) return -1;
  auto left = timers_.begin()->first.time - std::chrono::steady_clock::now();
  auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<int64_t>(ms, 0, 60'000));
}

}  // namespace wherry::outbound
