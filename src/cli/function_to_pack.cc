#include "cli/function_to_pack.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "artifact/artifact.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/cached_compiler.h"
#include "cli/functions.h"
#include "pack/strip.h"
#include "wasm/decode.h"

namespace wherry::cli {

namespace {

constexpr uint64_t kMaxFilesBytes = 1ull << 30;

// The regular files below a directory, by name. Links and devices would be others elsewhere.
class Tree {
 public:
  Result<std::vector<pack::Entry>> read(const std::string& directory) {
    TRY(add(directory, ""));
    std::ranges::sort(entries_, {}, &pack::Entry::path);
    return std::move(entries_);
  }

 private:
  Status add(const std::string& directory, const std::string& prefix) {
    DIR* open = ::opendir(directory.c_str());
    if (open == nullptr) return errno_error(errno, directory);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(open)) names.push_back(entry->d_name);
    ::closedir(open);
    for (const std::string& name : names) {
      if (!is_utf8(as_bytes(name))) {
        return make_error(ErrorKind::kUnsupported, "{}: a file in it has a name that is no UTF-8",
                          directory)
            .with_hint("another name: archives hold no others");
      }
      if (name != "." && name != "..") TRY(add_one(directory + "/" + name, prefix + name));
    }
    return ok_status();
  }
  Status add_one(const std::string& path, const std::string& packed) {
    struct stat info;
    if (::lstat(path.c_str(), &info) != 0) return errno_error(errno, path);
    if (S_ISDIR(info.st_mode)) return add(path, packed + "/");
    if (!S_ISREG(info.st_mode)) {
      return make_error(ErrorKind::kUnsupported, "{}: neither a file nor a directory", path)
          .with_hint("a directory without links");
    }
    ByteVector contents = TRY(read_file(path, kMaxFilesBytes - bytes_));
    bytes_ += contents.size();
    entries_.push_back({packed, std::move(contents)});
    return ok_status();
  }

  std::vector<pack::Entry> entries_;
  uint64_t bytes_ = 0;
};

class Reading {
 public:
  Reading(const GivenFunction& given, const Settings& settings)
      : given_(given), settings_(settings) {}

  Result<pack::FunctionToPack> read() {
    function_.manifest =
        TRY(find_function(given_.path, given_.name, manifest_of_flags(FunctionFlags{})));
    const std::string& path = function_.manifest.module;
    function_.module = TRY(read_file(path, kMaxModuleBytes));
    if (artifact::looks_like_artifact(function_.module)) {
      return make_error(ErrorKind::kInvalid, "{}: is compiled already", path)
          .with_hint("the .wasm it was compiled from: packages are for several platforms");
    }
    if (!wasm::looks_like_wasm(function_.module)) return not_a_module(path);
    TRY(compile());
    for (const function::Directory& directory : function_.manifest.options.directories) {
      std::vector<pack::Entry> files;
      if (directory.read_only) files = TRY(Tree().read(directory.host));
      function_.files.push_back(std::move(files));
    }
    TRY(read_host());
    return std::move(function_);
  }

 private:
  // And has the function made of it, which finds out what is wrong with manifest or module.
  Status compile() {
    const std::string& path = function_.manifest.module;
    CachedCompiler compiler(settings_);
    const CompilerOptions options{contract::Profile::kRelease, given_.features};
    CachedCompiler::Work work{function_.module, path,
                              cache_key(function_.module, options, given_.cpu, settings_.compiler)};
    auto accept = [this, &path](int fd) -> Status {
      function_.artifact = TRY(read_descriptor(fd, path, UINT64_MAX));
      TRY(artifact::Artifact::read_header(function_.artifact, path));
      return ok_status();
    };
    TRY(compiler.make(work, accept));
    const CpuLevel here = TRY(cpu_for_this_host());
    if (given_.cpu > here) {
      return make_error(ErrorKind::kUnsupported, "--cpu {}: this machine cannot check the code",
                        name_of(given_.cpu))
          .with_hint("pack on a machine that has it, or for an older CPU");
    }
    auto module = TRY(load_artifact(function_.artifact, path));
    auto watchdog = TRY(runtime::Watchdog::create());
    OutboundAccess outbound(make_outbound_client);
    function::FunctionManifest without_secrets = function_.manifest;
    without_secrets.secrets.clear();
    auto made =
        TRY(make_function(std::move(module), *watchdog, outbound, std::move(without_secrets))
                .context("{}", path));
    function_.abi = made->abi();
    return ok_status();
  }

  Status read_host() {
    const bool calls_out = !function_.manifest.options.outbound.empty();
    const std::string path = beside_this_program(calls_out ? "wherry-host-net" : "wherry-host");
    ByteVector program = TRY(read_file(path, kMaxModuleBytes).context("the host for packages"));
    function_.host = TRY(pack::without_symbols(program).context("{}", path));
    return ok_status();
  }

  const GivenFunction& given_;
  const Settings& settings_;
  pack::FunctionToPack function_;
};

}  // namespace

Result<pack::FunctionToPack> read_function_to_pack(const GivenFunction& given,
                                                   const Settings& settings) {
  return Reading(given, settings).read();
}

Result<std::vector<const pack::TargetInfo*>> targets_of(const char* flag, const std::string& text) {
  std::vector<const pack::TargetInfo*> targets;
  std::string names;
  for (const pack::TargetInfo& info : pack::targets()) {
    if (text == "all") targets.push_back(&info);
    names += (names.empty() ? "" : ", ") + std::string(info.name);
  }
  if (text == "all") return targets;
  for (std::string_view name : split(text, ',')) {
    const pack::TargetInfo* info = pack::find_target(name);
    if (info == nullptr) {
      return make_error(ErrorKind::kInvalid, "{} {}: no such target", flag, name).with_hint(names);
    }
    if (std::ranges::find(targets, info) == targets.end()) targets.push_back(info);
  }
  return targets;
}

}  // namespace wherry::cli
