// A directory with what a benchmark found: results.json, and page.html, tables.md and results.csv
// that are made of it.
#pragma once

#include <string>

#include "bench/results.h"

namespace wherry::bench {

inline constexpr char kResultsFile[] = "results.json";
inline constexpr uint64_t kMaxResultsBytes = 256ull << 20;

Status write_report(const Results& results, const std::string& directory);

// results.json alone, of which the others can be made later.
Status write_results(const Results& results, const std::string& directory);

// A results file, or a directory with one.
Result<Results> read_results(const std::string& path);

}  // namespace wherry::bench
