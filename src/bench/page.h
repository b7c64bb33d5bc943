// The page: one file of HTML without network, which draws itself from the results inside it.
#pragma once

#include <string>

#include "bench/results.h"

namespace wherry::bench {

std::string page_of(const Results& results);

}  // namespace wherry::bench
