#include "bench/report.h"

#include <sys/stat.h>

#include "bench/page.h"
#include "bench/tables.h"

namespace wherry::bench {

namespace {

Status write_text(const std::string& path, std::string_view text) {
  return write_file_atomically(path, as_bytes(text));
}

Status write_json(const nlohmann::ordered_json& json, const std::string& directory) {
  TRY(make_directories(directory));
  const std::string text =
      json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return write_text(directory + "/" + kResultsFile, text + "\n");
}

}  // namespace

Status write_results(const Results& results, const std::string& directory) {
  return write_json(to_json(results), directory);
}

Status write_report(const Results& results, const std::string& directory) {
  nlohmann::ordered_json json = to_json(results);
  TRY(write_json(json, directory));
  TRY(write_text(directory + "/page.html", page_of(results, std::move(json))));
  TRY(write_text(directory + "/tables.md", markdown_of(results)));
  return write_text(directory + "/results.csv", csv_of(results));
}

Result<Results> read_results(const std::string& path) {
  struct stat status;
  const bool is_directory = ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  const std::string file = is_directory ? path + "/" + kResultsFile : path;
  const ByteVector text = TRY(read_file(file, kMaxResultsBytes));
  return results_of_json(as_text(text)).context("{}", file);
}

}  // namespace wherry::bench
