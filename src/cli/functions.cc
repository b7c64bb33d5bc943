#include "cli/functions.h"

namespace wherry::cli {

function::FunctionManifest manifest_of_flags(const FunctionFlags& flags) {
  function::FunctionManifest manifest;
  manifest.options.abi = flags.abi;
  manifest.options.environment = flags.environment;
  manifest.options.directories = flags.directories;
  manifest.options.limits.time = flags.timeout;
  manifest.options.limits.memory_bytes = flags.memory_mib << 20;
  return manifest;
}

Result<host::Code> make_function(ModulePointer module, runtime::Watchdog& watchdog,
                                 OutboundAccess& outbound, function::FunctionManifest manifest) {
  TRY(function::read_secrets(manifest));
  if (!manifest.options.outbound.empty()) manifest.options.outbound_client = TRY(outbound.get());
  return function::Function::create(std::move(module), watchdog, std::move(manifest.options));
}

}  // namespace wherry::cli
