// wherry_spec [--profile dev|release] [--cpu LEVEL] SKIPS DIRECTORY/NAME…: runs files of the suite
// and prints what came of them.
//
// SKIPS has a rule a line: file, error text, number of skipped commands, reason, separated by tabs.
#include <fmt/core.h>

#include <optional>
#include <sstream>

#include "base/cpu.h"
#include "base/files.h"
#include "script.h"

namespace wherry::spec {

Result<std::vector<SkipRule>> read_rules(const std::string& path) {
  ByteVector bytes = TRY(read_file(path, 1 << 20));
  std::istringstream lines{std::string(as_text(bytes))};
  std::vector<SkipRule> rules;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream fields(line);
    SkipRule rule;
    std::getline(fields, rule.file, '\t');
    std::getline(fields, rule.error, '\t');
    std::string count;
    std::getline(fields, count, '\t');
    rule.count = std::stoi(count);
    std::getline(fields, rule.reason, '\t');
    rules.push_back(rule);
  }
  return rules;
}

void print(const std::string& name, const Counts& counts) {
  fmt::print("{}: {} passed, {} failed", name, counts.passed, counts.failed);
  for (const auto& [reason, count] : counts.skipped) fmt::print(", {} skipped ({})", count, reason);
  fmt::print("\n");
}

struct Arguments {
  compile::CompileOptions options{.threads = 1};
  std::string skips;
  std::vector<std::string> files;
};

std::optional<Arguments> parse(std::vector<std::string> words) {
  Arguments out;
  while (words.size() >= 2 && words[0].starts_with("--")) {
    auto profile = contract::parse_profile(words[1]);
    auto cpu = parse_cpu_level(words[1]);
    if (words[0] == "--profile" && profile) {
      out.options.profile = *profile;
    } else if (words[0] == "--cpu" && cpu) {
      out.options.cpu = *cpu;
    } else {
      return std::nullopt;
    }
    words.erase(words.begin(), words.begin() + 2);
  }
  if (words.size() < 2) return std::nullopt;
  out.skips = words[0];
  out.files.assign(words.begin() + 1, words.end());
  return out;
}

Result<int> run(const Arguments& arguments) {
  std::vector<SkipRule> rules = TRY(read_rules(arguments.skips));
  Counts total;
  for (const std::string& file : arguments.files) {
    std::string name = file.substr(file.rfind('/') + 1);
    std::vector<SkipRule> own;
    for (const SkipRule& rule : rules) {
      if (name == rule.file) own.push_back(rule);
    }
    Script script(file, name, own, arguments.options);
    Counts counts = TRY(script.run());
    total.passed += counts.passed;
    total.failed += counts.failed;
    for (const auto& [reason, count] : counts.skipped) total.skipped[reason] += count;
    print(name, counts);
  }
  if (arguments.files.size() > 1) print("total", total);
  return total.failed;
}

}  // namespace wherry::spec

int main(int argc, char** argv) {
  auto arguments = wherry::spec::parse({argv + 1, argv + argc});
  if (!arguments) {
    fmt::print(
        stderr,
        "usage: wherry_spec [--profile dev|release] [--cpu LEVEL] SKIPS DIRECTORY/NAME...\n");
    return 2;
  }
  auto failed = wherry::spec::run(*arguments);
  if (!failed.ok()) {
    fmt::print(stderr, "error: {}\n", failed.error().message);
    return 2;
  }
  return *failed == 0 ? 0 : 1;
}
