// The files that tell a platform about a package.
#pragma once

#include <cstdint>
#include <string>

#include "function/manifest.h"

namespace wherry::pack {

std::string knative_service(const function::FunctionManifest& function);
std::string kubernetes_objects(const function::FunctionManifest& function);
std::string azure_host();
std::string azure_function();
// Where a directory lies on the machine that is written to; `index` is in the manifest.
std::string state_directory(const function::FunctionManifest& function, size_t index);
// `function` is as it is in the package.
std::string systemd_service(const function::FunctionManifest& function);
std::string systemd_socket(const function::FunctionManifest& function);

}  // namespace wherry::pack
