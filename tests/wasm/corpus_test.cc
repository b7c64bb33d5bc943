// The specification's test suite against decode() and validate().
//
//   wasm_corpus verdicts DIRECTORY                every module is accepted or refused as it says,
//                                                 for the reason it says
//   wasm_corpus mutations DIRECTORY [options]     cut and damaged modules: any verdict will do, but
//                                                 no crash, sanitizer report or endless loop
//     --sample N      every Nth module only
//     --flips N       single bit flips per module (default 1000)
//     --cuts N        truncations per module (default 16)
//     --threads N     default 1
//
// DIRECTORY is an unpacked corpus: <name>/<name>.json beside its modules.
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "base/check.h"
#include "base/files.h"
#include "suite_features.h"
#include "wasm/decode.h"
#include "wasm/validate.h"

namespace wherry::wasm {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr uint64_t kFileLimit = 64 << 20;

ByteVector read_module(const fs::path& path) {
  auto bytes = read_file(path, kFileLimit);
  WHERRY_CHECK(bytes.ok(), bytes.error().message);
  return std::move(*bytes);
}

Status decode_and_validate(Bytes bytes, const fs::path& path) {
  const Module module = TRY(decode(bytes, features_of_suite(path.string())));
  return validate(module);
}

// Sorted, so that samples and counts do not depend on the file system.
std::vector<fs::path> files_below(const fs::path& directory, std::string_view extension) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == extension) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

// --- verdicts ---------------------------------------------------------------------------------

// Where our words differ from the suite's. Each entry names its module: an alias must not hide
// other mistakes.
struct Alias {
  std::string_view corpus;
  std::string_view module;
  std::string_view suite;
  std::string_view ours;
};
constexpr Alias kAliases[] = {
    // A section or body too short for its content: the reference interpreter reads on into the next
    // section and complains about what it finds there; our readers stop at the end and say so.
    {"spec-2.0", "binary.37.wasm", "END opcode expected", "unexpected end"},
    {"spec-2.0", "binary.39.wasm", "section size mismatch", "unexpected end"},
    {"spec-2.0", "binary.40.wasm", "illegal opcode", "unexpected end"},
    {"spec-2.0", "binary.99.wasm", "length out of bounds", "unexpected end"},
    {"spec-3.0", "binary.89.wasm", "length out of bounds", "unexpected end"},
    {"spec-2.0", "binary-leb128.36.wasm", "integer representation too long", "unexpected end"},
    // Likewise, but the bytes behind the section are met first: bodies are decoded by validate().
    {"spec-2.0", "binary-leb128.40.wasm", "integer representation too long",
     "malformed section id"},
    {"spec-2.0", "binary-leb128.43.wasm", "integer representation too long",
     "malformed section id"},
    {"spec-2.0", "binary-leb128.65.wasm", "integer representation too long",
     "malformed section id"},
    {"spec-2.0", "binary-leb128.66.wasm", "integer representation too long",
     "malformed section id"},
    {"spec-2.0", "binary-leb128.71.wasm", "integer representation too long",
     "malformed section id"},
    {"spec-2.0", "binary-leb128.72.wasm", "integer representation too long",
     "malformed section id"},
    {"spec-3.0", "binary.37.wasm", "END opcode expected", "unexpected end"},
    {"spec-3.0", "binary.39.wasm", "section size mismatch", "unexpected end"},
    {"spec-3.0", "binary-leb128.25.wasm", "integer representation too long", "unexpected end"},
    {"spec-3.0", "binary-leb128.26.wasm", "integer representation too long", "unexpected end"},
    {"spec-3.0", "binary-leb128.36.wasm", "integer representation too long", "unexpected end"},
    {"spec-3.0", "binary-leb128.48.wasm", "integer too large", "unexpected end"},
    {"spec-3.0", "binary-leb128.49.wasm", "integer too large", "unexpected end"},
    {"spec-3.0", "binary-leb128.50.wasm", "integer too large", "unexpected end"},
    {"spec-3.0", "binary-leb128.51.wasm", "integer too large", "unexpected end"},
    {"spec-3.0", "binary-leb128.40.wasm", "integer representation too long",
     "malformed section id"},
    {"spec-3.0", "binary-leb128.43.wasm", "integer representation too long",
     "malformed section id"},
    {"spec-3.0", "binary-leb128.65.wasm", "integer too large", "malformed section id"},
    {"spec-3.0", "binary-leb128.66.wasm", "integer too large", "malformed section id"},
    {"spec-3.0", "binary-leb128.71.wasm", "integer too large", "malformed section id"},
    {"spec-3.0", "binary-leb128.72.wasm", "integer too large", "malformed section id"},
    // 2.0 calls unknown limits flags an integer too large for one bit, 3.0 malformed.
    {"spec-2.0", "binary.86.wasm", "integer too large", "malformed limits flags"},
    {"spec-2.0", "binary.87.wasm", "integer too large", "malformed limits flags"},
    {"spec-2.0", "binary.88.wasm", "integer representation too long", "malformed limits flags"},
    {"spec-2.0", "binary.91.wasm", "integer too large", "malformed limits flags"},
    {"spec-2.0", "binary.92.wasm", "integer too large", "malformed limits flags"},
    {"spec-2.0", "binary.93.wasm", "integer representation too long", "malformed limits flags"},
    {"spec-2.0", "binary.94.wasm", "integer representation too long", "malformed limits flags"},
    // 3.0 turned the words around.
    {"spec-2.0", "global.1.wasm", "global is immutable", "immutable global"},
    {"spec-2.0", "global.2.wasm", "global is immutable", "immutable global"},
};

// The exceptions' texts go on after a colon with what the reference validator says there.
std::string_view comparable(std::string_view text) {
  constexpr std::string_view kMismatch = "type mismatch";
  return text.starts_with(kMismatch) ? kMismatch : text;
}

bool says(const std::string& message, const fs::path& path, std::string_view text) {
  text = comparable(text);
  if (message.starts_with(text)) return true;
  return std::ranges::any_of(kAliases, [&](const Alias& alias) {
    return path.string().find(alias.corpus) != std::string::npos &&
           alias.module == path.filename().string() && alias.suite == text &&
           message.starts_with(alias.ours);
  });
}

// 3.0 modules that need garbage collection are refused with its name; all others must pass.
bool needs_gc(const Status& status) {
  return !status.ok() && status.error().kind == ErrorKind::kUnsupported &&
         status.error().message.find("needs the gc feature") != std::string::npos;
}

class Verdicts {
 public:
  void run_file(const fs::path& path) {
    const auto script = nlohmann::json::parse(as_text(read_module(path)));
    for (const auto& command : script.at("commands")) run_command(path, command);
  }

  bool report() const {
    for (const auto& [kind, counts] : counts_) {
      fmt::print("{:<24} {:>6} passed {:>4} failed {:>5} text, skipped {:>4} gc, skipped\n", kind,
                 counts.passed, counts.failed, counts.text, counts.gc);
    }
    const bool saw_all = counts_.contains("assert_invalid") && counts_.contains("assert_malformed");
    return saw_all &&
           std::ranges::all_of(counts_, [](const auto& item) { return item.second.failed == 0; });
  }

 private:
  struct Counts {
    int passed = 0;
    int failed = 0;
    int text = 0;
    int gc = 0;
  };

  void run_command(const fs::path& path, const nlohmann::json& command) {
    if (!command.contains("filename")) return;
    const std::string kind = command.at("type");
    Counts& counts = counts_[kind];
    if (command.value("module_type", "binary") != "binary") {
      counts.text++;
      return;
    }
    const std::string name = command.at("filename");
    const ByteVector bytes = read_module(path.parent_path() / name);
    const Status status = decode_and_validate(bytes, path);
    if (needs_gc(status)) {
      counts.gc++;
      return;
    }
    const bool refuses = kind == "assert_invalid" || kind == "assert_malformed";
    const std::string text = refuses ? command.at("text").get<std::string>() : "";
    const bool passed =
        refuses ? !status.ok() && says(status.error().message, path.parent_path() / name, text)
                : status.ok();
    (passed ? counts.passed : counts.failed)++;
    if (passed) return;
    fmt::print("{} line {}, {}: expected {}, got {}\n", name, command.value("line", 0), kind,
               refuses ? text : "ok", status.ok() ? "ok" : status.error().message);
  }

  std::map<std::string, Counts> counts_;
};

bool run_verdicts(const fs::path& directory) {
  Verdicts verdicts;
  for (const fs::path& path : files_below(directory, ".json")) verdicts.run_file(path);
  return verdicts.report();
}

// --- mutations --------------------------------------------------------------------------------

struct MutationOptions {
  size_t sample = 1;
  size_t flips = 1000;
  size_t cuts = 16;
  size_t threads = 1;
};

struct MutationCounts {
  std::atomic<uint64_t> runs = 0;
  std::atomic<uint64_t> accepted = 0;
  std::atomic<uint64_t> slowest_us = 0;
};

void run_once(Bytes bytes, const fs::path& path, MutationCounts& counts) {
  const auto start = Clock::now();
  if (decode_and_validate(bytes, path).ok()) counts.accepted++;
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  const auto elapsed_us = static_cast<uint64_t>(elapsed.count());
  counts.runs++;
  uint64_t slowest = counts.slowest_us;
  while (elapsed_us > slowest && !counts.slowest_us.compare_exchange_weak(slowest, elapsed_us)) {
  }
}

// Each mutant is a heap block of exactly its size, so that a sanitizer sees the first byte too far.
void mutate(const fs::path& path, uint64_t seed, const MutationOptions& options,
            MutationCounts& counts) {
  const ByteVector original = read_module(path);
  for (size_t i = 0; i < options.cuts; i++) {
    const size_t size = original.size() * i / options.cuts;
    run_once(ByteVector(original.begin(), original.begin() + static_cast<ptrdiff_t>(size)), path,
             counts);
  }
  if (original.empty()) return;
  std::mt19937_64 random(seed);
  ByteVector mutant = original;
  for (size_t i = 0; i < options.flips; i++) {
    const uint64_t bit = random() % (original.size() * 8);
    mutant[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    run_once(mutant, path, counts);
    mutant[bit / 8] = original[bit / 8];
  }
}

bool run_mutations(const fs::path& directory, const MutationOptions& options) {
  std::vector<fs::path> modules = files_below(directory, ".wasm");
  MutationCounts counts;
  std::atomic<size_t> next = 0;
  const auto start = Clock::now();
  const auto work = [&modules, &counts, &next, &options] {
    for (size_t i = next++; i * options.sample < modules.size(); i = next++) {
      mutate(modules[i * options.sample], i, options, counts);
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < options.threads; i++) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  fmt::print("{} runs, {} accepted, the slowest {} us, {:.1f} s\n", counts.runs.load(),
             counts.accepted.load(), counts.slowest_us.load(), elapsed.count());
  return counts.runs > 0;
}

int usage() {
  fmt::print(stderr,
             "usage: wasm_corpus verdicts|mutations DIRECTORY [--sample N] [--flips N] "
             "[--cuts N] [--threads N]\n");
  return 2;
}

int run(int argc, char** argv) {
  if (argc < 3) return usage();
  const std::string verb = argv[1];
  MutationOptions options;
  const std::map<std::string, size_t*> flags = {{"--sample", &options.sample},
                                                {"--flips", &options.flips},
                                                {"--cuts", &options.cuts},
                                                {"--threads", &options.threads}};
  for (int i = 3; i < argc; i += 2) {
    const auto flag = flags.find(argv[i]);
    if (flag == flags.end() || i + 1 == argc) return usage();
    *flag->second = std::max(1ul, std::strtoul(argv[i + 1], nullptr, 10));
  }
  if (verb == "verdicts") return run_verdicts(argv[2]) ? 0 : 1;
  if (verb == "mutations") return run_mutations(argv[2], options) ? 0 : 1;
  return usage();
}

}  // namespace
}  // namespace wherry::wasm

int main(int argc, char** argv) { return wherry::wasm::run(argc, argv); }
