// The page: one file of HTML without network, which draws itself from the results inside it.
#pragma once

#include <string>

#include "bench/results.h"

namespace wherry::bench {

// `data` is to_json(results).
std::string page_of(const Results& results, nlohmann::ordered_json data);

}  // namespace wherry::bench
