// wherry initialize: a module in, a module out. It appears at once or not at all.
#include "base/files.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/initialize_module.h"
#include "cli/report.h"

namespace wherry::cli {

namespace {

Status initialize_file(const InitializeFlags& flags, const Settings& settings) {
  CachedCompiler compiler(settings);
  TRY(check_directory_of(flags.output));
  ByteVector module = TRY(read_file(flags.module, kMaxModuleBytes));
  ByteVector initialized =
      TRY(initialize_module(module, flags.module, flags.allowed, flags.features, compiler));
  return write_file_atomically(flags.output, initialized);
}

}  // namespace

int cmd_initialize(const InitializeFlags& flags, const Settings& settings) {
  Status done = initialize_file(flags, settings);
  return done.ok() ? kExitOk : report(done.error());
}

}  // namespace wherry::cli
