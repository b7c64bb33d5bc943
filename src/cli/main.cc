// wherry: every verb. Links no compiler; starts wherry-compile when something must be compiled.
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/report.h"

using namespace wherry::cli;

int main(int argc, char** argv) {
  auto line = parse_command_line(Program::kWherry, {argv + 1, static_cast<size_t>(argc - 1)});
  if (!line.ok()) return report(line.error());
  Settings settings = read_settings();
  CompileAndCache modules(settings);

  if (auto* text = std::get_if<Text>(&*line)) return print_out(text->text), kExitOk;
  if (auto* flags = std::get_if<RunFlags>(&*line)) return cmd_run(*flags, modules);
  if (auto* flags = std::get_if<CompileFlags>(&*line)) return cmd_compile(*flags, settings);
  if (auto* flags = std::get_if<InspectFlags>(&*line)) return cmd_inspect(*flags);
  if (auto* flags = std::get_if<InvokeFlags>(&*line)) return cmd_invoke(*flags, modules);
  if (auto* flags = std::get_if<ServeFlags>(&*line)) return cmd_serve(*flags, modules, settings);
  return kExitBug;
}
