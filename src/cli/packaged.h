// A host that lies in a package (pack/package.h): the function is beside it, and where it runs is
// found out from the environment and its own name.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "cli/modules.h"
#include "cli/outbound_access.h"

namespace wherry::cli {

struct Packaged {
  std::string directory;
  std::string target;  // what it was packed for
};

// The package that this program lies in, whole and unchanged; nothing if it is in none.
Result<std::optional<Packaged>> find_package();

// What says where this program runs. `variable` is getenv(3).
struct Surroundings {
  std::string (*variable)(const char* name);
  std::string program;  // argv[0]
  std::span<const char* const> arguments;
  bool has_result_pipe = false;  // descriptor 3 is a pipe or a socket
  int process_id = 0;
};

// The first of these that there is a sign of.
enum class Place {
  kLambda,         // AWS_LAMBDA_RUNTIME_API
  kAzure,          // FUNCTIONS_CUSTOMHANDLER_PORT
  kSocket,         // LISTEN_FDS and LISTEN_PID: socket activation
  kCommandLine,    // the first argument is a verb
  kActionLoop,     // __OW_WAIT_FOR_ACK, or the name `exec` and a pipe for results
  kOneActivation,  // the name `exec`
  kPort,           // PORT, as in Knative
  kImage,          // packed for a platform that expects a server on port 8080
  kNowhere,
};
Place place_of(const Packaged& package, const Surroundings& surroundings);

// Runs there; returns the exit code.
int packaged_program(const Packaged& package, int argc, char** argv, ModuleSource& modules,
                     OutboundAccess& outbound);

}  // namespace wherry::cli
