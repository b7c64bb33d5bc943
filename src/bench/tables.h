// Results as text: for a terminal, as Markdown, as CSV.
#pragma once

#include <string>

#include "bench/results.h"

namespace wherry::bench {

// A row of the terminal's table, as soon as a workload is finished: the baseline's CPU time, the
// others relative to it; of a program that does nothing, every engine's wall time.
std::string table_header(const Results& results);
std::string table_row(const Results& results, const WorkloadResult& result);
// What follows the rows: means, what went wrong and why, engines that are not installed, warnings.
std::string table_footer(const Results& results);

std::string platforms_text(const Platforms& platforms);

// Everything, with intervals.
std::string markdown_of(const Results& results);
// One line a sample: RFC 4180.
std::string csv_of(const Results& results);

// `412 KiB`, `1.7 MiB`.
std::string bytes_text(uint64_t bytes);

}  // namespace wherry::bench
