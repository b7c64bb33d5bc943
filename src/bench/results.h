// What a benchmark found: every sample with what is needed to take it again. A file of JSON holds
// it (docs/bench-results.schema.json); tables and the page are made of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "bench/engines.h"
#include "bench/process.h"
#include "bench/stats.h"
#include "bench/workload.h"

namespace wherry::bench {

// An engine on a workload.
struct Run {
  enum class State {
    kOk,
    kMissing,      // the engine is not installed
    kUnsupported,  // it does not take this kind of module
    kRefused,      // it could not make something to run of the program
    kCrashed,      // killed by a signal
    kFailed,       // an exit code that is not 0
    kWrongOutput,
    kTimedOut,
    kNotRun,  // interrupted before its turn
  };
  std::string engine;
  State state = State::kNotRun;
  std::string why;  // of all but kOk

  std::vector<Command> prepare;
  double prepare_wall_s = 0, prepare_cpu_s = 0;
  uint64_t prepare_peak_bytes = 0;
  Command command;
  std::vector<Sample> samples;  // one a round

  bool is_good() const { return state == State::kOk && !samples.empty(); }
  std::vector<double> cpu_s() const;
  std::vector<double> wall_s() const;
  // What the program itself said; nothing unless it did every time.
  std::optional<std::vector<double>> own_s() const;
  uint64_t peak_bytes() const;  // the median's
};
const char* name_of(Run::State state);

struct WorkloadResult {
  Workload workload;
  // Of the module that all engines run.
  std::string compiler;  // empty: it was given
  Command compile;
  double compile_wall_s = 0;
  uint64_t module_bytes = 0;
  std::string module_sha256;
  std::string problem;  // why there is no module

  uint64_t output_bytes = 0;
  std::string output_sha256;
  std::string agreed;    // whose output it is: an engine, or "most engines"
  std::string baseline;  // the engine that ratios are to; empty: none ran well
  std::vector<Run> runs;

  const Run* run_of(std::string_view engine) const;
  // Of CPU time, to the baseline's; nothing unless both ran well. The interval takes time: without
  // it, relative_time_of() is the value alone.
  std::optional<Ratio> ratio_of(const Run& run) const;
  std::optional<double> relative_time_of(const Run& run) const;

 private:
  const Run* base_of(const Run& run) const;  // null unless both ran well
};

// A package of one function, started and asked where it runs: the report's figure 12.
struct PlatformResult {
  std::string target;
  std::string where;    // on what, or why not
  std::string problem;  // it ran, and not well
  uint64_t package_bytes = 0;
  bool is_warm = false;  // whether it stays between invocations
  // Seconds: from the start of the process or container to its first answer; an invocation of one
  // that runs; the long invocation, warm.
  std::vector<double> cold_s, warm_s, long_s;
  std::optional<double> per_second;  // invocations, from kClients clients at once

  bool is_run() const { return !cold_s.empty(); }
};

struct Platforms {
  std::string function, short_input, long_input;
  unsigned clients = 0;
  std::vector<PlatformResult> rows;
};

struct Machine {
  std::string cpu, kernel, governor;
  unsigned cores = 0;
  uint64_t memory_bytes = 0;
  bool is_virtual = false;
  double load_before = 0;  // of the last minute
  double stolen = 0;       // share of the machine's time that others took, of a virtual one; 0 to 1
};

struct Results {
  std::string suite, title;
  Mode mode = Mode::kStandard;
  std::string began, ended;  // UTC
  bool is_interrupted = false;
  std::string wherry;  // version
  std::vector<std::string> command;
  Machine machine;
  std::optional<unsigned> core;  // what runs are pinned to
  double timeout_s = 0, budget_s = 0;
  std::optional<unsigned> rounds;  // if it was said
  bool vectors = false;
  uint64_t own_peak_bytes = 0;  // peaks are not told below it
  std::vector<FoundEngine> engines, compilers;
  std::vector<WorkloadResult> workloads;
  std::optional<Platforms> platforms;
  std::vector<std::string> warnings;

  const FoundEngine* engine_of(std::string_view name) const;
};

// The middle of ratios to the baseline over all workloads with one, but those that do nothing.
struct Mean {
  double ratio = 0;
  size_t workloads = 0;
};
std::optional<Mean> geometric_mean_of(const Results& results, std::string_view engine);
// How many workloads could have a part in it.
size_t workloads_in_mean(const Results& results, std::string_view engine);

nlohmann::ordered_json to_json(const Results& results);
// Derived figures in the text are not read, they are computed anew. kInvalid with the place.
Result<Results> results_of_json(std::string_view text);

}  // namespace wherry::bench
