// wherry functions: what a running server serves.
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/operators.h"
#include "cli/report.h"

namespace wherry::cli {

namespace {

using nlohmann::json;

std::string table_of(const json& functions) {
  size_t width = 8;
  for (const json& one : functions) width = std::max(width, one.value("name", "").size());
  std::string text =
      fmt::format("{:<{}}  {:<8} {:>8} {:>7} {:>12} {:>8} {:>9} {:>12}\n", "function", width, "abi",
                  "running", "queued", "invocations", "errors", "rejected", "peak memory");
  for (const json& one : functions) {
    text += fmt::format("{:<{}}  {:<8} {:>8} {:>7} {:>12} {:>8} {:>9} {:>8} KiB\n",
                        one.value("name", ""), width, one.value("abi", "none"),
                        one.value("running", uint64_t{0}), one.value("queued", uint64_t{0}),
                        one.value("invocations", uint64_t{0}), one.value("errors", uint64_t{0}),
                        one.value("rejected", uint64_t{0}),
                        one.value("memory_peak_bytes", uint64_t{0}) / 1024);
  }
  return text;
}

Result<int> functions(const FunctionsFlags& flags) {
  json all = TRY(ask_server_for_json(flags, "/v1/functions"));
  if (!all.is_array()) return make_error(ErrorKind::kInvalid, "the server's answer is no list");
  print_out(flags.json ? all.dump(2) + "\n" : table_of(all));
  return kExitOk;
}

}  // namespace

int cmd_functions(const FunctionsFlags& flags) {
  auto code = functions(flags);
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
