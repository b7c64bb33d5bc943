// What a server answers its operators, on an address of its own: never that of the functions.
//
//   GET  /v1/server                    {"version", "pid", "address", "uptime_seconds"}
//   GET  /v1/functions                 [{"name", "abi", "running", …}]
//   GET  /v1/metrics                   figures as JSON (host/metrics_text.h)
//   GET  /v1/logs?function=&format=&follow=1&lines=   the latest lines of the log, and those to
//   come POST /v1/reload                    looks for changed files at once
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "host/host.h"

namespace wherry::host {

struct AdminOptions {
  std::string version;
  std::string address;           // where the functions are served
  std::function<void()> reload;  // may be empty
};

// Safe from many threads.
class Admin {
 public:
  // The host outlives it.
  Admin(Host& host, AdminOptions options) : host_(host), options_(std::move(options)) {}

  // Listens and serves at once, until the server is stopped. This outlives it.
  Result<std::unique_ptr<http::Server>> serve(std::string address);
  // Ends the streams of those who follow the log; before the server is stopped.
  void end_streams() { is_ending_ = true; }

  void handle(const http::ExchangePtr& exchange);

 private:
  std::string server_json() const;
  std::string functions_json() const;
  void send_logs(const http::ExchangePtr& exchange);

  Host& host_;
  const AdminOptions options_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::atomic<bool> is_ending_{false};
};

}  // namespace wherry::host
