// What the figures say to someone who has to choose: an engine for short, for long and for
// memory-bound work, and what a cold start costs. A difference that could be noise is said to be
// that.
#pragma once

#include <string>
#include <vector>

#include "bench/results.h"

namespace wherry::bench {

// A sentence or two each. None where nothing can be said.
std::vector<std::string> recommend(const Results& results);

}  // namespace wherry::bench
