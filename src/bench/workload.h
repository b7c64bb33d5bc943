// What is run: programs with their arguments and input, and suites of them. A suite is a file,
// suite.json, beside the sources that it names (docs/bench.md); report-2019 and kernels are part of
// this program.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wherry::bench {

// How much is run: each mode has workloads of its own.
enum class Mode { kQuick, kStandard, kFull };
const char* name_of(Mode mode);

struct Workload {
  std::string name;
  std::string title;  // for people; as `name` without one
  // A source in C, C++ or Rust; or a module; or both: then native engines take the source. Paths.
  std::string source, module;
  std::vector<std::string> arguments;
  std::string input;  // a file for standard input
  // What tells, on standard error, how many seconds the work itself took: the texts before and
  // behind the number.
  std::optional<std::pair<std::string, std::string>> own_time;
  std::string figure;          // of the report: "3"
  std::optional<double> size;  // where it lies on its figure's axis
  bool is_memory_bound = false;
  bool is_empty = false;  // does nothing: its time is an engine's start

  // "c", "c++" or "rust"; empty without a source.
  std::string language() const;
};

// A function that is packed for every platform: a command that reads an event and prints an answer.
// Events and answers are JSON.
struct SuiteFunction {
  std::string title, source;
  std::string short_event, short_answer, long_event, long_answer;
};

struct Suite {
  std::string name, title;
  std::vector<Workload> workloads;
  std::optional<SuiteFunction> function;
};

// The workloads of `mode` of a suite's text; paths are relative to `directory`. Errors are kInvalid
// and name the workload and the key.
Result<Suite> parse_suite(std::string_view text, const std::string& directory, Mode mode);

}  // namespace wherry::bench
