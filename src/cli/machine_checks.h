// What a machine must have, or better has, for Wherry: each check says what it found and what to
// do.
#pragma once

#include <string>
#include <vector>

#include "cli/settings.h"

namespace wherry::cli {

enum class Verdict : uint8_t { kGood, kWarning, kBad };

struct Check {
  std::string name;
  Verdict verdict = Verdict::kGood;
  std::string found;
  std::string hint;  // what to do; empty if all is well
};

std::vector<Check> check_machine(const Settings& settings);

}  // namespace wherry::cli
