// wherry_spec SKIPS DIRECTORY/NAME…: runs files of the suite and prints what came of them.
//
// SKIPS has a rule a line: file, error text, number of skipped commands, reason, separated by tabs.
#include <fmt/core.h>

#include <sstream>

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

Result<int> run(const std::string& skips, const std::vector<std::string>& files) {
  std::vector<SkipRule> rules = TRY(read_rules(skips));
  Counts total;
  for (const std::string& file : files) {
    std::string name = file.substr(file.rfind('/') + 1);
    std::vector<SkipRule> own;
    for (const SkipRule& rule : rules) {
      if (name == rule.file) own.push_back(rule);
    }
    Script script(file, name, own);
    Counts counts = TRY(script.run());
    total.passed += counts.passed;
    total.failed += counts.failed;
    for (const auto& [reason, count] : counts.skipped) total.skipped[reason] += count;
    print(name, counts);
  }
  if (files.size() > 1) print("total", total);
  return total.failed;
}

}  // namespace wherry::spec

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: wherry_spec SKIPS DIRECTORY/NAME...\n");
    return 2;
  }
  auto failed = wherry::spec::run(argv[1], {argv + 2, argv + argc});
  if (!failed.ok()) {
    fmt::print(stderr, "error: {}\n", failed.error().message);
    return 2;
  }
  return *failed == 0 ? 0 : 1;
}
