// What the connections, loops and threads are to each other: connections are accepted on the first
// loop and dealt out to all in turn, which is fairer to few of them than the kernel's choice by
// hash.
#include "http/server.h"
#include "base/cpu.h"

#include <fcntl.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <thread>
#include <vector>

#include "http/connection.h"
#include "http/drivers.h"
#include "http/listener.h"

namespace wherry::http {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAcceptRetry{100};
constexpr milliseconds kSlowestTick{100};
constexpr milliseconds kFastestTick{5};
constexpr unsigned kAcceptedAtOnce = 64;

unsigned usable_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  }
  return usable_cores();
}

// Often enough that no time limit is missed by much.
milliseconds tick_interval(const ServerOptions& options) {
  milliseconds shortest = std::min(
      {options.header_timeout, options.body_timeout, options.write_timeout, options.idle_timeout});
  return std::clamp(shortest / 4, kFastestTick, kSlowestTick);
}

}  // namespace

class Server::Implementation {
 public:
  Implementation(ServerOptions options, Handlers handlers, Log log)
      : options_(std::move(options)),
        handlers_(std::move(handlers)),
        log_(std::move(log)),
        budget_(std::make_shared<ThreadBudget>(std::max(options_.max_threads, 2u))),
        slow_pool_(std::make_shared<SlowPool>(budget_)),
        drivers_(budget_, log_) {}
  ~Implementation() { stop(); }

  Status start();
  void stop();
  const std::string& address() const { return address_; }

 private:
  // A loop's connections; all of it is the loop's thread's.
  class Station final : public ConnectionHost {
   public:
    Station(Implementation& server)
        : server_(server),
          loop_(std::make_shared<Loop>(server.drivers_, server.slow_pool_, server.log_)) {}

    const ServerOptions& options() const override { return server_.options_; }
    const Handlers& handlers() const override { return server_.handlers_; }
    const std::shared_ptr<Loop>& loop() const override { return loop_; }
    bool is_draining() const override { return server_.is_draining_.load(); }
    void remove(size_t index) override;
    void add(FileDescriptor socket, std::string client_ip);
    void begin_drain();
    void close_all();

   private:
    bool tick();
    void finish_if_drained();

    Implementation& server_;
    const std::shared_ptr<Loop> loop_;
    std::vector<std::shared_ptr<Connection>> connections_;
    bool has_begun_drain_ = false, is_ticking_ = false;
  };

  void wait_for_clients();
  void accept_some(unsigned limit);
  void connection_ended();
  void begin_drain();
  EventLoop& first_loop() { return stations_[0]->loop()->events(); }

  const ServerOptions options_;
  const Handlers handlers_;
  const Log log_;
  std::string address_;
  std::atomic<unsigned> connections_{0};
  std::atomic<bool> is_full_{false}, is_draining_{false};
  const std::shared_ptr<ThreadBudget> budget_;
  const std::shared_ptr<SlowPool> slow_pool_;
  Drivers drivers_;
  std::vector<std::unique_ptr<Station>> stations_;
  bool is_started_ = false;

  // Of the first loop's thread.
  std::optional<Listener> listener_;
  std::unique_ptr<Socket> acceptor_;
  size_t next_station_ = 0;
  bool is_waiting_ = false, has_logged_accept_ = false;
};

void Server::Implementation::Station::add(FileDescriptor socket, std::string client_ip) {
  auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(client_ip));
  connection->index = connections_.size();
  connections_.push_back(connection);
  if (!is_ticking_) {
    is_ticking_ = true;
    loop_->events().start_ticking(tick_interval(options()), [this] { return tick(); });
  }
  connection->start();
}

bool Server::Implementation::Station::tick() {
  uint64_t now_ms = coarse_now_ms();
  // From the end: a connection that closes puts the last in its place.
  for (size_t i = connections_.size(); i-- > 0;) {
    if (i >= connections_.size()) continue;
    auto connection = connections_[i];
    connection->tick(now_ms);
  }
  is_ticking_ = !connections_.empty();
  return is_ticking_;
}

void Server::Implementation::Station::remove(size_t index) {
  std::swap(connections_[index], connections_.back());
  connections_[index]->index = index;
  connections_.pop_back();
  server_.connection_ended();
  finish_if_drained();
}

void Server::Implementation::Station::begin_drain() {
  has_begun_drain_ = true;
  for (size_t i = connections_.size(); i-- > 0;) {
    auto connection = connections_[i];
    connection->begin_drain(static_cast<uint64_t>(options().drain_grace.count()));
  }
  loop_->events().after(options().drain_timeout, [this] { close_all(); });
  finish_if_drained();
}

void Server::Implementation::Station::close_all() {
  if (connections_.empty()) return;
  server_.log_.event("drain timed out", {{"connections", std::to_string(connections_.size())}});
  while (!connections_.empty()) {
    auto connection = connections_.back();
    connection->close();
  }
}

void Server::Implementation::Station::finish_if_drained() {
  if (has_begun_drain_ && connections_.empty()) loop_->finish();
}

Status Server::Implementation::start() {
  listener_.emplace(TRY(Listener::create(options_.listen)));
  address_ = to_text(listener_->address());
  unsigned loops = options_.loops != 0 ? options_.loops : usable_cores();
  // One thread must be left to take over from a slow handler.
  loops = std::min(loops, std::max(options_.max_threads, 2u) - 1);
  std::vector<std::shared_ptr<Loop>> to_drive;
  for (unsigned i = 0; i < loops; i++) {
    stations_.push_back(std::make_unique<Station>(*this));
    to_drive.push_back(stations_[i]->loop());
    TRY(to_drive.back()->events().status());
  }
  // A duplicate for the loop to wait on; the listener keeps its own.
  FileDescriptor waiting(::fcntl(listener_->number(), F_DUPFD_CLOEXEC, 0));
  if (!waiting.is_open()) return errno_error(errno, "cannot listen");
  acceptor_ = std::make_unique<Socket>(first_loop(), std::move(waiting));
  first_loop().post([this] { wait_for_clients(); });
  is_started_ = true;
  return drivers_.start(std::move(to_drive));
}

void Server::Implementation::wait_for_clients() {
  if (!listener_ || is_waiting_) return;
  is_waiting_ = true;
  acceptor_->wait_readable([this] {
    is_waiting_ = false;
    accept_some(kAcceptedAtOnce);
  });
}

// Accepts what there is, and waits for more unless there are too many connections: then
// connection_ended() does.
void Server::Implementation::accept_some(unsigned limit) {
  for (unsigned i = 0; listener_ && i < limit; i++) {
    if (connections_.load() >= options_.max_connections) {
      is_full_.store(true);
      if (connections_.load() >= options_.max_connections) return;
    }
    Listener::Accepted accepted = listener_->accept();
    if (accepted.error != 0) {
      if (!has_logged_accept_) {
        log_.event("accept failed", {{"why", errno_error(accepted.error, "accept").message}});
      }
      has_logged_accept_ = true;
      first_loop().after(kAcceptRetry, [this] { wait_for_clients(); });
      return;
    }
    if (!accepted.socket.is_open()) break;
    has_logged_accept_ = false;
    connections_++;
    Station* station = stations_[next_station_++ % stations_.size()].get();
    if (station == stations_[0].get()) {
      station->add(std::move(accepted.socket), std::move(accepted.client_ip));
      continue;
    }
    auto socket = std::make_shared<FileDescriptor>(std::move(accepted.socket));
    station->loop()->events().post([station, socket, ip = std::move(accepted.client_ip)] {
      station->add(std::move(*socket), ip);
    });
  }
  wait_for_clients();
}

// From any loop's thread.
void Server::Implementation::connection_ended() {
  connections_--;
  if (!is_full_.load() || !is_full_.exchange(false)) return;
  first_loop().post([this] { accept_some(kAcceptedAtOnce); });
}

// On the first loop. What the system has already taken for us is accepted; the rest is refused.
void Server::Implementation::begin_drain() {
  is_draining_.store(true);
  for (;;) {
    Listener::Accepted accepted = listener_->accept();
    if (!accepted.socket.is_open()) break;
    connections_++;
    stations_[0]->add(std::move(accepted.socket), std::move(accepted.client_ip));
  }
  acceptor_->close();
  listener_->close();
  listener_.reset();
  for (auto& station : stations_) {
    station->loop()->events().post([to = station.get()] { to->begin_drain(); });
  }
}

void Server::Implementation::stop() {
  if (!is_started_) return;
  is_started_ = false;
  first_loop().post([this] { begin_drain(); });
  drivers_.await_finished();
  drivers_.stop();
  // Slow work may still be running for connections that the drain timeout has closed.
  slow_pool_->stop();
  for (auto& station : stations_) station->loop()->events().close();
}

Server::Server(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, Handlers handlers, Log log) {
  auto implementation =
      std::make_unique<Implementation>(std::move(options), std::move(handlers), std::move(log));
  TRY(implementation->start());
  return std::unique_ptr<Server>(new Server(std::move(implementation)));
}

const std::string& Server::address() const { return implementation_->address(); }

void Server::stop() { implementation_->stop(); }

}  // namespace wherry::http
