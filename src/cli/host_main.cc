// wherry-host: run, invoke and serve for compiled files; fully static, for images and zips.
#include "cli/host_program.h"

int main(int argc, char** argv) { return wherry::cli::host_program(argc, argv, nullptr); }
