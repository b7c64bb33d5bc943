#include "bench/files.h"

#include "base/check.h"
#include "base/embedded.h"
#include "base/files.h"

namespace wherry::bench {

// Of bench_files.S, which the build makes.
extern "C" const EmbeddedFile wherry_bench_files[];
extern "C" const uint64_t wherry_bench_file_count;

std::string_view asset(std::string_view name) {
  const std::string whole = "assets/" + std::string(name);
  for (uint64_t i = 0; i < wherry_bench_file_count; i++) {
    if (whole == wherry_bench_files[i].name) return wherry_bench_files[i].text();
  }
  WHERRY_CHECK(false, whole);
  return {};
}

Status write_files(std::string_view prefix, const std::string& directory) {
  for (uint64_t i = 0; i < wherry_bench_file_count; i++) {
    const EmbeddedFile& file = wherry_bench_files[i];
    std::string_view name = file.name;
    if (!name.starts_with(prefix)) continue;
    const std::string path = directory + "/" + std::string(name.substr(prefix.size()));
    TRY(make_directories(path.substr(0, path.rfind('/'))));
    TRY(write_file_atomically(path, file.bytes()));
  }
  return ok_status();
}

const std::vector<BuiltInSuite>& built_in_suites() {
  static const std::vector<BuiltInSuite> suites = {
      {"report-2019", "examples/report-2019"},
      {"kernels", "bench/kernels"},
  };
  return suites;
}

}  // namespace wherry::bench
