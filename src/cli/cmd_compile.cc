// wherry compile: starts wherry-compile, which writes the output file at once or not at all.
#include <unistd.h>

#include "cli/commands.h"
#include "cli/compiler_process.h"
#include "cli/exit_codes.h"
#include "cli/report.h"

namespace wherry::cli {

int cmd_compile(const CompileFlags& flags, const Settings& settings) {
  if (::access(flags.module.c_str(), R_OK) != 0) return report(errno_error(errno, flags.module));
  CompileJob job{flags.module,   flags.output, flags.module, flags.cpu.value_or(kPortableCpuLevel),
                 flags.compiler, flags.timings};
  auto messages = run_compiler(settings.compiler, job);
  if (!messages.ok()) return report(messages.error());
  print_err(*messages);
  return kExitOk;
}

}  // namespace wherry::cli
