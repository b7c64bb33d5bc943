// Readiness of sockets, timers and a queue of work for the client's one thread: epoll.
//
// Not the server's event loop: c-ares and OpenSSL bring their own sockets and say what they wait
// for, which epoll takes as it is.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/files.h"

namespace wherry::outbound {

// post() and stop() are safe from many threads; the rest is for the thread in run(), or before it.
class Poller {
 public:
  // kIo if the system refuses descriptors.
  static Result<std::shared_ptr<Poller>> create();
  Poller(const Poller&) = delete;

  // Runs `work` soon, in order. False if the poller has been stopped: then it is dropped.
  bool post(std::function<void()> work);
  // Lets run() return when what has been posted has run.
  void stop();
  void run();

  // Calls `happened` whenever one of `events` (EPOLLIN, EPOLLOUT) or an error is there, until
  // another call for this socket. Without events the socket is not watched.
  void watch(int socket, uint32_t events, std::function<void(uint32_t events)> happened);
  void unwatch(int socket) { watch(socket, 0, nullptr); }

  // Calls `work` once, later. A timer that has run may be cancelled, too.
  using Time = std::chrono::steady_clock::time_point;
  struct Timer {
    Time time;
    uint64_t number = 0;  // 0: none
    auto operator<=>(const Timer&) const = default;
  };
  Timer after(std::chrono::milliseconds time, std::function<void()> work);
  void cancel(Timer& timer);

 private:
  Poller(FileDescriptor epoll, FileDescriptor wake);
  struct Watch {
    int socket = -1;
    std::function<void(uint32_t)> happened;
  };
  void dispatch(uint64_t number, uint32_t events);
  void run_posted();
  void run_timers();
  int time_to_wait_ms() const;

  const FileDescriptor epoll_, wake_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // guarded by mutex_, as is stopped_
  bool stopped_ = false;
  uint64_t next_number_ = 1;
  // By number: an event of a socket that was closed meanwhile must not meet its successor.
  std::unordered_map<uint64_t, std::shared_ptr<Watch>> watches_;
  std::unordered_map<int, uint64_t> numbers_;
  std::map<Timer, std::function<void()>> timers_;
};

}  // namespace wherry::outbound
