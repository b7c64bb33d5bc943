#include <algorithm>
#include <cstdio>

#include "artifact/artifact.h"
#include "base/files.h"
#include "base/sha256.h"
#include "cli/compiler_process.h"
#include "cli/modules.h"
#include "contract/fingerprint.h"
#include "pack/zip.h"
#include "wasm/decode.h"

namespace wherry::cli {

namespace {

// The portable level, or what this machine has if that is less.
Result<CpuLevel> cpu_for_this_host() {
  if (auto level = host_cpu_level()) return std::min(*level, kPortableCpuLevel);
  return make_error(ErrorKind::kUnsupported, "this CPU is older than x86-64-v2");
}

// Where the compiled form of a module is kept; empty without a cache.
std::string cache_path(const std::string& directory, Bytes module, CpuLevel cpu,
                       const CompilerOptions& options) {
  if (directory.empty()) return {};
  return fmt::format("{}/{}-{:016x}-{}-{}-{}-{:x}.wherry", directory, to_hex(sha256(module)),
                     contract::engine_fingerprint(), WHERRY_VERSION, name_of(cpu),
                     name_of(options.profile), options.features.bits());
}

// Below the cache if that can be written to (so that the result can be renamed into it), else where
// temporary files go: a container's file system may be read-only.
Result<TemporaryDirectory> working_directory(const std::string& cache_directory) {
  if (!cache_directory.empty() && make_directories(cache_directory, 0700).ok()) {
    remove_abandoned_directories(cache_directory);
    auto directory = TemporaryDirectory::create(cache_directory);
    if (directory.ok()) return directory;
  }
  return TemporaryDirectory::create();
}

}  // namespace

Result<ModulePointer> CompileAndCache::load(Bytes bytes, const std::string& name) {
  if (artifact::looks_like_artifact(bytes)) return load_artifact(bytes, name);
  if (wasm::looks_like_wasm(bytes)) return compiled(bytes, name);
  if (!pack::looks_like_zip(bytes)) return not_a_module(name);
  auto module = TRY(pack::only_wasm_in_zip(bytes, kMaxModuleBytes).context("{}", name));
  if (!wasm::looks_like_wasm(module)) return not_a_module(name);
  return compiled(module, name);
}

Result<ModulePointer> CompileAndCache::compiled(Bytes module, const std::string& name) {
  CpuLevel cpu = TRY(cpu_for_this_host());
  std::string path = cache_path(settings_.cache_directory, module, cpu, options_);
  // Whatever is wrong with a cached file, compiling again puts it right.
  if (!path.empty()) {
    if (auto cached = runtime::CompiledModule::load(path); cached.ok()) return cached;
  }

  InterruptsHeld held;
  auto directory = TRY(working_directory(settings_.cache_directory));
  CompileJob job{directory.path() + "/module.wasm", directory.path() + "/module.wherry", name, cpu,
                 options_};
  TRY(write_file_atomically(job.input, module, 0600));
  TRY(run_compiler(settings_.compiler, job));
  // Loaded before it is published: only what works gets a name in the cache.
  ModulePointer loaded = TRY(runtime::CompiledModule::load(job.output));
  // Fails where the cache cannot be written to; then nothing is kept, and nothing is lost.
  if (!path.empty()) std::rename(job.output.c_str(), path.c_str());
  return loaded;
}

}  // namespace wherry::cli
