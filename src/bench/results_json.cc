// Results to JSON and back. Derived figures are there for those who read the file with other
// programs.
#include <algorithm>

#include "bench/results.h"

namespace wherry::bench {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr char kFormat[] = "wherry-bench";
constexpr int kVersion = 1;

ordered_json to_json(const Machine& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"memory_bytes", machine.memory_bytes},
          {"kernel", machine.kernel},
          {"governor", machine.governor},
          {"virtual", machine.is_virtual},
          {"load_before", machine.load_before},
          {"stolen", machine.stolen}};
}

ordered_json to_json(const FoundEngine& found) {
  ordered_json value = to_json(found.engine);
  value["installed"] = found.is_installed();
  value["found_version"] = found.version;
  value["missing"] = found.missing;
  value["paths"] = found.paths;
  return value;
}

ordered_json to_json(const Sample& sample) {
  ordered_json value = {{"user_s", sample.user_s},
                        {"system_s", sample.system_s},
                        {"wall_s", sample.wall_s},
                        {"peak_bytes", sample.peak_bytes}};
  if (sample.own_s) value["own_s"] = *sample.own_s;
  return value;
}

ordered_json to_json(const Summary& summary) {
  return {{"min", summary.min},
          {"median", summary.median},
          {"max", summary.max},
          {"spread", summary.spread}};
}

ordered_json to_json(const WorkloadResult& result, const Run& run) {
  ordered_json value = {{"engine", run.engine}, {"state", name_of(run.state)}, {"why", run.why}};
  value["prepare"] = {{"commands", run.prepare},
                      {"wall_s", run.prepare_wall_s},
                      {"cpu_s", run.prepare_cpu_s},
                      {"peak_bytes", run.prepare_peak_bytes}};
  value["command"] = run.command;
  value["samples"] = ordered_json::array();
  for (const Sample& sample : run.samples) value["samples"].push_back(to_json(sample));
  if (!run.is_good()) return value;
  value["cpu_s"] = to_json(summarize(run.cpu_s()));
  value["wall_s"] = to_json(summarize(run.wall_s()));
  value["peak_bytes"] = run.peak_bytes();
  if (auto own = run.own_s()) value["own_s"] = to_json(summarize(*own));
  if (auto ratio = result.ratio_of(run)) {
    value["ratio"] = {{"value", ratio->value}, {"low", ratio->low}, {"high", ratio->high}};
  }
  return value;
}

ordered_json to_json(const WorkloadResult& result) {
  const Workload& workload = result.workload;
  ordered_json value = {{"name", workload.name},
                        {"title", workload.title},
                        {"source", workload.source.substr(workload.source.rfind('/') + 1)},
                        {"language", workload.language()},
                        {"arguments", workload.arguments},
                        {"input", workload.input},
                        {"figure", workload.figure},
                        {"memory_bound", workload.is_memory_bound},
                        {"empty", workload.is_empty}};
  value["size"] = workload.size ? ordered_json(*workload.size) : ordered_json(nullptr);
  value["module"] = {{"compiler", result.compiler},     {"command", result.compile},
                     {"wall_s", result.compile_wall_s}, {"bytes", result.module_bytes},
                     {"sha256", result.module_sha256},  {"problem", result.problem}};
  value["output"] = {
      {"bytes", result.output_bytes}, {"sha256", result.output_sha256}, {"agreed", result.agreed}};
  value["baseline"] = result.baseline;
  value["runs"] = ordered_json::array();
  for (const Run& run : result.runs) value["runs"].push_back(to_json(result, run));
  return value;
}

ordered_json to_json(const Platforms& platforms) {
  ordered_json rows = ordered_json::array();
  for (const PlatformResult& row : platforms.rows) {
    ordered_json value = {{"target", row.target},   {"where", row.where},
                          {"problem", row.problem}, {"package_bytes", row.package_bytes},
                          {"warm", row.is_warm},    {"cold_s", row.cold_s},
                          {"warm_s", row.warm_s},   {"long_s", row.long_s}};
    value["per_second"] = row.per_second ? ordered_json(*row.per_second) : ordered_json(nullptr);
    rows.push_back(std::move(value));
  }
  return {{"function", platforms.function},
          {"short_input", platforms.short_input},
          {"long_input", platforms.long_input},
          {"clients", platforms.clients},
          {"rows", std::move(rows)}};
}

// Reads members of one object; says which one is not as it should be.
class Reader {
 public:
  Reader(const json& value, std::string where) : value_(value), where_(std::move(where)) {}

  template <typename T>
  Status read(const char* key, T& into) const {
    auto found = value_.is_object() ? value_.find(key) : value_.end();
    if (!value_.is_object() || found == value_.end()) {
      return make_error(ErrorKind::kInvalid, "{}: there is no {}", where_, key);
    }
    try {
      found->get_to(into);
    } catch (const json::exception&) {
      return make_error(ErrorKind::kInvalid, "{}: {} is of the wrong kind", where_, key);
    }
    return ok_status();
  }
  // null, or not there: nothing.
  template <typename T>
  Status read_optional(const char* key, std::optional<T>& into) const {
    if (!value_.is_object() || !value_.contains(key) || value_[key].is_null()) return ok_status();
    T value{};
    TRY(read(key, value));
    into = value;
    return ok_status();
  }
  // Calls use(member, where) for each of a list.
  template <typename Use>
  Status each(const char* key, const Use& use) const {
    if (!value_.is_object() || !value_.contains(key) || !value_[key].is_array()) {
      return make_error(ErrorKind::kInvalid, "{}: {} has to be a list", where_, key);
    }
    size_t number = 0;
    for (const json& member : value_[key]) {
      TRY(use(Reader(member, fmt::format("{}: {} {}", where_, key, ++number))));
    }
    return ok_status();
  }
  Result<Reader> inside(const char* key) const {
    if (!value_.is_object() || !value_.contains(key)) {
      return make_error(ErrorKind::kInvalid, "{}: there is no {}", where_, key);
    }
    return Reader(value_[key], where_ + ": " + key);
  }
  Error error(std::string_view what) const {
    return make_error(ErrorKind::kInvalid, "{}: {}", where_, what);
  }

 private:
  const json& value_;
  std::string where_;
};

// Appends what the function below of that type reads of each.
template <typename T>
Status read_each(const Reader& reader, const char* key, std::vector<T>& into) {
  return reader.each(key, [&into](const Reader& one) { return read(one, into.emplace_back()); });
}

Status read(const Reader& reader, FoundEngine& found) {
  Engine& engine = found.engine;
  TRY(reader.read("name", engine.name));
  TRY(reader.read("title", engine.title));
  TRY(reader.read("kind", engine.kind));
  TRY(reader.read("get", engine.get));
  TRY(reader.read("programs", engine.programs));
  TRY(reader.read("version", engine.version));
  TRY(reader.read("prepare", engine.prepare));
  TRY(reader.read("run", engine.run));
  TRY(reader.read("languages", engine.languages));
  TRY(reader.read("vectors", engine.takes_vectors));
  TRY(reader.read("found_version", found.version));
  TRY(reader.read("missing", found.missing));
  return reader.read("paths", found.paths);
}

Status read(const Reader& reader, Sample& sample) {
  TRY(reader.read("user_s", sample.user_s));
  TRY(reader.read("system_s", sample.system_s));
  TRY(reader.read("wall_s", sample.wall_s));
  TRY(reader.read("peak_bytes", sample.peak_bytes));
  return reader.read_optional("own_s", sample.own_s);
}

Status read(const Reader& reader, Run& run) {
  TRY(reader.read("engine", run.engine));
  std::string state;
  TRY(reader.read("state", state));
  bool is_known = false;
  for (auto one = Run::State::kOk; one <= Run::State::kNotRun;
       one = static_cast<Run::State>(static_cast<int>(one) + 1)) {
    if (state == name_of(one)) run.state = one, is_known = true;
  }
  if (!is_known) return reader.error("no state is called " + quoted_text(state));
  TRY(reader.read("why", run.why));
  TRY(reader.read("command", run.command));
  const Reader prepare = TRY(reader.inside("prepare"));
  TRY(prepare.read("commands", run.prepare));
  TRY(prepare.read("wall_s", run.prepare_wall_s));
  TRY(prepare.read("cpu_s", run.prepare_cpu_s));
  TRY(prepare.read("peak_bytes", run.prepare_peak_bytes));
  return read_each(reader, "samples", run.samples);
}

Status read(const Reader& reader, WorkloadResult& result) {
  Workload& workload = result.workload;
  TRY(reader.read("name", workload.name));
  TRY(reader.read("title", workload.title));
  TRY(reader.read("source", workload.source));
  TRY(reader.read("arguments", workload.arguments));
  TRY(reader.read("input", workload.input));
  TRY(reader.read("figure", workload.figure));
  TRY(reader.read("memory_bound", workload.is_memory_bound));
  TRY(reader.read("empty", workload.is_empty));
  TRY(reader.read_optional("size", workload.size));
  const Reader module = TRY(reader.inside("module"));
  TRY(module.read("compiler", result.compiler));
  TRY(module.read("command", result.compile));
  TRY(module.read("wall_s", result.compile_wall_s));
  TRY(module.read("bytes", result.module_bytes));
  TRY(module.read("sha256", result.module_sha256));
  TRY(module.read("problem", result.problem));
  const Reader output = TRY(reader.inside("output"));
  TRY(output.read("bytes", result.output_bytes));
  TRY(output.read("sha256", result.output_sha256));
  TRY(output.read("agreed", result.agreed));
  TRY(reader.read("baseline", result.baseline));
  return read_each(reader, "runs", result.runs);
}

Status read(const Reader& reader, PlatformResult& row) {
  TRY(reader.read("target", row.target));
  TRY(reader.read("where", row.where));
  TRY(reader.read("problem", row.problem));
  TRY(reader.read("package_bytes", row.package_bytes));
  TRY(reader.read("warm", row.is_warm));
  TRY(reader.read("cold_s", row.cold_s));
  TRY(reader.read("warm_s", row.warm_s));
  TRY(reader.read("long_s", row.long_s));
  return reader.read_optional("per_second", row.per_second);
}

Status read(const Reader& reader, Platforms& platforms) {
  TRY(reader.read("function", platforms.function));
  TRY(reader.read("short_input", platforms.short_input));
  TRY(reader.read("long_input", platforms.long_input));
  TRY(reader.read("clients", platforms.clients));
  return read_each(reader, "rows", platforms.rows);
}

Status read(const Reader& reader, Machine& machine) {
  TRY(reader.read("cpu", machine.cpu));
  TRY(reader.read("cores", machine.cores));
  TRY(reader.read("memory_bytes", machine.memory_bytes));
  TRY(reader.read("kernel", machine.kernel));
  TRY(reader.read("governor", machine.governor));
  TRY(reader.read("virtual", machine.is_virtual));
  TRY(reader.read("load_before", machine.load_before));
  return reader.read("stolen", machine.stolen);
}

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

}  // namespace

ordered_json to_json(const Results& results) {
  ordered_json value = {{"format", kFormat},
                        {"version", kVersion},
                        {"suite", results.suite},
                        {"title", results.title},
                        {"mode", name_of(results.mode)},
                        {"began", results.began},
                        {"ended", results.ended},
                        {"interrupted", results.is_interrupted},
                        {"wherry", results.wherry},
                        {"command", results.command},
                        {"machine", to_json(results.machine)}};
  value["method"] = {{"core", or_null(results.core)}, {"timeout_s", results.timeout_s},
                     {"budget_s", results.budget_s},  {"rounds", or_null(results.rounds)},
                     {"vectors", results.vectors},    {"own_peak_bytes", results.own_peak_bytes}};
  for (const char* key : {"engines", "compilers"}) {
    value[key] = ordered_json::array();
    const bool are_engines = key[0] == 'e';
    for (const FoundEngine& found : are_engines ? results.engines : results.compilers) {
      value[key].push_back(to_json(found));
    }
  }
  value["workloads"] = ordered_json::array();
  for (const WorkloadResult& result : results.workloads)
    value["workloads"].push_back(to_json(result));
  ordered_json means = ordered_json::object();
  for (const FoundEngine& found : results.engines) {
    if (auto mean = geometric_mean_of(results, found.engine.name)) {
      means[found.engine.name] = {{"ratio", mean->ratio}, {"workloads", mean->workloads}};
    }
  }
  value["geometric_means"] = std::move(means);
  value["platforms"] = results.platforms ? to_json(*results.platforms) : ordered_json(nullptr);
  value["warnings"] = results.warnings;
  return value;
}

Result<Results> results_of_json(std::string_view text) {
  const json value = TRY(parse_json(text));
  const Reader reader(value, "results");
  std::string format;
  int version = 0;
  TRY(reader.read("format", format));
  TRY(reader.read("version", version));
  if (format != kFormat || version != kVersion) {
    return make_error(ErrorKind::kInvalid, "results: not of the format {} {}", kFormat, kVersion);
  }
  Results results;
  TRY(reader.read("suite", results.suite));
  TRY(reader.read("title", results.title));
  std::string mode;
  TRY(reader.read("mode", mode));
  for (Mode one : {Mode::kQuick, Mode::kStandard, Mode::kFull}) {
    if (mode == name_of(one)) results.mode = one;
  }
  TRY(reader.read("began", results.began));
  TRY(reader.read("ended", results.ended));
  TRY(reader.read("interrupted", results.is_interrupted));
  TRY(reader.read("wherry", results.wherry));
  TRY(reader.read("command", results.command));
  TRY(read(TRY(reader.inside("machine")), results.machine));
  const Reader method = TRY(reader.inside("method"));
  TRY(method.read_optional("core", results.core));
  TRY(method.read("timeout_s", results.timeout_s));
  TRY(method.read("budget_s", results.budget_s));
  TRY(method.read_optional("rounds", results.rounds));
  TRY(method.read("vectors", results.vectors));
  TRY(method.read("own_peak_bytes", results.own_peak_bytes));
  TRY(read_each(reader, "engines", results.engines));
  TRY(read_each(reader, "compilers", results.compilers));
  TRY(read_each(reader, "workloads", results.workloads));
  if (value.contains("platforms") && value["platforms"].is_object()) {
    results.platforms.emplace();
    TRY(read(TRY(reader.inside("platforms")), *results.platforms));
  }
  TRY(reader.read("warnings", results.warnings));
  return results;
}

}  // namespace wherry::bench
