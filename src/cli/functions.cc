#include "cli/functions.h"

#include <sys/stat.h>

#include "host/discover.h"

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

Result<function::FunctionManifest> find_function(const std::string& path, const std::string& name,
                                                 function::FunctionManifest defaults) {
  struct stat info{};
  bool is_manifest =
      path.ends_with(".toml") || (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode));
  if (!is_manifest) {
    defaults.module = path;
    defaults.options.name = function::function_name_of_path(path);
    return defaults;
  }
  host::Found found = host::discover({path}, defaults);
  if (!found.problems.empty()) return found.problems[0].error;
  std::string names;
  for (host::Source& source : found.sources) {
    const std::string& known = source.manifest.options.name;
    if (known == name || (name.empty() && found.sources.size() == 1))
      return std::move(source.manifest);
    names += (names.empty() ? "" : ", ") + known;
  }
  if (found.sources.empty()) {
    return make_error(ErrorKind::kNotFound, "{}: no function lies there", path);
  }
  return make_error(ErrorKind::kInvalid, "{}: {}", path,
                    name.empty() ? "several functions" : "no function " + name)
      .with_hint("--function with one of " + names);
}

Result<host::Code> make_function(ModulePointer module, runtime::Watchdog& watchdog,
                                 OutboundAccess& outbound, function::FunctionManifest manifest) {
  TRY(function::read_secrets(manifest));
  if (!manifest.options.outbound.empty()) manifest.options.outbound_client = TRY(outbound.get());
  return function::Function::create(std::move(module), watchdog, std::move(manifest.options));
}

}  // namespace wherry::cli
