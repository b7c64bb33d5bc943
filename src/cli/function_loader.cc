#include "cli/function_loader.h"

namespace wherry::cli {

Result<std::shared_ptr<host::CurrentCode>> FunctionLoader::code_of(
    LoadedModule loaded, const function::FunctionManifest& manifest) {
  // May be called when this loader is gone already, but not its parts.
  auto make = [&watchdog = watchdog_, &outbound = outbound_, manifest](ModulePointer module) {
    return make_function(std::move(module), watchdog, outbound, manifest);
  };
  auto current = std::make_shared<host::CurrentCode>(TRY(make(std::move(loaded.module))));
  if (loaded.release)
    upgrades_.add(std::move(loaded.release), manifest.options.name, current, make);
  return current;
}

Status FunctionLoader::load(const function::FunctionManifest& manifest, host::Catalog& catalog) {
  const std::string& name = manifest.options.name;
  LoadedModule loaded = TRY(modules_.open(manifest.module, Use::kServer));
  auto code = TRY(code_of(std::move(loaded), manifest).context("{}", manifest.module));
  host::HostedSettings settings{manifest.concurrency, manifest.queue, manifest.log_level};
  if (auto known = catalog.find(name)) {
    known->replace(std::move(code), settings);
  } else {
    catalog.put(std::make_shared<host::HostedFunction>(name, std::move(code), settings, *this,
                                                       streams_, service_));
  }
  return ok_status();
}

void FunctionLoader::add_empty_container(host::Catalog& catalog) {
  catalog.put(std::make_shared<host::HostedFunction>("action", nullptr, host::HostedSettings{},
                                                     *this, streams_, service_));
}

Result<platform::Action> FunctionLoader::load(Bytes code, const std::string& name) {
  function::FunctionManifest manifest = defaults_;
  manifest.options.name = name;
  LoadedModule loaded = TRY(modules_.load(code, name, Use::kServer));
  return platform::Action(host::LoadedCode{TRY(code_of(std::move(loaded), manifest))});
}

}  // namespace wherry::cli
