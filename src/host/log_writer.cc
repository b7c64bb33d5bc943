#include "host/log_writer.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "base/result.h"

namespace wherry::host {

namespace {

// How often a descriptor that takes nothing is looked at again, should the end have come.
constexpr int kPollMs = 50;

}  // namespace

LogWriter::LogWriter(int fd, LogWriterOptions options) : fd_(fd), options_(std::move(options)) {
  struct stat status{};
  const bool is_known = ::fstat(fd, &status) == 0;
  is_socket_ = is_known && S_ISSOCK(status.st_mode);
  const bool never_blocks = is_socket_ || (is_known && S_ISREG(status.st_mode));
  // A pipe that is writable takes this much without blocking; larger writes may block.
  most_at_once_ = never_blocks ? SIZE_MAX : PIPE_BUF;
  thread_ = std::thread([this] { run(); });
}

LogWriter::~LogWriter() {
  {
    std::lock_guard lock(mutex_);
    is_ending_ = true;
    end_ = std::chrono::steady_clock::now() + options_.last_wait;
  }
  wake_.notify_one();
  thread_.join();
}

void LogWriter::write(LogLevel level, std::string_view line) {
  bool wakes = false;
  {
    std::lock_guard lock(mutex_);
    if (lines_.size() + line.size() + 1 > options_.most_bytes) {
      dropped_++;
      return;
    }
    const bool is_first = lines_.empty();
    lines_ += line;
    lines_ += '\n';
    taken_in_ += line.size() + 1;
    const bool is_much = lines_.size() >= options_.write_at_bytes;
    if ((level == LogLevel::kError || is_much) && !is_urgent_) is_urgent_ = wakes = true;
    wakes |= is_first;  // the tick begins
  }
  if (wakes) wake_.notify_one();
}

bool LogWriter::flush(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  const uint64_t all = taken_in_;
  is_urgent_ = true;
  wake_.notify_one();
  return written_.wait_for(lock, time, [&] { return written_out_ >= all; });
}

uint64_t LogWriter::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

// The lines that wait. Under the lock.
std::string LogWriter::take_lines() {
  std::string text = std::move(lines_);
  lines_.clear();
  is_urgent_ = false;
  return text;
}

// A line about those that were dropped and not told of, or nothing.
std::string LogWriter::notice(uint64_t untold) const {
  if (untold == 0) return {};
  return (options_.dropped_line ? options_.dropped_line(untold)
                                : fmt::format("log_lines_dropped count={}", untold)) +
         '\n';
}

void LogWriter::run() {
  // A pipe that nobody reads any more is an error of write(), not the end of the process.
  sigset_t pipe_signal;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return !lines_.empty() || is_urgent_ || is_ending_; });
    wake_.wait_for(lock, options_.tick, [&] { return is_urgent_ || is_ending_; });
    const bool is_last = is_ending_;
    const std::string text = take_lines();
    const uint64_t dropped = dropped_;
    const std::string told = notice(dropped - dropped_told_);
    lock.unlock();
    const std::string_view left = write_out(text);
    const bool is_told = left.empty() && write_out(told).empty();
    lock.lock();
    dropped_ += static_cast<uint64_t>(std::count(left.begin(), left.end(), '\n'));
    if (is_told) dropped_told_ = dropped;
    written_out_ += text.size();
    written_.notify_all();
    if (is_last && lines_.empty()) return;
  }
}

// What could not be written: the descriptor is broken, or takes nothing at the end.
std::string_view LogWriter::write_out(std::string_view text) {
  while (!text.empty()) {
    if (!wait_until_writable()) return text;
    const ptrdiff_t count = write_some(text.substr(0, most_at_once_));
    if (count < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return text;
    }
    text.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

bool LogWriter::wait_until_writable() {
  while (true) {
    struct pollfd descriptor{fd_, POLLOUT, 0};
    if (::poll(&descriptor, 1, kPollMs) != 0) return true;  // an error shows when writing
    std::lock_guard lock(mutex_);
    if (is_ending_ && std::chrono::steady_clock::now() >= end_) return false;
  }
}

ptrdiff_t LogWriter::write_some(std::string_view text) {
  if (is_socket_) return ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return ::write(fd_, text.data(), text.size());
}

}  // namespace wherry::host
