// wherry compile: what the cache has is copied, all else is compiled there first. With --timings,
// or without a cache, the compiler writes the output file itself. It appears at once or not at all.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "artifact/artifact.h"
#include "base/files.h"
#include "cli/cached_compiler.h"
#include "cli/commands.h"
#include "cli/compiler_process.h"
#include "cli/exit_codes.h"
#include "cli/modules.h"
#include "cli/report.h"

namespace wherry::cli {

namespace {

// Before minutes are spent on what could not be written.
Status check_output(const std::string& output) {
  size_t slash = output.rfind('/');
  std::string directory = slash == output.npos ? "." : output.substr(0, slash + 1);
  FileDescriptor open(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!open.is_open()) return errno_error(errno, directory);
  return ok_status();
}

Status compile_to_file(const CompileFlags& flags, const Settings& settings,
                       const CompilerOptions& options) {
  CompileJob job{flags.module, flags.output, flags.module, flags.cpu.value_or(kPortableCpuLevel),
                 options,      flags.timings};
  print_err(TRY(run_compiler(settings.compiler, job)));
  return ok_status();
}

Status compile_through_cache(const CompileFlags& flags, CachedCompiler& compiler,
                             const CompilerOptions& options) {
  TRY(check_output(flags.output));
  ByteVector module = TRY(read_file(flags.module, kMaxModuleBytes));
  CpuLevel cpu = flags.cpu.value_or(kPortableCpuLevel);
  CachedCompiler::Work work{module, flags.module,
                            cache_key(module, options, cpu, compiler.settings().compiler)};
  ByteVector artifact;
  // It may be for another CPU than this one, so it is not mapped.
  auto accept = [&artifact, &flags](int fd) -> Status {
    artifact = TRY(read_descriptor(fd, flags.output, UINT64_MAX));
    TRY(artifact::Artifact::read_header(artifact, flags.output));
    return ok_status();
  };
  if (!compiler.find(work.key, accept)) TRY(compiler.make(work, accept));
  return write_file_atomically(flags.output, artifact);
}

}  // namespace

int cmd_compile(const CompileFlags& flags, const Settings& settings) {
  if (::access(flags.module.c_str(), R_OK) != 0) return report(errno_error(errno, flags.module));
  CompilerOptions options{flags.compiler.profile.value_or(contract::Profile::kRelease),
                          flags.compiler.features};
  CachedCompiler compiler(settings);
  bool cached = !flags.timings && compiler.cache() != nullptr;
  Status done = cached ? compile_through_cache(flags, compiler, options)
                       : compile_to_file(flags, settings, options);
  return done.ok() ? kExitOk : report(done.error());
}

}  // namespace wherry::cli
