// wherry top: what a running server's functions do, once a second.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/operators.h"
#include "cli/report.h"
#include "cli/top_view.h"
#include "host/metrics_text.h"

namespace wherry::cli {

namespace {

constexpr std::chrono::seconds kPeriod{1};
constexpr std::string_view kHomeAndClear = "\x1b[H\x1b[J";

TopOptions options_of_terminal(bool is_terminal) {
  TopOptions options;
  winsize size{};
  if (!is_terminal || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return options;
  if (size.ws_col != 0) options.width = size.ws_col;
  options.height = size.ws_row;
  options.color = std::getenv("NO_COLOR") == nullptr;
  return options;
}

Result<int> top(const TopFlags& flags) {
  if (flags.json && flags.once) {
    print_out(TRY(ask_server(flags, "/v1/metrics")) + "\n");
    return kExitOk;
  }
  bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  auto earlier = TRY(ask_server_for_json(flags, "/v1/metrics"));
  auto earlier_figures = TRY(host::figures_of_json(earlier));
  for (;;) {
    std::this_thread::sleep_for(kPeriod);
    auto later = TRY(ask_server_for_json(flags, "/v1/metrics"));
    auto later_figures = TRY(host::figures_of_json(later));
    std::string text =
        flags.json ? write_json(host::to_json(difference(later_figures, earlier_figures))) + "\n"
                   : top_view(earlier_figures, later_figures, options_of_terminal(is_terminal));
    if (is_terminal && !flags.json && !flags.once) text.insert(0, kHomeAndClear);
    print_out(text);
    if (flags.once) return kExitOk;
    earlier_figures = std::move(later_figures);
  }
}

}  // namespace

int cmd_top(const TopFlags& flags) {
  auto code = top(flags);
  return code.ok() ? *code : report(code.error());
}

}  // namespace wherry::cli
