// The programs for compiled files: run, invoke and serve. There are two, which differ in whether
// functions may call other hosts.
#pragma once

#include "cli/outbound_access.h"

namespace wherry::cli {

// Returns the exit code.
int host_program(int argc, char** argv, OutboundAccess::Make make_outbound);

}  // namespace wherry::cli
