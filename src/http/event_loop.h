// Readiness of sockets, a queue of work and a tick, on epoll.
//
// One thread at a time runs a loop; which one may change between two calls of run_one(), and even
// while a call is still in a callback: then that thread must not touch what belongs to the loop any
// more, and another calls run_one() from then on (loop.h). So everything that is still to be done
// is kept in the loop, never on a stack, and nothing is touched behind a callback.
//
// Not an existing library's loop: what a thread has taken from the kernel would be lost to the
// others with it, and each request would cost a second recv() that finds nothing.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "base/files.h"
#include "http/work_list.h"

namespace wherry::http {

class Socket;

// What waits for the round's end.
class RoundEnd {
 public:
  virtual void on_round_end() = 0;

 protected:
  ~RoundEnd() = default;
};

class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;

  // kIo if the system refused what a loop needs; then nothing else may be called.
  Status status() const;

  // Handles the next event, waiting for one if there is none.
  void run_one();

  // While this is so, a loop that never sleeps for want of work does so for a moment now and then:
  // for threads that run when no other wants their processor. Short and often, unlike what the
  // system gives to threads that share one: nobody's request waits for long.
  void leave_gaps(bool are_wanted) { leaves_gaps_ = are_wanted; }

  // Runs `work` soon. From any thread. After close() it is dropped.
  void post(std::function<void()> work);
  // Takes nothing any more and drops what is queued. Nobody runs the loop any more.
  void close();

  // Calls `it` when all that is ready now has been looked at, at the latest in a tenth of a
  // millisecond or so, but for what takes longer in between. Small answers go out like that: a
  // client that is woken by the first finds the others, and waking it is most of what sending
  // costs. False if the round has lasted long enough: those who wait have been called now, and `it`
  // is not to wait.
  [[nodiscard]] bool at_round_end(RoundEnd* it);
  void forget_round_end(RoundEnd* it);

  // Calls `tick` at this interval until it returns false. It must not call handlers, as what
  // `after` calls.
  void start_ticking(std::chrono::milliseconds interval, std::function<bool()> tick);
  void after(std::chrono::milliseconds time, std::function<void()> work);

 private:
  friend class Socket;
  using Time = std::chrono::steady_clock::time_point;
  struct Timer {
    Time when;
    std::function<void()> work;
  };

  bool handle_ready();
  void end_round();
  bool run_timer();
  void begin_round();
  void leave_gap();
  int wait_time_ms() const;
  void forget(Socket* socket);

  FileDescriptor epoll_, bell_;  // the bell wakes a loop that sleeps

  // Of the thread that runs the loop.
  std::array<epoll_event, 128> ready_;
  size_t ready_at_ = 0, ready_count_ = 0;
  std::deque<std::function<void()>> taken_;
  std::vector<Socket*> readable_;  // may have input that epoll told of before there was a reader
  std::vector<Socket*> readable_next_;  // of the next round
  std::vector<Timer> timers_;
  std::vector<RoundEnd*> round_end_;
  Time round_end_since_;
  bool leaves_gaps_ = false;
  Time slept_;  // the last time
  bool looked_at_timers_ = false;

  WorkList posted_;
  std::atomic<bool> is_open_{true};
  std::atomic<bool> is_asleep_{false};  // or about to be, and looks at posted_ once more
};

// What happens on a socket. Called by the thread that runs the loop.
class SocketEvents {
 public:
  // `error` is an errno value or 0; 0 bytes without error are the end.
  virtual void on_read(int error, size_t bytes) = 0;
  virtual void on_writable() = 0;

 protected:
  ~SocketEvents() = default;
};

// A stream or listening socket on a loop; touched only by the thread that runs it, but for the
// destructor of a closed one.
class Socket {
 public:
  // `socket` must not block.
  Socket(EventLoop& loop, FileDescriptor socket);
  ~Socket() { close(); }
  Socket(const Socket&) = delete;

  int number() const { return socket_.number(); }
  // One outstanding read, and one wait to write, at a time; `to` outlives the socket.
  void read(std::span<char> into, SocketEvents* to);
  // After a write that found no room.
  void wait_writable(SocketEvents* to) { writer_ = to; }
  void wait_readable(std::function<void()> done);
  // Outstanding operations are forgotten.
  void close();

 private:
  friend class EventLoop;
  void handle_input();

  EventLoop& loop_;
  FileDescriptor socket_;
  std::span<char> into_;
  SocketEvents* reader_ = nullptr;
  SocketEvents* writer_ = nullptr;
  std::function<void()> waiting_;
  bool may_have_input_ = false;  // epoll, which tells each news once, has said so
  bool has_ended_ = false;
};

}  // namespace wherry::http
