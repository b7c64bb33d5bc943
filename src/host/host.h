// The serverless function host: requests for functions in, answers out, and a record of each in the
// log.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "host/activation_ids.h"
#include "host/call.h"
#include "host/event_log.h"
#include "host/hosted_function.h"
#include "host/router.h"
#include "http/server.h"
#include "platform/http_event.h"
#include "platform/service.h"

namespace wherry::host {

struct HostOptions {
  bool one_at_root = false;  // a function that is alone is served at `/` (host/router.h)
  // What functions print goes to the host's own streams as it is, and invocations are kept for
  // those who ask (`wherry logs`); otherwise both are lines of the log.
  bool plain_output = false;
  LogLevel log_level = LogLevel::kInfo;  // of functions that say none themselves
};

// Safe from many threads.
class Host final : private CallObserver {
 public:
  // All of them outlive the host.
  Host(const Clock& clock, Random& random, EventLog& log, platform::LogStreams& streams,
       HostOptions options)
      : clock_(clock), log_(log), streams_(streams), options_(options), ids_(random) {}

  Catalog& catalog() { return catalog_; }
  const Catalog& catalog() const { return catalog_; }
  EventLog& log() { return log_; }

  // For http::Handlers.
  void handle(const http::ExchangePtr& exchange);
  http::BodyPolicy body_policy(const http::Request& request) const;

  // For platforms that wait: what handle() does, done when this returns. The exchange never says
  // kWait. How a function failed is not answered but returned, as its answer may have begun.
  std::optional<platform::CallFailure> answer(const http::ExchangePtr& exchange,
                                              std::chrono::steady_clock::time_point deadline);
  // One call of the function with JSON parameters, waited for.
  function::Outcome invoke(HostedFunction& function, const function::Event& event);

  // All functions' figures, now.
  MetricsFigures figures() const;

  // Listens and serves at once. The host outlives the server, whose stop() drains it.
  Result<std::unique_ptr<http::Server>> serve(http::ServerOptions options);

 private:
  void call(Target target, const http::ExchangePtr& exchange);
  std::optional<http::Response> refusal_of(Target& target, const http::Request& request,
                                           function::Event& event);
  void count_and_log(HostedFunction& function, const std::string& activation,
                     const http::Request& request, const function::Outcome& outcome,
                     unsigned status);
  void ended(const Ended& call) override;
  bool is_logged(const HostedFunction& function, LogLevel level) const;
  void record(const Ended& call, LogEvent event);
  void record_output(const Ended& call);

  const Clock& clock_;
  EventLog& log_;
  platform::LogStreams& streams_;
  const HostOptions options_;
  Catalog catalog_;
  ActivationIds ids_;
};

}  // namespace wherry::host
