// OpenWhisk's two contracts for executables in a zip: a process for each activation
// (dockerskeleton, OpenWhisk: docs/actions-docker.md), and a process that is given one activation a
// line (ActionLoop, openwhisk-runtime-go: docs/ACTION.md). Both end at platform/openwhisk.h; the
// proxies around them write the log's sentinels.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/service.h"

namespace wherry::platform {

// The variables that the proxy has set for the action, which are those of /init's `env`: what its
// own environment (`proxys`, as /proc/PID/environ has it) does not have alike. Those named __OW_…
// tell of the activation and are not among them.
Service::Environment variables_of_action(const char* const* environment, std::string_view proxys);

// Reads activations from `in` and writes a result for each to `out`, until `in` ends.
// `acknowledges`: says that it is ready first.
Status run_action_loop(Service& service, int in, int out, bool acknowledges);

// The result line of one activation with these parameters (JSON text); what else is known of it is
// in the environment's variables __OW_….
std::string run_one_activation(Service& service, const std::string& parameters,
                               const char* const* environment);

}  // namespace wherry::platform
