// wherry_differential [--seed N] [--calls K] [--seconds S] [--strict]
// [--node NODE --script run_node.mjs] MODULE...: calls the exported functions of modules with
// seeded arguments in all engines (engines.h), and says where two of them disagree. Exits with 1 if
// any do.
//
// With --seconds it goes on with the next seeds until that time is over.
#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "base/files.h"
#include "engines.h"
#include "wasm/decode.h"
#include "wasm/validate.h"

namespace wherry::differential {
namespace {

struct Flags {
  uint64_t seed = 1, calls = 400, seconds = 0;
  bool strict = false;
  std::string node, script;
  std::vector<std::string> modules;
};

struct Counts {
  uint64_t calls = 0, returned = 0, trapped = 0, exited = 0, stopped = 0;
  uint64_t in_node = 0, disagreements = 0;
};

void report(const std::string& module, uint64_t seed, size_t round, const Call& call,
            const std::string& why, const std::string& left_name, const Outcome& left,
            const std::string& right_name, const Outcome& right) {
  fmt::print("{}: {}\n  seed {}, round {}: {}\n  {}: {}\n  {}: {}\n", module, why, seed, round,
             describe(call), left_name, describe(left), right_name, describe(right));
}

// Compares up to the shorter round; one that ends earlier was stopped there, and is not compared
// with how the other went on.
void compare(const Flags& flags, const std::string& module, uint64_t seed, const Plan& plan,
             const std::string& left_name, const Outcomes& left, const std::string& right_name,
             const Outcomes& right, Counts& counts) {
  for (size_t round = 0; round < plan.rounds.size(); round++) {
    size_t length = std::min(left[round].size(), right[round].size());
    for (size_t i = 0; i < length; i++) {
      const Outcome &a = left[round][i], &b = right[round][i];
      if (a.kind == Outcome::Kind::kStopped || b.kind == Outcome::Kind::kStopped) break;
      std::string why = difference(a, b, flags.strict);
      if (why.empty()) continue;
      report(module, seed, round, plan.rounds[round].calls[i], why, left_name, a, right_name, b);
      counts.disagreements++;
      break;  // what follows is built on it
    }
  }
}

void count(const Outcomes& outcomes, Counts& counts) {
  for (const auto& round : outcomes) {
    for (const Outcome& outcome : round) {
      counts.calls++;
      switch (outcome.kind) {
        case Outcome::Kind::kReturned: counts.returned++; break;
        case Outcome::Kind::kTrapped: counts.trapped++; break;
        case Outcome::Kind::kExited: counts.exited++; break;
        case Outcome::Kind::kStopped: counts.stopped++; break;
      }
    }
  }
}

// A module, compiled in every variant; once for all seeds.
struct Subject {
  std::string path;
  ByteVector bytes;
  wasm::Module module;  // of `bytes`
  std::vector<std::shared_ptr<const runtime::CompiledModule>> compiled;
};

Result<std::unique_ptr<Subject>> prepare(const std::string& path) {
  auto subject = std::make_unique<Subject>();
  subject->path = path;
  subject->bytes = TRY(read_file(path, 64 << 20));
  subject->module = TRY(wasm::decode(subject->bytes));
  TRY(wasm::validate(subject->module));
  for (const Variant& variant : variants()) {
    subject->compiled.push_back(
        TRY(compile_variant(variant, subject->bytes).context("in {}", variant.name)));
  }
  return subject;
}

Result<Counts> run(const Flags& flags, const Subject& subject, uint64_t seed) {
  const std::string& path = subject.path;
  Plan plan = TRY(make_plan(subject.module, seed, flags.calls));
  std::vector<Variant> ours = variants();
  std::vector<Outcomes> outcomes;
  for (size_t i = 0; i < ours.size(); i++) {
    outcomes.push_back(TRY(
        run_compiled(subject.compiled[i], subject.module, plan).context("in {}", ours[i].name)));
  }
  Counts counts;
  count(outcomes[0], counts);
  for (size_t i = 1; i < ours.size(); i++) {
    compare(flags, path, seed, plan, ours[0].name, outcomes[0], ours[i].name, outcomes[i], counts);
  }
  if (flags.node.empty()) return counts;

  // Up to, and not with, what one of ours had to stop.
  std::vector<size_t> lengths(plan.rounds.size());
  for (size_t round = 0; round < lengths.size(); round++) {
    lengths[round] = plan.rounds[round].calls.size();
    for (const Outcomes& variant : outcomes) {
      bool stopped = variant[round].back().kind == Outcome::Kind::kStopped;
      lengths[round] = std::min(lengths[round], variant[round].size() - (stopped ? 1 : 0));
    }
  }
  Outcomes node =
      TRY(run_node(flags.node, flags.script, subject.bytes, subject.module, plan, lengths));
  for (const auto& round : node) counts.in_node += round.size();
  compare(flags, path, seed, plan, ours[0].name, outcomes[0], "Node", node, counts);
  return counts;
}

void print(const std::string& path, uint64_t seed, const Counts& counts) {
  fmt::print(
      "{}: seed {}, {} calls ({} returned, {} trapped, {} exited, {} stopped), {} in Node, {} "
      "disagreements\n",
      path.substr(path.rfind('/') + 1), seed, counts.calls, counts.returned, counts.trapped,
      counts.exited, counts.stopped, counts.in_node, counts.disagreements);
  std::fflush(stdout);
}

Result<uint64_t> run_all(const Flags& flags) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(flags.seconds);
  std::vector<std::unique_ptr<Subject>> subjects;
  for (const std::string& path : flags.modules) {
    subjects.push_back(TRY(prepare(path).context("{}", path)));
  }
  uint64_t disagreements = 0, seed = flags.seed;
  do {
    for (const auto& subject : subjects) {
      Counts counts = TRY(run(flags, *subject, seed).context("{}", subject->path));
      print(subject->path, seed, counts);
      disagreements += counts.disagreements;
    }
    seed++;
  } while (std::chrono::steady_clock::now() < end);
  return disagreements;
}

bool parse_number(std::string_view text, uint64_t& value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse(int count, char** words, Flags& flags) {
  for (int i = 1; i < count; i++) {
    std::string_view word = words[i];
    if (!word.starts_with("--")) {
      flags.modules.emplace_back(word);
      continue;
    }
    if (word == "--strict") {
      flags.strict = true;
      continue;
    }
    if (++i == count) return false;
    if (word == "--node")
      flags.node = words[i];
    else if (word == "--script")
      flags.script = words[i];
    else if (word == "--seed" && parse_number(words[i], flags.seed))
      continue;
    else if (word == "--calls" && parse_number(words[i], flags.calls))
      continue;
    else if (word == "--seconds" && parse_number(words[i], flags.seconds))
      continue;
    else
      return false;
  }
  return !flags.modules.empty() && flags.node.empty() == flags.script.empty() && flags.calls > 0;
}

}  // namespace
}  // namespace wherry::differential

int main(int argc, char** argv) {
  wherry::differential::Flags flags;
  if (!wherry::differential::parse(argc, argv, flags)) {
    fmt::print(stderr,
               "usage: wherry_differential [--seed N] [--calls K] [--seconds S] [--strict] "
               "[--node NODE "
               "--script run_node.mjs] MODULE...\n");
    return 2;
  }
  auto disagreements = wherry::differential::run_all(flags);
  if (!disagreements.ok()) {
    fmt::print(stderr, "error: {}\n", disagreements.error().message);
    return 2;
  }
  return *disagreements == 0 ? 0 : 1;
}
