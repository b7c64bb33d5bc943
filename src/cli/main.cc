// wherry: every verb. Links no compiler; starts wherry-compile when something must be compiled.
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/report.h"

namespace cli = wherry::cli;

int main(int argc, char** argv) {
  auto line =
      cli::parse_command_line(cli::Program::kWherry, {argv + 1, static_cast<size_t>(argc - 1)});
  if (!line.ok()) return cli::report(line.error());
  if (auto* text = std::get_if<cli::Text>(&*line)) return cli::print_out(text->text), cli::kExitOk;
  auto settings = cli::read_settings();
  if (!settings.ok()) return cli::report(settings.error());
  cli::CompileAndCache modules(*settings, cli::compiler_flags_of(*line));
  cli::OutboundAccess outbound(cli::make_outbound_client);

  if (auto* flags = std::get_if<cli::RunFlags>(&*line)) return cli::cmd_run(*flags, modules);
  if (auto* flags = std::get_if<cli::CompileFlags>(&*line))
    return cli::cmd_compile(*flags, *settings);
  if (auto* flags = std::get_if<cli::InitializeFlags>(&*line))
    return cli::cmd_initialize(*flags, *settings);
  if (auto* flags = std::get_if<cli::InspectFlags>(&*line)) return cli::cmd_inspect(*flags);
  if (auto* flags = std::get_if<cli::InvokeFlags>(&*line))
    return cli::cmd_invoke(*flags, modules, outbound);
  if (auto* flags = std::get_if<cli::ServeFlags>(&*line))
    return cli::cmd_serve(*flags, modules, *settings, outbound);
  if (auto* flags = std::get_if<cli::PackFlags>(&*line)) return cli::cmd_pack(*flags, *settings);
  if (auto* flags = std::get_if<cli::VerifyFlags>(&*line))
    return cli::cmd_verify(*flags, *settings);
  if (auto* flags = std::get_if<cli::BenchFlags>(&*line)) return cli::cmd_bench(*flags, *settings);
  if (auto* flags = std::get_if<cli::FunctionsFlags>(&*line)) return cli::cmd_functions(*flags);
  if (auto* flags = std::get_if<cli::LogsFlags>(&*line)) return cli::cmd_logs(*flags);
  if (auto* flags = std::get_if<cli::TopFlags>(&*line)) return cli::cmd_top(*flags);
  if (auto* flags = std::get_if<cli::DoctorFlags>(&*line))
    return cli::cmd_doctor(*flags, modules, *settings, outbound);
  if (auto* flags = std::get_if<cli::CacheFlags>(&*line)) return cli::cmd_cache(*flags, *settings);
  return cli::kExitBug;
}
