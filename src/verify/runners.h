// The platforms, one function each; see runner.h. `directory` is where the package was unpacked.
#pragma once

#include "verify/runner.h"

namespace wherry::verify {

Result<Started> start_lambda(const std::string& directory, const RunnerOptions& options);
Result<Started> start_azure(const std::string& directory, const RunnerOptions& options);
Result<Started> start_systemd(const std::string& directory, const RunnerOptions& options);
Result<Started> start_node_server(const std::string& directory, const RunnerOptions& options);
Result<Started> start_workerd(const std::string& directory, const RunnerOptions& options);
Result<Started> start_node_function(pack::Target target, const std::string& directory,
                                    const RunnerOptions& options);
Result<Started> start_native_action(const std::string& directory, const RunnerOptions& options);
// `archive` is the image's; it is an action container, or a server.
Result<Started> start_container(const std::string& archive, bool is_action,
                                const RunnerOptions& options);

}  // namespace wherry::verify
