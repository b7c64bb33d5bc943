#include "cli/functions.h"

namespace wherry::cli {

Result<FunctionPointer> make_function(ModulePointer module, runtime::Watchdog& watchdog,
                                      const FunctionFlags& flags, const std::string& name) {
  function::FunctionOptions options;
  options.name = name;
  options.environment = flags.environment;
  options.limits.time = flags.timeout;
  options.limits.memory_bytes = flags.memory_mib << 20;
  return function::Function::create(std::move(module), watchdog, std::move(options));
}

std::string function_name(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  size_t dot = name.rfind('.');
  return dot == 0 || dot == name.npos ? name : name.substr(0, dot);
}

}  // namespace wherry::cli
