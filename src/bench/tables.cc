#include "bench/tables.h"

#include <algorithm>

#include "bench/recommendation.h"

namespace wherry::bench {

namespace {

constexpr size_t kNameWidth = 22;
constexpr size_t kCellWidth = 10;

// Columns are characters, not bytes.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string right(const std::string& text, size_t width) {
  const size_t have = width_of(text);
  return have < width ? std::string(width - have, ' ') + text : " " + text;
}

std::string left(const std::string& text, size_t width) {
  const size_t have = width_of(text);
  return have < width ? text + std::string(width - have, ' ') : text + " ";
}

// Those that have a part in some workload.
std::vector<std::string> columns_of(const Results& results) {
  std::vector<std::string> names;
  for (const FoundEngine& found : results.engines) {
    if (found.is_installed()) names.push_back(found.engine.name);
  }
  return names;
}

// A mean of one is no news.
bool has_means(const Results& results) {
  return std::ranges::count_if(results.workloads, [](const WorkloadResult& result) {
           return !result.workload.is_empty && !result.baseline.empty();
         }) > 1;
}

const char* short_word(Run::State state) {
  switch (state) {
    case Run::State::kOk: return "ok";
    case Run::State::kMissing: return "-";
    case Run::State::kUnsupported: return "n/a";
    case Run::State::kRefused: return "REFUSED";
    case Run::State::kCrashed: return "CRASHED";
    case Run::State::kFailed: return "FAILED";
    case Run::State::kWrongOutput: return "WRONG";
    case Run::State::kTimedOut: return "TOO SLOW";
    case Run::State::kNotRun: return "-";
  }
  return "";
}

std::string cell_of(const WorkloadResult& result, const Run* run) {
  if (run == nullptr) return "-";
  if (!run->is_good()) return short_word(run->state);
  if (result.workload.is_empty) return seconds_text(median(run->wall_s()));
  if (run->engine == result.baseline) return seconds_text(median(run->cpu_s()));
  auto ratio = result.relative_time_of(*run);
  return ratio ? fmt::format("{:.2f}", *ratio) : "-";
}

bool is_telling(const Run& run) {
  return run.state != Run::State::kOk && run.state != Run::State::kMissing &&
         run.state != Run::State::kUnsupported;
}

std::string ratio_text(const Ratio& ratio) {
  return fmt::format("{:.2f} ({:.2f}–{:.2f})", ratio.value, ratio.low, ratio.high);
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// In a cell of a table.
std::string markdown_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|' || c == '\\' || c == '<' || c == '`' || c == '*' || c == '_') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string or_dash(const std::vector<double>& seconds) {
  return seconds.empty() ? "–" : seconds_text(median(seconds));
}

std::string list_of_problems(const Results& results, std::string_view bullet) {
  std::string text;
  for (const WorkloadResult& result : results.workloads) {
    if (!result.problem.empty()) {
      text += fmt::format("{}{}: no module: {}\n", bullet, result.workload.name, result.problem);
    }
    for (const Run& run : result.runs) {
      if (!is_telling(run)) continue;
      text += fmt::format("{}{}, {}: {}: {}\n", bullet, result.workload.name, run.engine,
                          name_of(run.state), run.why);
    }
  }
  for (const FoundEngine& found : results.engines) {
    if (found.is_installed()) continue;
    text +=
        fmt::format("{}{}: {} ({})\n", bullet, found.engine.name, found.missing, found.engine.get);
  }
  for (const std::string& warning : results.warnings)
    text += fmt::format("{}{}\n", bullet, warning);
  return text;
}

void add_engines(std::string& text, const Results& results) {
  text += "\n## Engines\n\n| engine | what | version |\n|---|---|---|\n";
  for (const FoundEngine& found : results.engines) {
    text += fmt::format("| {} | {} ({}) | {} |\n", found.engine.name,
                        markdown_text(found.engine.title), found.engine.kind,
                        found.is_installed() ? markdown_text(found.version)
                                             : "not installed: " + markdown_text(found.engine.get));
  }
}

void add_workload(std::string& text, const WorkloadResult& result) {
  text += fmt::format("\n## {}\n\n", markdown_text(result.workload.title));
  if (!result.problem.empty()) text += "No module: " + markdown_text(result.problem) + "\n\n";
  text +=
      "| engine | CPU time | relative | wall | spread | rounds | peak memory | compile time |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const Run& run : result.runs) {
    if (!run.is_good()) {
      text += fmt::format("| {} | {} | | | | | | |\n", run.engine, name_of(run.state));
      continue;
    }
    const Summary cpu = summarize(run.cpu_s());
    auto ratio = result.ratio_of(run);
    text += fmt::format("| {} | {} | {} | {} | {:.1f} % | {} | {} | {} |\n", run.engine,
                        seconds_text(cpu.median), ratio ? ratio_text(*ratio) : "–",
                        seconds_text(median(run.wall_s())), cpu.spread * 100, cpu.count,
                        bytes_text(run.peak_bytes()),
                        run.prepare.empty() ? "when it runs" : seconds_text(run.prepare_wall_s));
  }
}

void add_platforms(std::string& text, const Platforms& platforms) {
  text += fmt::format(
      "\n## Packages of one function\n\n{}; short invocation {}, long {}; {} clients where many "
      "can ask.\n\n"
      "| package | runs in | size | cold start | invocation | per second | long invocation |\n"
      "|---|---|---|---|---|---|---|\n",
      markdown_text(platforms.function), markdown_text(platforms.short_input),
      markdown_text(platforms.long_input), platforms.clients);
  for (const PlatformResult& row : platforms.rows) {
    if (!row.is_run()) {
      text += fmt::format("| {} | not run: {} | | | | | |\n", row.target,
                          markdown_text(row.problem.empty() ? row.where : row.problem));
      continue;
    }
    text += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {} |\n", row.target, markdown_text(row.where),
        row.package_bytes == 0 ? "–" : bytes_text(row.package_bytes), or_dash(row.cold_s),
        or_dash(row.warm_s), row.per_second ? fmt::format("{:.0f}", *row.per_second) : "–",
        or_dash(row.long_s));
  }
}

}  // namespace

std::string bytes_text(uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  const double kib = static_cast<double>(bytes) / 1024;
  if (kib < 1023.5) return fmt::format("{:.0f} KiB", kib);
  const double mib = kib / 1024;
  if (mib < 99.95) return fmt::format("{:.1f} MiB", mib);
  if (mib < 1023.5) return fmt::format("{:.0f} MiB", mib);
  return fmt::format("{:.1f} GiB", mib / 1024);
}

std::string table_header(const Results& results) {
  std::string line = left("workload", kNameWidth);
  for (const std::string& name : columns_of(results)) line += right(name, kCellWidth);
  return line + "\n";
}

std::string table_row(const Results& results, const WorkloadResult& result) {
  std::string line = left(result.workload.name, kNameWidth);
  for (const std::string& name : columns_of(results)) {
    line += right(cell_of(result, result.run_of(name)), kCellWidth);
  }
  return line + "\n";
}

std::string table_footer(const Results& results) {
  std::string text;
  if (has_means(results)) {
    text += left("geometric mean", kNameWidth);
    std::string notes;
    for (const std::string& name : columns_of(results)) {
      auto mean = geometric_mean_of(results, name);
      text += right(mean ? fmt::format("{:.3f}", mean->ratio) : "-", kCellWidth);
      const size_t all = workloads_in_mean(results, name);
      if (mean && mean->workloads < all) {
        notes += fmt::format("{}: its mean is of {} of {} workloads\n", name, mean->workloads, all);
      }
    }
    text += "\n" + notes;
  }
  const std::string problems = list_of_problems(results, "");
  if (!problems.empty()) text += "\n" + problems;
  return text;
}

std::string platforms_text(const Platforms& platforms) {
  std::string text = left("package", 20) + right("cold start", 12) + right("invocation", 12) +
                     right("per second", 12) + right("long", 12) + right("size", 10) +
                     "  runs in\n";
  for (const PlatformResult& row : platforms.rows) {
    text += left(row.target, 20);
    if (!row.is_run()) {
      text += fmt::format("  not run: {}\n", row.problem.empty() ? row.where : row.problem);
      continue;
    }
    text += right(or_dash(row.cold_s), 12) + right(or_dash(row.warm_s), 12) +
            right(row.per_second ? fmt::format("{:.0f}", *row.per_second) : "–", 12) +
            right(or_dash(row.long_s), 12) +
            right(row.package_bytes == 0 ? "–" : bytes_text(row.package_bytes), 10) + "  " +
            row.where + "\n";
  }
  return text;
}

std::string markdown_of(const Results& results) {
  std::string text = fmt::format("# {}\n\n", markdown_text(results.title));
  text += fmt::format(
      "{}, {} mode, {}: {} cores of {}{}, {}. CPU time is user and system time of whole processes; "
      "medians; ratios to the first engine that ran, with a confidence of 95 %.\n",
      results.began, name_of(results.mode), results.is_interrupted ? "interrupted" : "whole",
      results.machine.cores, markdown_text(results.machine.cpu),
      results.machine.is_virtual ? " (virtual)" : "", markdown_text(results.machine.kernel));
  const auto columns = columns_of(results);
  text += "\n| workload |";
  for (const std::string& name : columns) text += " " + name + " |";
  text += "\n|---|";
  for (size_t i = 0; i < columns.size(); i++) text += "---|";
  text += "\n";
  for (const WorkloadResult& result : results.workloads) {
    text += "| " + markdown_text(result.workload.title) + " |";
    for (const std::string& name : columns)
      text += " " + cell_of(result, result.run_of(name)) + " |";
    text += "\n";
  }
  if (has_means(results)) {
    text += "| geometric mean |";
    for (const std::string& name : columns) {
      auto mean = geometric_mean_of(results, name);
      text += mean ? fmt::format(" {:.3f} |", mean->ratio) : " – |";
    }
    text += "\n";
  }
  const std::vector<std::string> advice = recommend(results);
  if (!advice.empty()) text += "\n## Which engine\n\n";
  for (const std::string& line : advice) text += "- " + markdown_text(line) + "\n";
  const std::string problems = list_of_problems(results, "- ");
  if (!problems.empty()) text += "\n## What to know\n\n" + problems;
  add_engines(text, results);
  for (const WorkloadResult& result : results.workloads) add_workload(text, result);
  if (results.platforms) add_platforms(text, *results.platforms);
  return text;
}

std::string csv_of(const Results& results) {
  std::string text = "workload,engine,state,round,user_s,system_s,wall_s,peak_bytes,own_s\r\n";
  for (const WorkloadResult& result : results.workloads) {
    for (const Run& run : result.runs) {
      const std::string begin = csv_field(result.workload.name) + "," + csv_field(run.engine) +
                                "," + csv_field(name_of(run.state)) + ",";
      if (run.samples.empty()) text += begin + ",,,,,\r\n";
      for (size_t i = 0; i < run.samples.size(); i++) {
        const Sample& sample = run.samples[i];
        text += fmt::format("{}{},{:.6f},{:.6f},{:.6f},{},{}\r\n", begin, i + 1, sample.user_s,
                            sample.system_s, sample.wall_s, sample.peak_bytes,
                            sample.own_s ? fmt::format("{:.6f}", *sample.own_s) : "");
      }
    }
  }
  return text;
}

}  // namespace wherry::bench
