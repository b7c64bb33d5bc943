// wherry_compile_mutations DIRECTORY [--sample N] [--flips N]: damaged modules that are valid all
// the same are compiled, in the dev profile: the compiler must take them or say what it cannot do,
// but neither crash nor call it a bug.
//
// DIRECTORY is an unpacked corpus of the specification's tests.
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>

#include "base/check.h"
#include "base/files.h"
#include "compile/compile.h"
#include "suite_features.h"
#include "wasm/decode.h"
#include "wasm/validate.h"

namespace wherry::test {
namespace {

namespace fs = std::filesystem;

struct Counts {
  size_t mutants = 0;
  size_t compiled = 0;
  size_t refused = 0;  // kUnsupported and kLimit
  size_t bugs = 0;
};

bool is_valid(Bytes bytes, wasm::Features features) {
  auto module = wasm::decode(bytes, features);
  return module.ok() && wasm::validate(*module).ok();
}

void mutate(const fs::path& path, size_t flips, uint64_t seed, Counts& counts) {
  const wasm::Features features = wasm::features_of_suite(path.string());
  ByteVector bytes = read_file(path, 64 << 20).value();
  if (bytes.empty()) return;
  std::mt19937_64 random(seed);
  compile::CompileOptions options{.threads = 1};
  options.profile = compile::Profile::kDev;
  options.features = features;
  for (size_t i = 0; i < flips; i++) {
    const uint64_t bit = random() % (bytes.size() * 8);
    bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    if (is_valid(bytes, features)) {
      counts.mutants++;
      auto artifact = compile::compile(bytes, options);
      if (artifact.ok()) {
        counts.compiled++;
      } else if (artifact.error().kind == ErrorKind::kInternal ||
                 artifact.error().kind == ErrorKind::kInvalid) {
        counts.bugs++;
        fmt::print("{}, bit {}: {}\n", path.string(), bit, artifact.error().message);
      } else {
        counts.refused++;
      }
    }
    bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
}

int run(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: wherry_compile_mutations DIRECTORY [--sample N] [--flips N]\n");
    return 2;
  }
  size_t sample = 1, flips = 20;
  for (int i = 2; i + 1 < argc; i += 2) {
    size_t& flag = std::strcmp(argv[i], "--sample") == 0 ? sample : flips;
    flag = std::max(1ul, std::strtoul(argv[i + 1], nullptr, 10));
  }
  std::vector<fs::path> modules;
  for (const auto& entry : fs::recursive_directory_iterator(argv[1])) {
    if (entry.path().extension() == ".wasm") modules.push_back(entry.path());
  }
  std::ranges::sort(modules);
  Counts counts;
  for (size_t i = 0; i < modules.size(); i += sample) mutate(modules[i], flips, i, counts);
  fmt::print("{} valid mutants, {} compiled, {} refused, {} bugs\n", counts.mutants,
             counts.compiled, counts.refused, counts.bugs);
  return counts.bugs == 0 && counts.compiled > 0 ? 0 : 1;
}

}  // namespace
}  // namespace wherry::test

int main(int argc, char** argv) { return wherry::test::run(argc, argv); }
