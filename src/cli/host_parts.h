// A function host and all that it consists of, in the order in which it comes and goes.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "cli/function_loader.h"
#include "cli/settings.h"
#include "cli/upgrades.h"
#include "host/event_log.h"
#include "host/host.h"
#include "host/log_ring.h"
#include "host/log_writer.h"

namespace wherry::cli {

struct HostPartsOptions {
  std::optional<LogFormat> log_format;  // nothing: what functions print, as it is
  LogLevel log_level = LogLevel::kInfo;
  bool writes_log = true;
  bool one_at_root = false;  // host/router.h
  platform::ServiceOptions service;
  function::FunctionManifest defaults;  // of functions without a manifest
};

class HostParts {
 public:
  // `modules` and `outbound` outlive it.
  Status create(ModuleSource& modules, OutboundAccess& outbound, HostPartsOptions options);

  host::Host& host() { return *host_; }
  FunctionLoader& loader() { return *loader_; }
  Log log() { return log_->as_log(); }

 private:
  platform::DescriptorLogStreams streams_{1, 2};
  SystemClock clock_;
  SystemRandom random_;
  host::LogRing ring_;
  std::optional<host::LogWriter> writer_;
  std::optional<host::EventLog> log_;
  std::unique_ptr<runtime::Watchdog> watchdog_;
  std::unique_ptr<Upgrades> upgrades_;
  std::optional<FunctionLoader> loader_;
  std::optional<host::Host> host_;
};

}  // namespace wherry::cli
