// wherry bench: programs in all engines that are installed, in turns, beside native code.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <regex>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bench/compare.h"
#include "bench/files.h"
#include "bench/machine.h"
#include "bench/recommendation.h"
#include "bench/report.h"
#include "bench/session.h"
#include "bench/tables.h"
#include "cli/bench_platforms.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/report.h"

namespace wherry::cli {

namespace {

using nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr uint64_t kMaxTextBytes = 16 << 20;

// What a mode gives each workload.
struct Pace {
  milliseconds timeout, budget;
};
Pace pace_of(bench::Mode mode) {
  switch (mode) {
    case bench::Mode::kQuick: return {milliseconds(20'000), milliseconds(15'000)};
    case bench::Mode::kStandard: return {milliseconds(300'000), milliseconds(90'000)};
    case bench::Mode::kFull: return {milliseconds(3'600'000), milliseconds(300'000)};
  }
  return {};
}

Result<std::string> text_of_file(const std::string& path) {
  const ByteVector bytes = TRY(read_file(path, kMaxTextBytes));
  return std::string(as_text(bytes));
}

// The built-in table and the files', without the engines that --engines leaves out.
Result<bench::EngineTable> table_of(const BenchFlags& flags) {
  auto table = TRY(bench::parse_engines(bench::asset("engines.json")));
  for (const std::string& file : flags.engine_files) {
    table.merge(TRY(bench::parse_engines(TRY(text_of_file(file))).context("{}", file)));
  }
  if (flags.engines.empty()) return table;
  std::vector<std::string_view> names;
  for (const bench::Engine& engine : table.engines) names.push_back(engine.name);
  const std::vector<std::string_view> wanted = split(flags.engines, ',');
  for (std::string_view name : wanted) {
    if (std::ranges::find(names, name) != names.end()) continue;
    auto near = nearest_of(name, names);
    return make_error(ErrorKind::kInvalid, "--engines {}: there is no such engine", name)
        .with_hint(near ? fmt::format("did you mean {}?", *near) : "wherry bench engines");
  }
  std::erase_if(table.engines, [&wanted](const bench::Engine& engine) {
    return std::ranges::count(wanted, engine.name) == 0;
  });
  return table;
}

// What it is doing and how long that may take yet, on one line of a terminal; rows as they are
// finished.
class Terminal final : public bench::SessionWatcher {
 public:
  explicit Terminal(const bench::Results& results)
      : results_(results), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

  void doing(const std::string& what, std::optional<double> seconds_left) override {
    if (!is_terminal_) return;
    const std::string left =
        seconds_left ? fmt::format(", about {} left", bench::seconds_text(*seconds_left)) : "";
    print_err(fmt::format("\r\x1b[K{}{}", what, left));
  }
  void finished(const bench::WorkloadResult& result) override {
    clear();
    print_out(bench::table_row(results_, result));
  }
  void clear() {
    if (is_terminal_) print_err("\r\x1b[K");
  }

 private:
  const bench::Results& results_;
  const bool is_terminal_;
};

// Saves what there is whenever a workload is finished: hours of work are not lost to a power cut.
// The page and the tables are made at the end, or by `render`.
class Saving final : public bench::SessionWatcher {
 public:
  Saving(bench::Results& results, std::string directory, Terminal& terminal)
      : results_(results), directory_(std::move(directory)), terminal_(terminal) {}

  void doing(const std::string& what, std::optional<double> seconds_left) override {
    terminal_.doing(what, seconds_left);
  }
  void finished(const bench::WorkloadResult& result) override {
    terminal_.finished(result);
    results_.workloads.push_back(result);
    results_.own_peak_bytes = bench::own_peak_bytes();
    results_.is_interrupted = true;
    if (auto saved = bench::write_results(results_, directory_); !saved.ok())
      problem_ = saved.error();
  }
  const std::optional<Error>& problem() const { return problem_; }

 private:
  bench::Results& results_;
  const std::string directory_;
  Terminal& terminal_;
  std::optional<Error> problem_;
};

class Benching {
 public:
  Benching(const BenchFlags& flags, const Settings& settings)
      : flags_(flags), settings_(settings) {}

  Result<int> engines() {
    TRY(open());
    TRY(find_engines());
    if (flags_.json) {
      ordered_json list = ordered_json::array();
      for (const bench::FoundEngine& found : results_.engines) {
        list.push_back({{"name", found.engine.name},
                        {"title", found.engine.title},
                        {"kind", found.engine.kind},
                        {"installed", found.is_installed()},
                        {"version", found.version},
                        {"missing", found.missing},
                        {"get", found.engine.get},
                        {"programs", found.paths}});
      }
      print_out(list.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
      return kExitOk;
    }
    for (const bench::FoundEngine& found : results_.engines) {
      const std::string is =
          found.is_installed() ? found.version
                               : fmt::format("{}; to get it: {}", found.missing, found.engine.get);
      print_out(fmt::format("{:<12}{:<15}{}\n", found.engine.name, found.engine.kind, is));
    }
    return kExitOk;
  }

  Result<int> run() {
    TRY(open());
    const bench::Suite suite = TRY(read_suite());
    TRY(find_engines());
    TRY(bench::write_files("assets/", scratch_->path() + "/assets"));
    begin(suite);
    const std::string directory = output_directory(suite);
    Terminal terminal(results_);
    Saving saving(results_, directory, terminal);
    print_out(bench::table_header(results_));
    const bench::ProcessorTime before = bench::processor_time();
    bench::Session session(session_options(), results_.engines, results_.compilers, saving,
                           *interrupts_);
    auto ran = session.run(suite.workloads);
    if (ran.ok() && suite.function && flags_.platforms)
      TRY(measure_platforms(*suite.function, terminal));
    terminal.clear();
    results_.ended = utc_text(std::time(nullptr));
    results_.is_interrupted = interrupts_->has_come();
    results_.machine.stolen = bench::stolen_between(before, bench::processor_time());
    results_.warnings = bench::warnings_of(results_);
    if (!platforms_problem_.empty()) results_.warnings.push_back(platforms_problem_);
    TRY(std::move(ran));
    print_out(bench::table_footer(results_));
    if (results_.platforms) print_out("\n" + bench::platforms_text(*results_.platforms));
    TRY(bench::write_report(results_, directory));
    if (saving.problem()) return *saving.problem();
    for (const std::string& line : bench::recommend(results_)) print_out("\n" + line + "\n");
    print_out(
        fmt::format("\n{0}/page.html has charts, {0}/results.json every sample\n", directory));
    if (results_.is_interrupted) return kExitInterrupted;
    return has_problem() ? kExitGuestFailed : kExitOk;
  }

 private:
  Status open() {
    scratch_.emplace(TRY(TemporaryDirectory::create()));
    interrupts_.emplace(TRY(bench::Interrupts::hold()));
    return ok_status();
  }

  Status find_engines() {
    const bench::EngineTable table = TRY(table_of(flags_));
    const bench::EngineSearch search{directories_, scratch_->path()};
    for (const bench::Engine& engine : table.engines) {
      results_.engines.push_back(TRY(bench::find_engine(engine, search, *interrupts_)));
    }
    for (const bench::Engine& compiler : table.compilers) {
      results_.compilers.push_back(TRY(bench::find_engine(compiler, search, *interrupts_)));
    }
    return ok_status();
  }

  // A suite by its name, by its file, or of one module.
  Result<bench::Suite> read_suite() {
    bench::Suite suite;
    const std::string& what = flags_.what;
    const bool is_module = what.ends_with(".wasm");
    if (is_module) {
      suite = TRY(suite_of_module());
    } else {
      if (!flags_.words.empty()) {
        return make_error(ErrorKind::kInvalid, "{} takes no arguments: {}", what,
                          flags_.words.front());
      }
      std::string directory;
      for (const bench::BuiltInSuite& built_in : bench::built_in_suites()) {
        if (what == built_in.name) directory = scratch_->path() + "/suites/" + built_in.directory;
      }
      if (!directory.empty()) {
        TRY(bench::write_files("suites/", scratch_->path() + "/suites"));
      } else if (what.ends_with(".json")) {
        const size_t slash = what.rfind('/');
        directory = slash == what.npos ? "." : what.substr(0, slash);
      } else {
        return unknown(what);
      }
      const std::string file = what.ends_with(".json") ? what : directory + "/suite.json";
      suite = TRY(bench::parse_suite(TRY(text_of_file(file)), TRY(absolute(directory)), flags_.mode)
                      .context("{}", what));
    }
    if (!is_module && (!flags_.input.empty() || !flags_.source.empty())) {
      return make_error(ErrorKind::kInvalid, "--stdin and --source are for a module");
    }
    TRY(keep_only(suite));
    return suite;
  }

  static Error unknown(const std::string& what) {
    std::vector<std::string_view> names = {"engines", "compare", "render"};
    for (const bench::BuiltInSuite& built_in : bench::built_in_suites())
      names.push_back(built_in.name);
    auto near = nearest_of(what, names);
    return make_error(ErrorKind::kNotFound,
                      "{}: no suite, and not the name of a .wasm or .json file", what)
        .with_hint(near ? fmt::format("did you mean {}?", *near) : "wherry bench --help");
  }

  // Programs run in directories of their own.
  static Result<std::string> absolute(const std::string& path) {
    char* whole = ::realpath(path.c_str(), nullptr);
    if (whole == nullptr) return errno_error(errno, path);
    std::string text(whole);
    ::free(whole);
    return text;
  }

  Result<bench::Suite> suite_of_module() {
    bench::Workload workload;
    workload.module = TRY(absolute(flags_.what));
    const std::string file = workload.module.substr(workload.module.rfind('/') + 1);
    workload.name = workload.title = file.substr(0, file.rfind('.'));
    if (workload.name.empty()) workload.name = workload.title = "module";
    workload.arguments = flags_.words;
    if (!flags_.input.empty()) workload.input = TRY(absolute(flags_.input));
    if (!flags_.source.empty()) {
      workload.source = TRY(absolute(flags_.source));
      if (workload.language().empty()) {
        return make_error(ErrorKind::kInvalid,
                          "--source {}: its name has to end in .c, .cc, .cpp or .rs",
                          flags_.source);
      }
    }
    return bench::Suite{workload.name, workload.name, {std::move(workload)}};
  }

  Status keep_only(bench::Suite& suite) {
    if (flags_.only.empty()) return ok_status();
    std::regex pattern;
    try {
      pattern.assign(flags_.only, std::regex::extended);
    } catch (const std::regex_error& error) {
      return make_error(ErrorKind::kInvalid, "--only {}: no regular expression: {}", flags_.only,
                        error.what());
    }
    std::string names;
    for (const bench::Workload& workload : suite.workloads) names += " " + workload.name;
    std::erase_if(suite.workloads, [&pattern](const bench::Workload& workload) {
      return !std::regex_search(workload.name, pattern);
    });
    if (!suite.workloads.empty()) return ok_status();
    return make_error(ErrorKind::kNotFound, "--only {}: no workload's name matches", flags_.only)
        .with_hint("there are" + names);
  }

  void begin(const bench::Suite& suite) {
    const Pace pace = pace_of(flags_.mode);
    results_.suite = suite.name;
    results_.title = suite.title;
    results_.mode = flags_.mode;
    results_.began = results_.ended = utc_text(std::time(nullptr));
    results_.wherry = "wherry " WHERRY_VERSION;
    results_.command = {"wherry"};
    results_.command.insert(results_.command.end(), flags_.command.begin(), flags_.command.end());
    results_.machine = bench::machine_now();
    if (auto cores = bench::allowed_cores(); cores.size() > 1) results_.core = cores.back();
    results_.timeout_s =
        std::chrono::duration<double>(flags_.timeout.value_or(pace.timeout)).count();
    results_.budget_s = std::chrono::duration<double>(pace.budget).count();
    results_.rounds = flags_.rounds;
    results_.vectors = flags_.vectors;
  }

  Status measure_platforms(const bench::SuiteFunction& function, Terminal& terminal) {
    if (interrupts_->has_come()) return ok_status();
    terminal.doing("packages of " + function.title, {});
    auto prepared = prepare_platforms(function, results_, settings_, directories_,
                                      scratch_->path() + "/platforms", *interrupts_);
    if (!prepared.ok()) {
      platforms_problem_ = "no packages were measured: " + prepared.error().message;
      return ok_status();
    }
    results_.platforms = bench::measure_platforms(
        prepared->plan, prepared->deployments,
        [&terminal](const std::string& what) { terminal.doing(what, {}); }, *interrupts_);
    return ok_status();
  }

  bench::SessionOptions session_options() const {
    const Pace pace = pace_of(flags_.mode);
    bench::SessionOptions options;
    options.scratch = scratch_->path();
    options.assets = scratch_->path() + "/assets";
    options.directories = directories_;
    options.timeout = flags_.timeout.value_or(pace.timeout);
    options.budget = pace.budget;
    options.rounds = flags_.rounds;
    options.core = results_.core;
    options.vectors = flags_.vectors;
    return options;
  }

  // One that does not take the place of earlier results.
  std::string output_directory(const bench::Suite& suite) const {
    if (!flags_.output.empty()) return flags_.output;
    std::string time = results_.began;
    std::erase_if(time, [](char c) { return c == ':' || c == '-'; });
    return fmt::format("wherry-bench/{}-{}", suite.name, time);
  }

  bool has_problem() const {
    using State = bench::Run::State;
    for (const bench::WorkloadResult& result : results_.workloads) {
      for (const bench::Run& run : result.runs) {
        if (run.state == State::kCrashed || run.state == State::kFailed ||
            run.state == State::kWrongOutput || run.state == State::kRefused) {
          return true;
        }
      }
    }
    return false;
  }

  const BenchFlags& flags_;
  const Settings& settings_;
  const std::vector<std::string> directories_ = engine_directories();
  std::optional<TemporaryDirectory> scratch_;
  std::optional<bench::Interrupts> interrupts_;
  bench::Results results_;
  std::string platforms_problem_;
};

Result<int> compare(const BenchFlags& flags) {
  if (flags.words.size() != 2) {
    return make_error(ErrorKind::kInvalid, "compare takes two results")
        .with_hint("wherry bench --help");
  }
  const bench::Comparison comparison = bench::compare(TRY(bench::read_results(flags.words[0])),
                                                      TRY(bench::read_results(flags.words[1])));
  print_out(flags.json ? write_ordered_json(to_json(comparison)) + "\n"
                       : bench::text_of(comparison));
  return kExitOk;
}

// The page and tables anew, of results that are there.
Result<int> render(const BenchFlags& flags) {
  if (flags.words.size() != 1 || flags.output.empty()) {
    return make_error(ErrorKind::kInvalid, "render takes one results.json, and --out")
        .with_hint("wherry bench render results.json --out DIR");
  }
  TRY(bench::write_report(TRY(bench::read_results(flags.words[0])), flags.output));
  return kExitOk;
}

}  // namespace

int cmd_bench(const BenchFlags& flags, const Settings& settings) {
  const bool is_engines = flags.what == "engines";
  auto code = flags.what == "compare"  ? compare(flags)
              : flags.what == "render" ? render(flags)
              : is_engines             ? Benching(flags, settings).engines()
                                       : Benching(flags, settings).run();
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
