#include "cli/host_program.h"

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/packaged.h"
#include "cli/report.h"

namespace wherry::cli {

int host_program(int argc, char** argv, OutboundAccess::Make make_outbound) {
  auto package = find_package();
  if (!package.ok()) return report(package.error());
  CompiledOnly modules;
  OutboundAccess outbound(make_outbound);
  if (*package) return packaged_program(**package, argc, argv, modules, outbound);

  auto line = parse_command_line(Program::kWherryHost, {argv + 1, static_cast<size_t>(argc - 1)});
  if (!line.ok()) return report(line.error());
  if (auto* text = std::get_if<Text>(&*line)) return print_out(text->text), kExitOk;
  if (auto* flags = std::get_if<RunFlags>(&*line)) return cmd_run(*flags, modules);
  if (auto* flags = std::get_if<InvokeFlags>(&*line)) return cmd_invoke(*flags, modules, outbound);
  if (auto* flags = std::get_if<ServeFlags>(&*line)) {
    auto settings = read_settings();
    if (!settings.ok()) return report(settings.error());
    return cmd_serve(*flags, modules, *settings, outbound);
  }
  return kExitBug;
}

}  // namespace wherry::cli
