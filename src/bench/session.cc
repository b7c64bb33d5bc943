#include "bench/session.h"

#include <signal.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/bytes.h"
#include "base/programs.h"
#include "base/sha256.h"

namespace wherry::bench {

namespace {

using std::chrono::steady_clock;

constexpr uint64_t kMaxModuleBytes = 1ull << 30;
constexpr uint64_t kMaxOutputBytes = 1ull << 30;
constexpr uint64_t kMaxInputBytes = 1ull << 30;
constexpr char kScratch[] = "$SCRATCH";
constexpr size_t kShownBytes = 100;
constexpr size_t kReasonBytes = 500;
constexpr double kLongRun_s = 10;  // whose first run needs no warm-up and counts
constexpr double kNoisySpread = 0.05;
constexpr double kShort_s = 0.02;  // below it, spread is that of starting a process
constexpr double kBusyLoad = 0.5;
constexpr double kStolen = 0.01;

std::string digest_of(Bytes bytes) { return to_hex(sha256(bytes)); }

// The last bytes of a file, on one line.
std::string end_of_file(const std::string& path) {
  auto bytes = read_file(path, kMaxOutputBytes);
  if (!bytes.ok()) return "";
  std::string text(as_text(*bytes));
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  if (text.size() > kReasonBytes) text = "…" + text.substr(text.size() - kReasonBytes);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string seconds_of(std::chrono::milliseconds time) {
  return fmt::format("{:g} s", std::chrono::duration<double>(time).count());
}

// Why a process did not end well; empty if it did.
struct Failure {
  Run::State state = Run::State::kOk;
  std::string why;
};
Failure failure_of(const ProcessResult& result, const ProcessPlan& plan) {
  using State = Run::State;
  if (result.is_interrupted) return {State::kNotRun, "interrupted"};
  if (result.is_timed_out) return {State::kTimedOut, "gave up after " + seconds_of(plan.timeout)};
  if (result.signal == 0 && result.exit_code == 0) return {};
  if (result.signal == SIGXFSZ) {
    return {State::kCrashed, fmt::format("wrote more than {} MiB", kMaxOutputBytes >> 20)};
  }
  const std::string said = end_of_file(plan.errors);
  const std::string detail = said.empty() ? "" : ": " + said;
  if (result.signal != 0) {
    return {State::kCrashed, fmt::format("killed by signal {} ({}){}", result.signal,
                                         ::strsignal(result.signal), detail)};
  }
  return {State::kFailed, fmt::format("exit code {}{}", result.exit_code, detail)};
}

Status write_text(const std::string& path, std::string_view text) {
  return write_file_atomically(path, as_bytes(text));
}

}  // namespace

struct Session::Turn {
  const FoundEngine& found;
  Run& run;
  std::string work;  // its directory
  Command command;
  Output output;  // of its first run
  double wall_s = 0;

  const Engine& engine() const { return found.engine; }
  bool is_in() const { return run.state == Run::State::kOk; }
  void fail(Run::State state, std::string why) {
    run.state = state;
    run.why = std::move(why);
  }
};

Session::Session(SessionOptions options, const std::vector<FoundEngine>& engines,
                 const std::vector<FoundEngine>& compilers, SessionWatcher& watcher,
                 Interrupts& interrupts)
    : options_(std::move(options)),
      engines_(engines),
      compilers_(compilers),
      watcher_(watcher),
      interrupts_(interrupts),
      began_(steady_clock::now()) {}

Result<std::vector<WorkloadResult>> Session::run(const std::vector<Workload>& workloads) {
  std::vector<WorkloadResult> results;
  count_ = workloads.size();
  for (const Workload& workload : workloads) {
    is_interrupted_ = is_interrupted_ || interrupts_.has_come();
    if (is_interrupted_) break;
    results.push_back(TRY(run_one(workload).context("{}", workload.name)));
    done_++;
    watcher_.finished(results.back());
  }
  return results;
}

void Session::tell(const Workload& workload, const std::string& what,
                   std::optional<double> seconds_left) {
  const double passed = std::chrono::duration<double>(steady_clock::now() - began_).count();
  // As long as those before, on average; nothing is known of the first.
  if (done_ > 0) {
    const double each = passed / static_cast<double>(done_ + 1);
    seconds_left = seconds_left.value_or(each) + each * static_cast<double>(count_ - done_ - 1);
  } else if (count_ > 1) {
    seconds_left.reset();
  }
  watcher_.doing(fmt::format("{} ({} of {}): {}", workload.name, done_ + 1, count_, what),
                 seconds_left);
}

Result<WorkloadResult> Session::run_one(const Workload& workload) {
  WorkloadResult result;
  result.workload = workload;
  TRY(make_directories(directory_of(workload)));
  TRY(make_module(workload, result));
  result.runs.reserve(engines_.size());  // turns refer to them
  std::vector<Turn> turns;
  for (const FoundEngine& found : engines_) {
    const bool is_native = found.engine.is_native();
    const bool takes_source = std::ranges::count(found.engine.languages, workload.language()) > 0;
    if (is_native && !takes_source) continue;
    result.runs.push_back({found.engine.name});
    Turn turn{found, result.runs.back(), directory_of(workload) + "/" + found.engine.name};
    turn.run.state = Run::State::kOk;
    if (!found.is_installed()) {
      turn.fail(Run::State::kMissing, fmt::format("{} ({})", found.missing, found.engine.get));
    } else if (!is_native && !result.problem.empty()) {
      turn.fail(Run::State::kNotRun, "there is no module");
    } else if (!is_native && options_.vectors && !found.engine.takes_vectors) {
      turn.fail(Run::State::kUnsupported, "does not take modules with vectors");
    }
    turns.push_back(std::move(turn));
  }
  for (Turn& turn : turns) {
    if (turn.is_in()) TRY(prepare(turn, result.workload));
    if (turn.is_in()) TRY(warm_up(turn, workload));
  }
  agree(turns, result);
  TRY(take_rounds(turns, workload));
  for (Turn& turn : turns) {
    if (turn.is_in() && turn.run.samples.empty()) turn.fail(Run::State::kNotRun, "interrupted");
  }
  for (const Turn& turn : turns) {
    const bool is_better = turn.engine().is_native() || turn.run.engine == "wherry";
    if (result.baseline.empty() && turn.run.is_good() && is_better)
      result.baseline = turn.run.engine;
  }
  for (const Run& run : result.runs) {
    if (result.baseline.empty() && run.is_good()) result.baseline = run.engine;
  }
  return result;
}

std::string Session::directory_of(const Workload& workload) const {
  return options_.scratch + "/runs/" + workload.name;
}

Command Session::as_told(Command command) const {
  for (std::string& word : command) {
    for (size_t at = 0; (at = word.find(options_.scratch, at)) != word.npos;)
      word.replace(at, options_.scratch.size(), kScratch);
  }
  return command;
}

// A module that was given, or what a compiler makes of the source.
Status Session::make_module(const Workload& workload, WorkloadResult& result) {
  const std::string directory = directory_of(workload);
  std::string path = workload.module;
  if (path.empty()) {
    path = directory + "/module.wasm";
    const FoundEngine* compiler = find_for_language(compilers_, workload.language());
    if (compiler == nullptr || !compiler->is_installed()) {
      result.problem = compiler == nullptr
                           ? fmt::format("no compiler takes {}", workload.language())
                           : fmt::format("{} ({})", compiler->missing, compiler->engine.get);
      return ok_status();
    }
    tell(workload, "compiling it to WebAssembly", {});
    Substitutions substitutions{compiler->paths, {}};
    substitutions.words["source"] = workload.source;
    substitutions.words["module"] = path;
    substitutions.lists["flags"] = {};
    if (options_.vectors && workload.language() != "rust") {
      substitutions.lists["flags"].push_back("-msimd128");
    }
    ProcessPlan plan;
    plan.command = TRY(substituted(compiler->engine.run, substitutions));
    result.compile = as_told(plan.command);
    plan.output = plan.errors = directory + "/compiler.log";
    plan.timeout = options_.prepare_timeout;
    auto ran = run_process(plan, interrupts_);
    const Failure failure =
        ran.ok() ? failure_of(*ran, plan) : Failure{Run::State::kFailed, ran.error().message};
    is_interrupted_ = is_interrupted_ || (ran.ok() && ran->is_interrupted);
    result.compiler = compiler->engine.name;
    if (failure.state != Run::State::kOk) {
      result.problem = fmt::format("{}: {}", compiler->engine.name, failure.why);
      return ok_status();
    }
    result.compile_wall_s = ran->sample.wall_s;
    result.workload.module = path;
  }
  const ByteVector module = TRY(read_file(path, kMaxModuleBytes));
  result.module_bytes = module.size();
  result.module_sha256 = digest_of(module);
  return ok_status();
}

// Files that engines find in their directory, and its commands.
Status Session::prepare(Turn& turn, const Workload& workload) {
  tell(workload, turn.run.engine + " compiles", {});
  TRY(make_directories(turn.work));
  Substitutions substitutions{turn.found.paths, {}};
  substitutions.words["work"] = turn.work;
  substitutions.words["assets"] = options_.assets;
  substitutions.words["source"] = workload.source;
  if (!turn.engine().is_native()) {
    const std::string module = turn.work + "/module.wasm";
    TRY(write_file_atomically(module, TRY(read_file(workload.module, kMaxModuleBytes))));
    nlohmann::json arguments = workload.arguments;
    arguments.insert(arguments.begin(), "module.wasm");
    TRY(write_text(turn.work + "/arguments.json", write_json(arguments)));
    ByteVector input;
    if (!workload.input.empty()) input = TRY(read_file(workload.input, kMaxInputBytes));
    TRY(write_file_atomically(turn.work + "/input", input));
    substitutions.words["module"] = module;
  }
  substitutions.lists["arguments"] = workload.arguments;
  const auto command_of = [&](const Command& words) -> Result<Command> {
    Command command = TRY(substituted(words, substitutions));
    if (command[0].find('/') == std::string::npos) {
      auto path = find_program(command[0], options_.directories);
      if (!path) return make_error(ErrorKind::kNotFound, "{} is not installed", command[0]);
      command[0] = *path;
    }
    return command;
  };
  for (const Command& words : turn.engine().prepare) {
    auto command = command_of(words);
    if (!command.ok()) return turn.fail(Run::State::kRefused, command.error().message), ok_status();
    ProcessPlan plan;
    plan.command = *command;
    plan.directory = turn.work;
    plan.output = plan.errors = turn.work + "/prepare.log";
    plan.timeout = options_.prepare_timeout;
    turn.run.prepare.push_back(as_told(*command));
    auto ran = run_process(plan, interrupts_);
    if (!ran.ok()) return turn.fail(Run::State::kRefused, ran.error().message), ok_status();
    is_interrupted_ = is_interrupted_ || ran->is_interrupted;
    turn.run.prepare_wall_s += ran->sample.wall_s;
    turn.run.prepare_cpu_s += ran->sample.cpu_s();
    turn.run.prepare_peak_bytes = std::max(turn.run.prepare_peak_bytes, ran->sample.peak_bytes);
    const Failure failure = failure_of(*ran, plan);
    if (failure.state == Run::State::kOk) continue;
    const bool was_refused =
        failure.state == Run::State::kFailed || failure.state == Run::State::kCrashed;
    turn.fail(was_refused ? Run::State::kRefused : failure.state,
              fmt::format("{}: {}", shell_text(turn.run.prepare.back()), failure.why));
    return ok_status();
  }
  auto command = command_of(turn.engine().run);
  if (!command.ok()) return turn.fail(Run::State::kRefused, command.error().message), ok_status();
  turn.command = std::move(*command);
  turn.run.command = as_told(turn.command);
  return ok_status();
}

// A sample, if it ended well; its output is left in `turn.output` the first time, and has to be the
// same from then on.
Result<std::optional<Sample>> Session::run_once(Turn& turn, const Workload& workload) {
  ProcessPlan plan;
  plan.command = turn.command;
  plan.directory = turn.work;
  plan.input = workload.input;
  plan.output = turn.work + "/output";
  plan.errors = turn.work + "/errors";
  plan.core = options_.core;
  plan.timeout = options_.timeout;
  plan.max_file_bytes = kMaxOutputBytes;
  auto ran = run_process(plan, interrupts_);
  if (!ran.ok()) {
    turn.fail(Run::State::kFailed, ran.error().message);
    return std::optional<Sample>();
  }
  is_interrupted_ = is_interrupted_ || ran->is_interrupted;
  if (ran->is_interrupted) return std::optional<Sample>();
  if (Failure failure = failure_of(*ran, plan); failure.state != Run::State::kOk) {
    turn.fail(failure.state, std::move(failure.why));
    return std::optional<Sample>();
  }
  const ByteVector bytes = TRY(read_file(plan.output, kMaxOutputBytes));
  Output output{bytes.size(), digest_of(bytes), std::string(as_text(bytes).substr(0, kShownBytes))};
  if (turn.output.sha256.empty()) {
    turn.output = std::move(output);
  } else if (output.sha256 != turn.output.sha256) {
    turn.fail(Run::State::kWrongOutput,
              fmt::format("printed {} once and {} another time", quoted_text(turn.output.beginning),
                          quoted_text(output.beginning)));
    return std::optional<Sample>();
  }
  if (workload.own_time) {
    const ByteVector errors = TRY(read_file(plan.errors, kMaxOutputBytes));
    ran->sample.own_s =
        own_time_of(as_text(errors), workload.own_time->first, workload.own_time->second);
  }
  return std::optional(ran->sample);
}

Status Session::warm_up(Turn& turn, const Workload& workload) {
  if (is_interrupted_) return turn.fail(Run::State::kNotRun, "interrupted"), ok_status();
  tell(workload, turn.run.engine + " warms up", {});
  auto sample = TRY(run_once(turn, workload));
  if (!sample) return ok_status();
  turn.wall_s = sample->wall_s;
  if (sample->wall_s >= kLongRun_s) turn.run.samples.push_back(*sample);
  return ok_status();
}

// Native code is right; without it, what most engines print.
void Session::agree(std::vector<Turn>& turns, WorkloadResult& result) {
  const Output* right = nullptr;
  for (const Turn& turn : turns) {
    if (right == nullptr && turn.engine().is_native() && turn.is_in()) {
      right = &turn.output;
      result.agreed = turn.run.engine;
    }
  }
  if (right == nullptr) {
    const auto votes_for = [&turns](const Turn& candidate) {
      return std::ranges::count_if(turns, [&](const Turn& turn) {
        return turn.is_in() && turn.output.sha256 == candidate.output.sha256;
      });
    };
    std::ptrdiff_t most = 0, running = 0;
    bool is_tie = false;
    for (const Turn& turn : turns) {
      if (!turn.is_in()) continue;
      running++;
      const auto votes = votes_for(turn);
      if (votes > most) {
        most = votes, right = &turn.output, is_tie = false;
      } else if (votes == most && turn.output.sha256 != right->sha256) {
        is_tie = true;
      }
    }
    result.agreed = running == 1      ? "the only engine"
                    : most == running ? "all engines"
                                      : "most engines";
    if (is_tie) right = nullptr;
  }
  for (Turn& turn : turns) {
    if (!turn.is_in()) continue;
    if (right == nullptr) {
      turn.fail(Run::State::kWrongOutput,
                fmt::format("engines disagree, and nobody knows who is right: printed {}",
                            quoted_text(turn.output.beginning)));
    } else if (turn.output.sha256 != right->sha256) {
      turn.fail(Run::State::kWrongOutput,
                fmt::format("printed {} ({} bytes) instead of {} ({} bytes)",
                            quoted_text(turn.output.beginning), turn.output.bytes,
                            quoted_text(right->beginning), right->bytes));
    }
  }
  if (right == nullptr) {
    result.agreed.clear();
    return;
  }
  result.output_bytes = right->bytes;
  result.output_sha256 = right->sha256;
}

Status Session::take_rounds(std::vector<Turn>& turns, const Workload& workload) {
  std::vector<Turn*> in;
  double round_s = 0;
  for (Turn& turn : turns) {
    if (!turn.is_in()) continue;
    in.push_back(&turn);
    round_s += turn.wall_s;
  }
  const double budget_s = std::chrono::duration<double>(options_.budget).count();
  const unsigned rounds = options_.rounds.value_or(rounds_for(budget_s, round_s));
  for (unsigned round = 0; round < rounds; round++) {
    const double left = round_s * (rounds - round);
    for (size_t i = 0; i < in.size(); i++) {
      // Each is first as often as the others: what one leaves in the caches is the next one's gain.
      Turn& turn = *in[(i + round) % in.size()];
      if (is_interrupted_) return ok_status();
      if (!turn.is_in() || turn.run.samples.size() > round) continue;
      tell(workload, fmt::format("round {} of {}, {}", round + 1, rounds, turn.run.engine), left);
      auto sample = TRY(run_once(turn, workload));
      if (sample) turn.run.samples.push_back(*sample);
    }
  }
  return ok_status();
}

unsigned rounds_for(double budget_s, double round_s) {
  if (!(round_s > 0)) return kMaxRounds;
  const double rounds = std::floor(budget_s / round_s);
  return static_cast<unsigned>(std::clamp(rounds, double{kMinRounds}, double{kMaxRounds}));
}

std::optional<double> own_time_of(std::string_view errors, std::string_view before,
                                  std::string_view behind) {
  const size_t at = errors.rfind(before);
  if (at == errors.npos) return {};
  const std::string_view rest = errors.substr(at + before.size());
  double seconds = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), seconds);
  if (error != std::errc() || !std::isfinite(seconds) || seconds < 0) return {};
  if (!rest.substr(static_cast<size_t>(end - rest.data())).starts_with(behind)) return {};
  return seconds;
}

std::vector<std::string> warnings_of(const Results& results) {
  std::vector<std::string> warnings;
  if (results.machine.load_before > kBusyLoad) {
    warnings.push_back(fmt::format("the machine was busy before it began (load {:.1f})",
                                   results.machine.load_before));
  }
  if (results.machine.stolen > kStolen) {
    warnings.push_back(fmt::format("{:.0f} % of the machine's time went to other virtual machines",
                                   results.machine.stolen * 100));
  }
  if (!results.core) warnings.push_back("runs were not pinned to a core");
  size_t noisy = 0, all = 0;
  const Run* worst = nullptr;
  std::string where;
  double widest = 0;
  for (const WorkloadResult& result : results.workloads) {
    for (const Run& run : result.runs) {
      if (!run.is_good()) continue;
      const Summary summary = summarize(run.cpu_s());
      all++;
      if (summary.median < kShort_s || summary.spread <= kNoisySpread) continue;
      noisy++;
      if (summary.spread > widest)
        widest = summary.spread, worst = &run, where = result.workload.name;
    }
  }
  if (worst != nullptr) {
    warnings.push_back(
        fmt::format("{} of {} medians are noisy: half of the samples are more than {:.0f} % apart "
                    "(the widest: {} in {}, "
                    "{:.0f} %)",
                    noisy, all, kNoisySpread * 100, where, worst->engine, widest * 100));
  }
  return warnings;
}

}  // namespace wherry::bench
