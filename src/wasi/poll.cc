// poll_oneoff: waits for the first of several clocks and descriptors.
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <limits>

#include "wasi/call.h"
#include "wasi/clocks.h"

namespace wherry::wasi {

namespace {

constexpr uint32_t kMaxSubscriptions = 1024;
constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kLongestWaitNs = kNsPerSecond * 3600 * 24;  // of one ppoll; then again

// One subscription, looked at once before the wait.
struct Waiter {
  Event event;
  bool is_ready = false;
  uint64_t remaining_ns = kNever;  // of clocks, from the start of the next wait
  int poll_index = -1;             // of descriptors that may block
};

class Poll {
 public:
  explicit Poll(Call& call) : call_(call) {}

  void add(const Subscription& subscription) {
    Waiter waiter;
    waiter.event.userdata = subscription.userdata;
    auto type = static_cast<uint8_t>(subscription.tag);
    waiter.event.type = type;
    Errno error = Errno::kInval;
    if (type == kEventClock) error = add_clock(subscription, waiter);
    if (type == kEventFdRead || type == kEventFdWrite) error = add_descriptor(subscription, waiter);
    if (error != Errno::kSuccess) {
      waiter.event.error = static_cast<uint16_t>(error);
      waiter.is_ready = true;
    }
    waiters_.push_back(waiter);
  }

  // Waits until something is ready, or for as long as one system call can, or until a signal comes;
  // kIntr if the signal is there to end the guest.
  Errno wait() {
    if (call_.interrupted()) return Errno::kIntr;
    uint64_t timeout_ns = kNever;
    for (const Waiter& waiter : waiters_) {
      timeout_ns = std::min(timeout_ns, waiter.is_ready ? 0 : waiter.remaining_ns);
    }
    bool is_bounded = timeout_ns != kNever;
    timeout_ns = std::min(timeout_ns, kLongestWaitNs);
    timespec timeout{.tv_sec = static_cast<time_t>(timeout_ns / kNsPerSecond),
                     .tv_nsec = static_cast<long>(timeout_ns % kNsPerSecond)};
    // Not the library's ppoll: the kernel's leaves in `timeout` what is left of it.
    long ready = ::syscall(SYS_ppoll, descriptors_.data(), descriptors_.size(),
                           is_bounded ? &timeout : nullptr, nullptr, size_t{0});
    if (ready < 0 && errno != EINTR) return errno_from_host(errno);
    uint64_t left_ns = static_cast<uint64_t>(timeout.tv_sec) * kNsPerSecond +
                       static_cast<uint64_t>(timeout.tv_nsec);
    for (Waiter& waiter : waiters_) {
      if (waiter.poll_index >= 0 && ready > 0) finish_descriptor(waiter);
      if (waiter.remaining_ns == kNever) continue;
      waiter.remaining_ns -= timeout_ns - std::min(left_ns, timeout_ns);
      if (waiter.remaining_ns == 0) waiter.is_ready = true;
    }
    return Errno::kSuccess;
  }

  std::vector<Event> events() const {
    std::vector<Event> events;
    for (const Waiter& waiter : waiters_) {
      if (waiter.is_ready) events.push_back(waiter.event);
    }
    return events;
  }

 private:
  Errno add_clock(const Subscription& subscription, Waiter& waiter) {
    uint32_t id = subscription.clock.id;
    if (id != kRealtime && id != kMonotonic)
      return id <= kThreadCpu ? Errno::kNotSup : Errno::kInval;
    uint64_t now = *read_clock(call_.world, id);
    uint64_t timeout = subscription.clock.timeout;
    bool is_absolute = (subscription.clock.flags & 1) != 0;
    waiter.remaining_ns = !is_absolute ? timeout : timeout > now ? timeout - now : 0;
    return Errno::kSuccess;
  }

  Errno add_descriptor(const Subscription& subscription, Waiter& waiter) {
    Found found = find_any(call_.world.descriptors(), subscription.fd, rights::kPollFdReadwrite);
    if (found.error != Errno::kSuccess) return found.error;
    const Descriptor& descriptor = *found.descriptor;
    bool is_read = waiter.event.type == kEventFdRead;
    if (is_read ? descriptor.output != nullptr : descriptor.input != nullptr) return Errno::kBadF;
    int host = descriptor.input    ? descriptor.input->poll_descriptor()
               : descriptor.output ? descriptor.output->poll_descriptor()
                                   : descriptor.host.number();
    if (host < 0) {
      waiter.is_ready = true;
      waiter.event.bytes = 1;
      return Errno::kSuccess;
    }
    waiter.poll_index = static_cast<int>(descriptors_.size());
    auto events = static_cast<short>(is_read ? POLLIN : POLLOUT);
    descriptors_.push_back({.fd = host, .events = events, .revents = 0});
    return Errno::kSuccess;
  }

  void finish_descriptor(Waiter& waiter) {
    const pollfd& polled = descriptors_[static_cast<size_t>(waiter.poll_index)];
    if (polled.revents == 0) return;
    waiter.is_ready = true;
    if (polled.revents & POLLHUP) waiter.event.flags = 1;
    waiter.event.bytes = waiter.event.type == kEventFdRead ? readable_bytes(polled.fd) : 1;
  }

  static uint64_t readable_bytes(int fd) {
    struct stat info;
    if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
      off_t position = ::lseek(fd, 0, SEEK_CUR);
      return static_cast<uint64_t>(std::max<off_t>(info.st_size - std::max<off_t>(position, 0), 0));
    }
    int count = 0;
    return ::ioctl(fd, FIONREAD, &count) == 0 ? static_cast<uint64_t>(std::max(count, 0)) : 1;
  }

  Call& call_;
  std::vector<Waiter> waiters_;
  std::vector<pollfd> descriptors_;
};

}  // namespace

Errno poll_oneoff(Call& call) {
  uint32_t count = call.u32(2);
  if (count == 0 || count > kMaxSubscriptions) return Errno::kInval;
  std::vector<Subscription> subscriptions(count);
  if (!call.memory.load_array(call.u32(0), std::span(subscriptions))) return Errno::kFault;
  // Room for all events, checked before the wait; it may overlap the subscriptions, which are
  // copied.
  uint8_t* into = call.memory.at(call.u32(1), count * sizeof(Event));
  if (into == nullptr || !call.memory.at(call.u32(3), sizeof(uint32_t))) return Errno::kFault;

  call.world.say_before_wait();
  Poll poll(call);
  for (const Subscription& subscription : subscriptions) poll.add(subscription);
  std::vector<Event> events;
  do {
    Errno error = poll.wait();
    if (error != Errno::kSuccess) return error;
    events = poll.events();
  } while (events.empty());
  std::memcpy(into, events.data(), events.size() * sizeof(Event));
  bool stored = call.memory.store(call.u32(3), static_cast<uint32_t>(events.size()));
  return stored ? Errno::kSuccess : Errno::kFault;
}

}  // namespace wherry::wasi
