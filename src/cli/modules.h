// From a path, or from bytes that came over the network, to a module that is ready to run. There
// are two kinds of programs: those that have a compiler at hand, and those that take compiled files
// only.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "cli/cached_compiler.h"
#include "cli/flags.h"
#include "cli/settings.h"
#include "runtime/compiled_module.h"

namespace wherry::cli {

using ModulePointer = std::shared_ptr<const runtime::CompiledModule>;

inline constexpr uint64_t kMaxModuleBytes = 1ull << 30;

// The release code of a module that runs on dev code for the time being.
class ReleaseCode {
 public:
  virtual ~ReleaseCode() = default;

  // Has a process of its own make it for the next start, which it may outlive ours to do. To be
  // called while the program has one thread.
  virtual void make_for_next_start() = 0;

  // Waits until it is there, made by whomever.
  virtual Result<ModulePointer> make(const Cancellation& cancellation) = 0;
};

struct LoadedModule {
  ModulePointer module;
  std::unique_ptr<ReleaseCode> release;  // null: there is none to come
};

// What for: a process that runs the code once profits of release code at its next start only, if it
// was kept until then; a server can go over to it.
enum class Use { kOneRun, kServer };

// Safe from many threads.
class ModuleSource {
 public:
  virtual ~ModuleSource() = default;

  // A `.wherry` file is mapped; what else it may be is load()'s to say.
  Result<LoadedModule> open(const std::string& path, Use use);

  // The same from memory. `name` is for messages.
  virtual Result<LoadedModule> load(Bytes bytes, const std::string& name, Use use) = 0;
};

// Refuses what is not compiled and says what to run instead.
class CompiledOnly : public ModuleSource {
 public:
  Result<LoadedModule> load(Bytes bytes, const std::string& name, Use use) override;
};

// Compiles modules, also from within a zip archive, through the cache. Where no profile is asked
// for and no release code is kept, a module starts on dev code.
class CompileAndCache : public ModuleSource {
 public:
  CompileAndCache(const Settings& settings, CompilerFlags flags)
      : compiler_(settings), flags_(flags) {}
  Result<LoadedModule> load(Bytes bytes, const std::string& name, Use use) override;

 private:
  Result<LoadedModule> compiled(Bytes module, const std::string& name, Use use);
  Result<LoadedModule> start_on_dev_code(const CachedCompiler::Work& release);
  bool starts_on_dev_code(Bytes module, Use use);

  CachedCompiler compiler_;
  const CompilerFlags flags_;
};

// x86-64-v3, or what this machine has if that is less.
Result<CpuLevel> cpu_for_this_host();

// Maps a compiled file that is in memory.
Result<ModulePointer> load_artifact(Bytes bytes, const std::string& name);

Error not_a_module(const std::string& name);

}  // namespace wherry::cli
