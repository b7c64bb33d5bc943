#include "cli/initialize_module.h"

#include "cli/modules.h"
#include "cli/report.h"
#include "snapshot/initialize.h"
#include "wasm/decode.h"

namespace wherry::cli {

Result<ByteVector> initialize_module(Bytes module, const std::string& name,
                                     const std::vector<snapshot::Kept>& allowed,
                                     const wasm::Features& features, CachedCompiler& compiler) {
  if (!wasm::looks_like_wasm(module)) {
    return make_error(ErrorKind::kInvalid, "{}: not a WebAssembly module", name)
        .with_hint("initialize the module, then compile it");
  }
  CompilerOptions options{contract::Profile::kDev, features};
  CachedCompiler::Work work{
      module, name,
      cache_key(module, options, TRY(cpu_for_this_host()), compiler.settings().compiler)};
  ModulePointer compiled;
  TRY(compiler.make(work, [&](int fd) -> Status {
    compiled = TRY(runtime::CompiledModule::load(fd, name));
    return ok_status();
  }));
  snapshot::InitializeOptions how;
  how.features = features;
  how.allowed = allowed;
  how.output = [](Bytes text) { print_err(as_text(text)); };
  auto initialized =
      TRY(snapshot::initialize(module, std::move(compiled), how).context("{}", name));
  for (const auto& [function, calls] : initialized.calls) {
    print_err(fmt::format("note: every instance begins with what {} answered ({} {})\n", function,
                          calls, calls == 1 ? "call" : "calls"));
  }
  return std::move(initialized.module);
}

}  // namespace wherry::cli
