// Runs workloads in engines: each engine makes something to run of the program, runs it once to
// warm up and to show its output, and then all of them take turns, round by round. Outputs are
// compared before a time counts. What goes wrong in one engine is told of it and leaves the others
// alone.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/results.h"

namespace wherry::bench {

struct SessionOptions {
  // A directory for everything that is made, which nobody needs to know: commands that are told
  // have $SCRATCH in its place.
  std::string scratch;
  std::string assets;                         // the directory of the built-in table's `{assets}`
  std::vector<std::string> directories;       // where programs are looked for
  std::chrono::milliseconds timeout{60'000};  // of one run
  std::chrono::milliseconds prepare_timeout{300'000};  // of one command that prepares
  std::chrono::milliseconds budget{
      60'000};  // about what the rounds of one workload take, all engines together
  std::optional<unsigned> rounds;  // instead of what the budget allows
  std::optional<unsigned> core;    // the one that runs are pinned to
  bool vectors = false;            // modules with SIMD instructions
};

// Told of as it goes on.
class SessionWatcher {
 public:
  virtual ~SessionWatcher() = default;
  // `seconds_left` is a guess, if there can be one.
  virtual void doing(const std::string& what, std::optional<double> seconds_left) = 0;
  virtual void finished(const WorkloadResult& result) = 0;
};

class Session {
 public:
  // `engines` that are not installed are told as such.
  Session(SessionOptions options, const std::vector<FoundEngine>& engines,
          const std::vector<FoundEngine>& compilers, SessionWatcher& watcher,
          Interrupts& interrupts);

  // All of them; those that an interrupt left out are not there. Errors: the machine's (no room for
  // files).
  Result<std::vector<WorkloadResult>> run(const std::vector<Workload>& workloads);

 private:
  struct Turn;  // an engine's part in a workload
  struct Output {
    uint64_t bytes = 0;
    std::string sha256, beginning;
  };

  Result<WorkloadResult> run_one(const Workload& workload);
  Status make_module(const Workload& workload, WorkloadResult& result);
  Status prepare(Turn& turn, const Workload& workload);
  Status warm_up(Turn& turn, const Workload& workload);
  void agree(std::vector<Turn>& turns, WorkloadResult& result);
  Status take_rounds(std::vector<Turn>& turns, const Workload& workload);
  Result<std::optional<Sample>> run_once(Turn& turn, const Workload& workload);
  std::string directory_of(const Workload& workload) const;
  Command as_told(Command command) const;
  void tell(const Workload& workload, const std::string& what, std::optional<double> seconds_left);

  const SessionOptions options_;
  const std::vector<FoundEngine>& engines_;
  const std::vector<FoundEngine>& compilers_;
  SessionWatcher& watcher_;
  Interrupts& interrupts_;
  bool is_interrupted_ = false;
  size_t count_ = 0, done_ = 0;  // workloads
  std::chrono::steady_clock::time_point began_;
};

// Rounds that a budget allows when one round of all engines takes `round_s`: from kMinRounds to
// kMaxRounds.
inline constexpr unsigned kMinRounds = kFewestSamples, kMaxRounds = 30;
unsigned rounds_for(double budget_s, double round_s);

// The number between `before` and `behind`, as the last line that has it says.
std::optional<double> own_time_of(std::string_view errors, std::string_view before,
                                  std::string_view behind);

// What should make a reader careful: samples that are far apart, a machine that was busy or shared.
std::vector<std::string> warnings_of(const Results& results);

}  // namespace wherry::bench
