// Puts functions into a server's catalog: of modules that manifests name, and of what OpenWhisk's
// /init sends. Those that start on dev code go over to release code by themselves.
//
// Safe from many threads.
#pragma once

#include <string>

#include "cli/functions.h"
#include "cli/modules.h"
#include "cli/upgrades.h"
#include "host/hosted_function.h"
#include "platform/service.h"

namespace wherry::cli {

class FunctionLoader final : public platform::ActionLoader {
 public:
  // All but `defaults` outlive the loader and what it has loaded. `defaults` is what functions
  // without a manifest are given.
  FunctionLoader(ModuleSource& modules, runtime::Watchdog& watchdog, OutboundAccess& outbound,
                 Upgrades& upgrades, platform::LogStreams& streams,
                 platform::ServiceOptions service, function::FunctionManifest defaults)
      : modules_(modules),
        watchdog_(watchdog),
        outbound_(outbound),
        upgrades_(upgrades),
        streams_(streams),
        service_(std::move(service)),
        defaults_(std::move(defaults)) {}

  // Puts the function into the catalog, or replaces what is there under its name.
  Status load(const function::FunctionManifest& manifest, host::Catalog& catalog);

  // An action container without an action, under the name `action`.
  void add_empty_container(host::Catalog& catalog);

  // For /init.
  Result<platform::Action> load(Bytes code, const std::string& name) override;

 private:
  Result<std::shared_ptr<host::CurrentCode>> code_of(LoadedModule loaded,
                                                     const function::FunctionManifest& manifest);

  ModuleSource& modules_;
  runtime::Watchdog& watchdog_;
  OutboundAccess& outbound_;
  Upgrades& upgrades_;
  platform::LogStreams& streams_;
  const platform::ServiceOptions service_;
  const function::FunctionManifest defaults_;
};

}  // namespace wherry::cli
