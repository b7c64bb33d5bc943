#include "cli/modules.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "artifact/artifact.h"
#include "base/files.h"
#include "wasm/decode.h"

namespace wherry::cli {

namespace {

// Whether the open file is a compiled one, by its first bytes. Pipes are not: they cannot be
// mapped.
bool is_artifact(int fd) {
  uint8_t start[artifact::kHeaderOffset + sizeof(artifact::kMagic)];
  ssize_t got = ::pread(fd, start, sizeof start, 0);
  return got > 0 && artifact::looks_like_artifact({start, static_cast<size_t>(got)});
}

// What to type for a module that this program cannot compile.
std::string compile_command(const std::string& name) {
  if (!name.ends_with(".wasm")) return "wherry compile MODULE.wasm -o MODULE.wherry";
  std::string base = name.substr(name.rfind('/') + 1);
  return fmt::format("wherry compile {} -o {}.wherry", name, base.substr(0, base.size() - 5));
}

}  // namespace

Result<LoadedModule> ModuleSource::open(const std::string& path, Use use) {
  if (path == "-") {
    ByteVector bytes = TRY(read_file(path, kMaxModuleBytes));
    return load(bytes, "standard input", use);
  }
  FileDescriptor file = TRY(open_for_reading(path));
  if (is_artifact(file.number())) {
    return LoadedModule{TRY(runtime::CompiledModule::load(file.number(), path)), nullptr};
  }
  ByteVector bytes = TRY(read_descriptor(file.number(), path, kMaxModuleBytes));
  return load(bytes, path, use);
}

Result<ModulePointer> load_artifact(Bytes bytes, const std::string& name) {
  FileDescriptor file(::memfd_create("wherry", MFD_CLOEXEC));
  if (!file.is_open()) return errno_error(errno, "memfd_create");
  TRY(write_all(file.number(), bytes, name));
  return runtime::CompiledModule::load(file.number(), name);
}

Error not_a_module(const std::string& name) {
  return make_error(ErrorKind::kInvalid, "{}: neither a WebAssembly module nor a compiled one",
                    name)
      .with_hint("clang --target=wasm32-wasi makes modules of C");
}

Result<LoadedModule> CompiledOnly::load(Bytes bytes, const std::string& name, Use) {
  if (artifact::looks_like_artifact(bytes)) {
    return LoadedModule{TRY(load_artifact(bytes, name)), nullptr};
  }
  if (as_text(bytes).starts_with("PK\x03\x04")) {
    return make_error(ErrorKind::kUnsupported,
                      "{} is a zip archive and this program takes compiled files only", name)
        .with_hint(compile_command(name));
  }
  if (!wasm::looks_like_wasm(bytes)) return not_a_module(name);
  return make_error(ErrorKind::kUnsupported,
                    "{} is a WebAssembly module and this program has no compiler", name)
      .with_hint(compile_command(name));
}

}  // namespace wherry::cli
