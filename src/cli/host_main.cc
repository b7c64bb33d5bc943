// wherry-host: run, invoke and serve for compiled files; fully static, for images and zips.
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/report.h"

namespace cli = wherry::cli;

int main(int argc, char** argv) {
  auto line =
      cli::parse_command_line(cli::Program::kWherryHost, {argv + 1, static_cast<size_t>(argc - 1)});
  if (!line.ok()) return cli::report(line.error());
  cli::CompiledOnly modules;

  if (auto* text = std::get_if<cli::Text>(&*line)) return cli::print_out(text->text), cli::kExitOk;
  if (auto* flags = std::get_if<cli::RunFlags>(&*line)) return cli::cmd_run(*flags, modules);
  if (auto* flags = std::get_if<cli::InvokeFlags>(&*line)) return cli::cmd_invoke(*flags, modules);
  if (auto* flags = std::get_if<cli::ServeFlags>(&*line)) {
    auto settings = cli::read_settings();
    if (!settings.ok()) return cli::report(settings.error());
    return cli::cmd_serve(*flags, modules, *settings);
  }
  return cli::kExitBug;
}
