#include "runtime/compiled_module.h"

#include "base/files.h"

namespace wherry::runtime {

Result<std::shared_ptr<const CompiledModule>> CompiledModule::load(const std::string& path) {
  FileDescriptor file = TRY(open_for_reading(path));
  return load(file.number(), path);
}

Result<std::shared_ptr<const CompiledModule>> CompiledModule::load(int fd, std::string_view name) {
  auto artifact = TRY(artifact::Artifact::open(fd, name));
  return std::shared_ptr<const CompiledModule>(new CompiledModule(std::move(artifact)));
}

CompiledModule::CompiledModule(std::unique_ptr<artifact::Artifact> artifact)
    : artifact_(std::move(artifact)) {}

CompiledModule::~CompiledModule() = default;

}  // namespace wherry::runtime
