// What the process environment says. Read once, by main(); rooms get values.
#pragma once

#include <string>

namespace wherry::cli {

struct Settings {
  std::string cache_directory;    // of compiled modules; empty if there is no home to put it in
  std::string compiler;           // path of wherry-compile
  std::string api_host;           // __OW_API_HOST
  bool allow_concurrent = false;  // __OW_ALLOW_CONCURRENT
};

Settings read_settings();

}  // namespace wherry::cli
