// wherry compile: what the cache has is copied, all else is compiled there first. With --timings,
// or without a cache, the compiler writes the output file itself. It appears at once or not at all.
// With --initialize, what is compiled is the module that initialization leaves.
#include <unistd.h>

#include <cerrno>

#include "artifact/artifact.h"
#include "base/files.h"
#include "cli/cached_compiler.h"
#include "cli/commands.h"
#include "cli/compiler_process.h"
#include "cli/exit_codes.h"
#include "cli/initialize_module.h"
#include "cli/modules.h"
#include "cli/report.h"

namespace wherry::cli {

namespace {

Result<ByteVector> module_of(const CompileFlags& flags, CachedCompiler& compiler) {
  ByteVector module = TRY(read_file(flags.module, kMaxModuleBytes));
  if (!flags.initialize) return module;
  return initialize_module(module, flags.module, flags.allowed, flags.compiler.features, compiler);
}

Status compile_to_file(const CompileFlags& flags, CachedCompiler& compiler,
                       const CompilerOptions& options) {
  CompileJob job{flags.module, flags.output, flags.module, flags.cpu.value_or(kPortableCpuLevel),
                 options,      flags.timings};
  if (!flags.initialize) {
    print_err(TRY(run_compiler(compiler.settings().compiler, job)));
    return ok_status();
  }
  const ByteVector module = TRY(module_of(flags, compiler));
  InterruptsHeld held;
  TemporaryDirectory directory = TRY(TemporaryDirectory::create());
  job.input = directory.path() + "/module.wasm";
  TRY(write_new_file(job.input, module));
  print_err(TRY(run_compiler(compiler.settings().compiler, job)));
  return ok_status();
}

Status compile_through_cache(const CompileFlags& flags, CachedCompiler& compiler,
                             const CompilerOptions& options) {
  TRY(check_directory_of(flags.output));  // before minutes are spent
  ByteVector module = TRY(module_of(flags, compiler));
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
                       : compile_to_file(flags, compiler, options);
  return done.ok() ? kExitOk : report(done.error());
}

}  // namespace wherry::cli
