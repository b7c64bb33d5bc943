// What is part of the program: the table of engines, what they need to run, the page, and the
// suites.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wherry::bench {

// The text of `assets/NAME`, which is there.
std::string_view asset(std::string_view name);

// Writes all files whose names begin with `prefix` below `directory`, without that prefix.
Status write_files(std::string_view prefix, const std::string& directory);

// Suites that are part of the program, by name, and where their suite.json is among the files.
struct BuiltInSuite {
  const char* name;
  const char* directory;  // "suites/…"
};
const std::vector<BuiltInSuite>& built_in_suites();

}  // namespace wherry::bench
