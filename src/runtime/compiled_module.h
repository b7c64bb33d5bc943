// A compiled module, mapped and ready to be instantiated any number of times.
//
// Immutable and safe from many threads; keep it in a shared_ptr<const CompiledModule>. Its code
// stays mapped until the last Store that instantiated it is gone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/artifact.h"
#include "base/result.h"

namespace wherry::runtime {

class CompiledModule {
 public:
  // Maps a `.wherry` file. Anything that does not fit this build and CPU is refused with a
  // sentence.
  static Result<std::shared_ptr<const CompiledModule>> load(const std::string& path);
  // The same from an open descriptor, which may be closed afterwards.
  static Result<std::shared_ptr<const CompiledModule>> load(int fd, std::string_view name);

  ~CompiledModule();
  CompiledModule(const CompiledModule&) = delete;
  CompiledModule& operator=(const CompiledModule&) = delete;

  const artifact::Artifact& artifact() const { return *artifact_; }

 private:
  explicit CompiledModule(std::unique_ptr<artifact::Artifact> artifact);
  std::unique_ptr<artifact::Artifact> artifact_;
};

}  // namespace wherry::runtime
