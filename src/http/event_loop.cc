#include "http/event_loop.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace wherry::http {

namespace {

// Edge-triggered: a socket is registered once, and each piece of news is told once.
constexpr uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr uint32_t kInput = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr uint32_t kOutput = EPOLLOUT | EPOLLHUP | EPOLLERR;

// A twentieth of the time, with what the system adds to a sleep.
constexpr std::chrono::microseconds kGapEvery{2'000}, kGap{50};
constexpr size_t kMostAtRoundEnd = 32;
constexpr std::chrono::microseconds kLongestRound{100};

}  // namespace

EventLoop::EventLoop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, bell_.number(), &event);
}

Status EventLoop::status() const {
  if (epoll_.is_open() && bell_.is_open()) return ok_status();
  return make_error(ErrorKind::kIo, "cannot create an event loop: no descriptors are left");
}

// In rounds: what epoll told, what was posted, what has input left, one timer. Whatever these cause
// belongs to the next round, so that none starves another. One callback a call.
void EventLoop::run_one() {
  if (handle_ready()) return;
  if (!taken_.empty()) {
    std::function<void()> work = std::move(taken_.front());
    taken_.pop_front();
    return work();
  }
  while (!readable_.empty()) {
    Socket* socket = readable_.back();
    readable_.pop_back();
    if (socket->reader_ != nullptr) return socket->handle_input();
  }
  if (!std::exchange(looked_at_timers_, true) && run_timer()) return;
  end_round();
  begin_round();
}

// True if there was something for which somebody had waited.
bool EventLoop::handle_ready() {
  while (ready_at_ < ready_count_) {
    epoll_event& event = ready_[ready_at_];
    auto* socket = static_cast<Socket*>(event.data.ptr);
    if (socket != nullptr && (event.events & kOutput) != 0 && socket->writer_ != nullptr) {
      event.events &= kInput;
      std::exchange(socket->writer_, nullptr)->on_writable();
      return true;
    }
    ready_at_++;
    if (socket == nullptr || (event.events & kInput) == 0) continue;
    socket->may_have_input_ = true;
    if ((event.events & kInput) != EPOLLIN) socket->has_ended_ = true;
    if (socket->reader_ == nullptr && !socket->waiting_) continue;
    socket->handle_input();
    return true;
  }
  return false;
}

bool EventLoop::at_round_end(RoundEnd* it) {
  Time now = std::chrono::steady_clock::now();
  if (round_end_.empty()) round_end_since_ = now;
  if (round_end_.size() + 1 >= kMostAtRoundEnd || now - round_end_since_ > kLongestRound) {
    end_round();
    return false;
  }
  round_end_.push_back(it);
  return true;
}

void EventLoop::forget_round_end(RoundEnd* it) {
  for (RoundEnd*& waiting : round_end_) {
    if (waiting == it) waiting = nullptr;
  }
}

// Those who are called add nobody.
void EventLoop::end_round() {
  for (size_t i = 0; i < round_end_.size(); i++) {
    if (round_end_[i] != nullptr) std::exchange(round_end_[i], nullptr)->on_round_end();
  }
  round_end_.clear();
}

bool EventLoop::run_timer() {
  if (timers_.empty()) return false;
  auto first = std::min_element(timers_.begin(), timers_.end(),
                                [](const Timer& a, const Timer& b) { return a.when < b.when; });
  if (first->when > std::chrono::steady_clock::now()) return false;
  std::function<void()> work = std::move(first->work);
  timers_.erase(first);
  work();
  return true;
}

void EventLoop::leave_gap() {
  Time now = std::chrono::steady_clock::now();
  if (now - slept_ < kGapEvery) return;
  timespec gap{0, std::chrono::nanoseconds(kGap).count()};
  ::clock_nanosleep(CLOCK_MONOTONIC, 0, &gap, nullptr);
  slept_ = std::chrono::steady_clock::now();
}

void EventLoop::begin_round() {
  if (leaves_gaps_) leave_gap();
  int time_ms = 0;
  readable_.swap(readable_next_);
  posted_.take_all(taken_);
  if (taken_.empty() && readable_.empty()) {
    time_ms = wait_time_ms();
    // Who posts rings the bell if it finds this, or else what it posted is found here.
    is_asleep_.store(true);
    if (!posted_.is_empty()) time_ms = 0;
  }
  int count =
      ::epoll_wait(epoll_.number(), ready_.data(), static_cast<int>(ready_.size()), time_ms);
  is_asleep_.store(false);
  ready_at_ = 0;
  ready_count_ = static_cast<size_t>(std::max(count, 0));
  looked_at_timers_ = false;
  if (time_ms != 0) slept_ = std::chrono::steady_clock::now();
  posted_.take_all(taken_);
}

// -1: without end.
int EventLoop::wait_time_ms() const {
  if (timers_.empty()) return -1;
  Time now = std::chrono::steady_clock::now();
  int64_t shortest = INT32_MAX;
  for (const Timer& timer : timers_) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(timer.when - now).count();
    shortest = std::clamp<int64_t>(left, 0, shortest);
  }
  return static_cast<int>(shortest);
}

void EventLoop::post(std::function<void()> work) {
  if (!is_open_.load()) return;
  posted_.push(std::move(work));
  if (!is_asleep_.exchange(false)) return;
  // Nobody reads it: each ring is news.
  uint64_t ring = 1;
  [[maybe_unused]] ssize_t ignored = ::write(bell_.number(), &ring, sizeof ring);
}

void EventLoop::close() {
  is_open_.store(false);
  std::deque<std::function<void()>> dropped;
  posted_.take_all(dropped);
  dropped.clear();
  taken_.clear();
  timers_.clear();
}

void EventLoop::start_ticking(std::chrono::milliseconds interval, std::function<bool()> tick) {
  after(interval, [this, interval, tick = std::move(tick)] {
    if (tick()) start_ticking(interval, tick);
  });
}

void EventLoop::after(std::chrono::milliseconds time, std::function<void()> work) {
  timers_.push_back({std::chrono::steady_clock::now() + time, std::move(work)});
}

void EventLoop::forget(Socket* socket) {
  for (size_t i = ready_at_; i < ready_count_; i++) {
    if (ready_[i].data.ptr == socket) ready_[i].data.ptr = nullptr;
  }
  std::erase(readable_, socket);
  std::erase(readable_next_, socket);
}

Socket::Socket(EventLoop& loop, FileDescriptor socket) : loop_(loop), socket_(std::move(socket)) {
  epoll_event event{};
  event.events = kInterest;
  event.data.ptr = this;
  // Without memory for it: as if it had ended.
  if (::epoll_ctl(loop_.epoll_.number(), EPOLL_CTL_ADD, number(), &event) != 0) {
    ::shutdown(number(), SHUT_RDWR);
    may_have_input_ = has_ended_ = true;
  }
}

void Socket::read(std::span<char> into, SocketEvents* to) {
  into_ = into;
  reader_ = to;
  if (may_have_input_) loop_.readable_next_.push_back(this);
}

void Socket::wait_readable(std::function<void()> done) {
  waiting_ = std::move(done);
  // Registered anew, epoll tells old news again.
  epoll_event event{};
  event.events = kInterest;
  event.data.ptr = this;
  ::epoll_ctl(loop_.epoll_.number(), EPOLL_CTL_MOD, number(), &event);
}

void Socket::handle_input() {
  if (waiting_) return std::exchange(waiting_, nullptr)();
  ssize_t got;
  do {
    got = ::recv(number(), into_.data(), into_.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) {
    may_have_input_ = false;
    return;
  }
  // Less than there was room for: that was all, and epoll will tell when more comes. But the end
  // has been told of already.
  if (got > 0 && static_cast<size_t>(got) < into_.size() && !has_ended_) may_have_input_ = false;
  int error = got < 0 ? errno : 0;
  std::exchange(reader_, nullptr)->on_read(error, got < 0 ? 0 : static_cast<size_t>(got));
}

void Socket::close() {
  if (!socket_.is_open()) return;
  loop_.forget(this);
  // Explicitly: while a child process is being started, it holds the socket open.
  ::epoll_ctl(loop_.epoll_.number(), EPOLL_CTL_DEL, number(), nullptr);
  socket_ = FileDescriptor();
  reader_ = writer_ = nullptr;
  waiting_ = nullptr;
}

}  // namespace wherry::http
