// Two results files side by side.
#pragma once

#include <string>

#include "bench/results.h"

namespace wherry::bench {

struct Change {
  std::string workload, engine;
  bool is_enough = true;  // samples to tell noise from a difference
  Ratio ratio;            // of the second's median CPU time to the first's
};

struct Comparison {
  std::vector<Change> changes;     // of what ran well in both
  std::vector<std::string> notes;  // what makes them hard to compare, and what is in one only
};

Comparison compare(const Results& first, const Results& second);
std::string text_of(const Comparison& comparison);
nlohmann::ordered_json to_json(const Comparison& comparison);

}  // namespace wherry::bench
