// From a path, or from bytes that came over the network, to a module that is ready to run. There
// are two kinds of programs: those that have a compiler at hand, and those that take compiled files
// only.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "cli/compiler_options.h"
#include "cli/settings.h"
#include "runtime/compiled_module.h"

namespace wherry::cli {

using ModulePointer = std::shared_ptr<const runtime::CompiledModule>;

inline constexpr uint64_t kMaxModuleBytes = 1ull << 30;

// Safe from many threads.
class ModuleSource {
 public:
  virtual ~ModuleSource() = default;

  // A `.wherry` file is mapped; what else it may be is load()'s to say.
  Result<ModulePointer> open(const std::string& path);

  // The same from memory. `name` is for messages.
  virtual Result<ModulePointer> load(Bytes bytes, const std::string& name) = 0;
};

// Refuses what is not compiled and says what to run instead.
class CompiledOnly : public ModuleSource {
 public:
  Result<ModulePointer> load(Bytes bytes, const std::string& name) override;
};

// Compiles modules, also from within a zip archive, and keeps the results by content: below the
// cache directory, a file is named after the module's hash, the engine's fingerprint, the CPU
// level, the profile and the features. It appears there whole or not at all, so that processes need
// no locks; a damaged one is made anew.
class CompileAndCache : public ModuleSource {
 public:
  CompileAndCache(const Settings& settings, CompilerOptions options)
      : settings_(settings), options_(options) {}
  Result<ModulePointer> load(Bytes bytes, const std::string& name) override;

 private:
  Result<ModulePointer> compiled(Bytes module, const std::string& name);
  const Settings settings_;
  const CompilerOptions options_;
};

// Maps a compiled file that is in memory.
Result<ModulePointer> load_artifact(Bytes bytes, const std::string& name);

Error not_a_module(const std::string& name);

}  // namespace wherry::cli
