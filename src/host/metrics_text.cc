#include "host/metrics_text.h"

#include <algorithm>
#include <array>

namespace wherry::host {

namespace {

using function::OutcomeKind;
using nlohmann::json;

constexpr double kNsPerSecond = 1e9;

// The bounds that Prometheus gets: all are bounds of duration_buckets.h, so the counts are exact.
constexpr std::array<uint64_t, 22> kBounds = [] {
  std::array<uint64_t, 22> bounds{};
  size_t next = 0;
  for (uint64_t one = 10'000; one <= 10'000'000'000; one *= 10) {
    for (uint64_t quarters : {4, 10, 20}) bounds[next++] = one / 4 * quarters;
  }
  bounds[next] = 100'000'000'000;
  return bounds;
}();

void append_escaped(std::string& text, std::string_view value) {
  for (char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
}

// `no_result`: without the space that messages have.
std::string name_of_outcome(size_t kind) {
  std::string name = function::name_of(static_cast<OutcomeKind>(kind));
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

struct SimpleFamily {
  const char* name;
  const char* type;
  const char* help;
  double (*value)(const FunctionFigures& function);
};

constexpr SimpleFamily kSimpleFamilies[] = {
    {"wherry_invocation_cpu_seconds_total", "counter", "Processor time of invocations.",
     [](const FunctionFigures& f) { return static_cast<double>(f.cpu_ns) / kNsPerSecond; }},
    {"wherry_invocations_running", "gauge", "Invocations under way.",
     [](const FunctionFigures& f) { return static_cast<double>(f.running); }},
    {"wherry_queue_length", "gauge", "Requests that wait for their turn.",
     [](const FunctionFigures& f) { return static_cast<double>(f.queued); }},
    {"wherry_rejected_total", "counter", "Requests that were not let in.",
     [](const FunctionFigures& f) { return static_cast<double>(f.rejected); }},
    {"wherry_cold_starts_total", "counter", "Invocations whose slot was made for them.",
     [](const FunctionFigures& f) { return static_cast<double>(f.cold_starts); }},
    {"wherry_invocation_memory_peak_bytes", "gauge",
     "The largest linear memory of any invocation so far.",
     [](const FunctionFigures& f) { return static_cast<double>(f.memory_peak_bytes); }},
};

void write_outcomes(PrometheusText& text, const MetricsFigures& figures) {
  text.family("wherry_invocations_total", "counter", "Invocations that ended, by their outcome.");
  for (const FunctionFigures& function : figures.functions) {
    for (size_t i = 0; i < kOutcomeKinds; i++) {
      // Zeros, too: a rate needs to have seen them.
      const std::string outcome = name_of_outcome(i);
      text.sample({{"function", function.name}, {"outcome", outcome}}, function.outcomes[i]);
    }
  }
}

void write_durations(PrometheusText& text, const MetricsFigures& figures) {
  text.family("wherry_invocation_duration_seconds", "histogram",
              "How long invocations took, from their beginning to their end.");
  for (const FunctionFigures& function : figures.functions) {
    for (uint64_t bound : kBounds) {
      const std::string le = fmt::format("{}", static_cast<double>(bound) / kNsPerSecond);
      text.sample({{"function", function.name}, {"le", le}}, count_up_to(function.durations, bound),
                  "_bucket");
    }
    // Of the same counts, as a histogram's parts must fit each other.
    const uint64_t count = count_up_to(function.durations, UINT64_MAX);
    text.sample({{"function", function.name}, {"le", "+Inf"}}, count, "_bucket");
    text.sample({{"function", function.name}},
                static_cast<double>(function.duration_ns) / kNsPerSecond, "_sum");
    text.sample({{"function", function.name}}, count, "_count");
  }
}

json to_json(const FunctionFigures& function) {
  json outcomes = json::object();
  for (size_t i = 0; i < kOutcomeKinds; i++) {
    if (function.outcomes[i] == 0) continue;
    outcomes[name_of_outcome(i)] = function.outcomes[i];
  }
  json durations = json::array();  // [longest in ns, count]
  for (size_t i = 0; i < kDurationBuckets; i++) {
    if (function.durations[i] == 0) continue;
    durations.push_back({longest_of_bucket(i), function.durations[i]});
  }
  return {{"name", function.name},
          {"outcomes", std::move(outcomes)},
          {"rejected", function.rejected},
          {"cold_starts", function.cold_starts},
          {"duration_ns", function.duration_ns},
          {"cpu_ns", function.cpu_ns},
          {"running", function.running},
          {"queued", function.queued},
          {"memory_peak_bytes", function.memory_peak_bytes},
          {"p50_ms", quantile_ns(function.durations, 0.5) / 1e6},
          {"p99_ms", quantile_ns(function.durations, 0.99) / 1e6},
          {"durations", std::move(durations)}};
}

uint64_t number_of(const json& object, const std::string& key) {
  auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

Result<FunctionFigures> function_of_json(const json& object) {
  FunctionFigures function;
  auto name = object.find("name");
  if (name == object.end() || !name->is_string()) {
    return make_error(ErrorKind::kInvalid, "figures of a function without a name");
  }
  function.name = name->get<std::string>();
  if (auto outcomes = object.find("outcomes"); outcomes != object.end() && outcomes->is_object()) {
    for (size_t i = 0; i < kOutcomeKinds; i++) {
      function.outcomes[i] = number_of(*outcomes, name_of_outcome(i));
    }
  }
  function.rejected = number_of(object, "rejected");
  function.cold_starts = number_of(object, "cold_starts");
  function.duration_ns = number_of(object, "duration_ns");
  function.cpu_ns = number_of(object, "cpu_ns");
  function.running = number_of(object, "running");
  function.queued = number_of(object, "queued");
  function.memory_peak_bytes = number_of(object, "memory_peak_bytes");
  auto durations = object.find("durations");
  if (durations == object.end() || !durations->is_array()) return function;
  for (const json& pair : *durations) {
    if (!pair.is_array() || pair.size() != 2) continue;
    if (!pair[0].is_number_unsigned() || !pair[1].is_number_unsigned()) continue;
    function.durations[duration_bucket_of(pair[0].get<uint64_t>())] += pair[1].get<uint64_t>();
  }
  return function;
}

}  // namespace

void PrometheusText::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void PrometheusText::begin_sample(Labels labels, std::string_view ending) {
  text_ += name_;
  text_ += ending;
  char separator = '{';
  for (const auto& [name, value] : labels) {
    text_ += separator;
    text_ += name;
    text_ += "=\"";
    append_escaped(text_, value);
    text_ += '"';
    separator = ',';
  }
  text_ += labels.size() == 0 ? " " : "} ";
}

void PrometheusText::sample(Labels labels, uint64_t value, std::string_view ending) {
  begin_sample(labels, ending);
  text_ += fmt::format("{}\n", value);
}

void PrometheusText::sample(Labels labels, double value, std::string_view ending) {
  begin_sample(labels, ending);
  text_ += fmt::format("{}\n", value);
}

void write_figures(PrometheusText& text, const MetricsFigures& figures) {
  write_outcomes(text, figures);
  write_durations(text, figures);
  for (const SimpleFamily& family : kSimpleFamilies) {
    text.family(family.name, family.type, family.help);
    for (const FunctionFigures& function : figures.functions) {
      text.sample({{"function", function.name}}, family.value(function));
    }
  }
}

json to_json(const MetricsFigures& figures) {
  json functions = json::array();
  for (const FunctionFigures& function : figures.functions) functions.push_back(to_json(function));
  return {{"time_ns", figures.time_ns}, {"functions", std::move(functions)}};
}

Result<MetricsFigures> figures_of_json(const json& json) {
  if (!json.is_object() || !json.contains("functions") || !json["functions"].is_array()) {
    return make_error(ErrorKind::kInvalid, "these are no figures of functions");
  }
  MetricsFigures figures;
  figures.time_ns = number_of(json, "time_ns");
  for (const auto& function : json["functions"]) {
    figures.functions.push_back(TRY(function_of_json(function)));
  }
  return figures;
}

}  // namespace wherry::host
