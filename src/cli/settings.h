// What the process environment says. Read once, by main(); rooms get values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wherry::cli {

struct Settings {
  std::string cache_directory;        // of compiled modules; empty if there is no home for it
  uint64_t cache_bytes = 1ull << 30;  // of all entries together; 0: keep nothing
  std::string compiler;               // path of wherry-compile
  bool background = true;             // release code may be made while dev code runs
  std::string api_host;               // __OW_API_HOST
  bool allow_concurrent = false;      // __OW_ALLOW_CONCURRENT
};

// The path of a program that lies where this one does.
std::string beside_this_program(std::string_view name);

// Where `bench` looks for programs, in this order: beside this one, among those that
// scripts/install_engines.sh made, and in the PATH's directories.
std::vector<std::string> engine_directories();

// Errors name the variable and its value.
Result<Settings> read_settings();

}  // namespace wherry::cli
