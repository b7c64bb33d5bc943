// wherry logs: what a running server has logged lately, and with -f what it logs from now on.
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/operators.h"
#include "cli/report.h"
#include "function/manifest.h"

namespace wherry::cli {

namespace {

Result<int> logs(const LogsFlags& flags) {
  if (!flags.function.empty()) TRY(function::check_function_name(flags.function));
  std::string path = fmt::format("/v1/logs?format={}", flags.json ? "json" : "text");
  if (!flags.function.empty()) path += "&function=" + flags.function;
  if (flags.follow) path += "&follow=1&lines=10";
  TRY(follow_server(flags, path, [](std::string_view piece) {
    print_out(piece);
    return true;
  }));
  return kExitOk;
}

}  // namespace

int cmd_logs(const LogsFlags& flags) {
  auto code = logs(flags);
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
