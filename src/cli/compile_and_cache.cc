#include <algorithm>

#include "artifact/artifact.h"
#include "cli/modules.h"
#include "cli/release_queue.h"
#include "cli/report.h"
#include "pack/zip.h"
#include "wasm/decode.h"

namespace wherry::cli {

using contract::Profile;

namespace {

// Of a module up to this size, release code is made in a tenth of a second (docs/performance.md):
// dev code would be there no sooner than one notices.
constexpr size_t kSmallModuleBytes = 8 * 1024;

// Maps it into `module`.
CachedCompiler::Accept mapped_to(ModulePointer& module, const std::string& name) {
  return [&module, name](int fd) -> Status {
    module = TRY(runtime::CompiledModule::load(fd, name));
    return ok_status();
  };
}

class ReleaseCodeOfModule : public ReleaseCode {
 public:
  ReleaseCodeOfModule(CachedCompiler& compiler, const CachedCompiler::Work& work)
      : compiler_(compiler),
        module_(work.module.begin(), work.module.end()),
        name_(work.name),
        key_(work.key) {}

  void make_for_next_start() override {
    if (const Cache* cache = compiler_.cache()) {
      make_release_code_for_next_start(*cache, compiler_.settings(), key_, module_);
    }
  }

  Result<ModulePointer> make(const Cancellation& cancellation) override {
    ModulePointer module;
    TRY(make_release_code(compiler_, {module_, name_, key_}, mapped_to(module, name_),
                          cancellation));
    return module;
  }

 private:
  CachedCompiler& compiler_;
  const ByteVector module_;
  const std::string name_;
  const CacheKey key_;
};

}  // namespace

Result<CpuLevel> cpu_for_this_host() {
  if (auto level = host_cpu_level()) return std::min(*level, kPortableCpuLevel);
  return make_error(ErrorKind::kUnsupported, "this CPU is older than x86-64-v2");
}

Result<LoadedModule> CompileAndCache::load(Bytes bytes, const std::string& name, Use use) {
  if (artifact::looks_like_artifact(bytes)) {
    return LoadedModule{TRY(load_artifact(bytes, name)), nullptr};
  }
  if (wasm::looks_like_wasm(bytes)) return compiled(bytes, name, use);
  if (!pack::looks_like_zip(bytes)) return not_a_module(name);
  auto module = TRY(pack::only_wasm_in_zip(bytes, kMaxModuleBytes).context("{}", name));
  if (!wasm::looks_like_wasm(module)) return not_a_module(name);
  return compiled(module, name, use);
}

Result<LoadedModule> CompileAndCache::compiled(Bytes module, const std::string& name, Use use) {
  CompilerOptions options{flags_.profile.value_or(Profile::kRelease), flags_.features};
  CachedCompiler::Work work{
      module, name,
      cache_key(module, options, TRY(cpu_for_this_host()), compiler_.settings().compiler)};
  LoadedModule loaded;
  CachedCompiler::Accept accept = mapped_to(loaded.module, name);
  if (compiler_.find(work.key, accept)) return loaded;
  if (starts_on_dev_code(module, use)) return start_on_dev_code(work);
  TRY(compiler_.make(work, accept));
  return loaded;
}

bool CompileAndCache::starts_on_dev_code(Bytes module, Use use) {
  if (flags_.profile || !flags_.background || !compiler_.settings().background) return false;
  if (module.size() <= kSmallModuleBytes) return false;
  // What cannot be kept is there for no next start.
  return use == Use::kServer || compiler_.cache() != nullptr;
}

Result<LoadedModule> CompileAndCache::start_on_dev_code(const CachedCompiler::Work& release) {
  LoadedModule loaded;
  CachedCompiler::Work dev{release.module, release.name, release.key.with_profile(Profile::kDev)};
  TRY(compiler_.make(dev, mapped_to(loaded.module, dev.name)));
  const Cache* cache = compiler_.cache();
  auto failure = cache != nullptr ? cache->failure(release.key) : std::nullopt;
  if (failure) {
    print_err(fmt::format("note: {} runs on dev code: {}\ntry: --profile release\n", release.name,
                          *failure));
  } else {
    loaded.release = std::make_unique<ReleaseCodeOfModule>(compiler_, release);
  }
  return loaded;
}

}  // namespace wherry::cli
