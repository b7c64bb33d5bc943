// wherry-host-net: wherry-host for functions that call other hosts.
#include "cli/host_program.h"

int main(int argc, char** argv) {
  return wherry::cli::host_program(argc, argv, wherry::cli::make_outbound_client);
}
