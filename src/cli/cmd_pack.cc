// wherry pack: a function to packages. All of them are made in memory before any is written, and
// they appear at once or not at all.
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "artifact/artifact.h"
#include "base/files.h"
#include "cli/cached_compiler.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/functions.h"
#include "cli/report.h"
#include "pack/packer.h"
#include "pack/strip.h"
#include "wasm/decode.h"

namespace wherry::cli {

namespace {

constexpr uint64_t kMaxFilesBytes = 1ull << 30;

Result<std::vector<const pack::TargetInfo*>> targets_of(const std::string& text) {
  std::vector<const pack::TargetInfo*> targets;
  std::string names;
  for (const pack::TargetInfo& info : pack::targets()) {
    if (text == "all") targets.push_back(&info);
    names += (names.empty() ? "" : ", ") + std::string(info.name);
  }
  if (text == "all") return targets;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string name = text.substr(begin, end - begin);
    const pack::TargetInfo* info = pack::find_target(name);
    if (info == nullptr) {
      return make_error(ErrorKind::kInvalid, "--for {}: no such target", name).with_hint(names);
    }
    if (std::ranges::find(targets, info) == targets.end()) targets.push_back(info);
    begin = end + 1;
  }
  return targets;
}

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

// A directory that is filled beside its place and then renamed.
class Staged {
 public:
  static Result<Staged> create(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string parent = slash == path.npos ? "." : path.substr(0, slash + 1);
    return Staged(TRY(TemporaryDirectory::create(parent)), path);
  }

  std::string path() const { return temporary_.path() + "/package"; }
  Status publish() const {
    if (::rename(path().c_str(), target_.c_str()) == 0) return ok_status();
    return errno_error(errno, target_);
  }

 private:
  Staged(TemporaryDirectory temporary, std::string target)
      : temporary_(std::move(temporary)), target_(std::move(target)) {}

  TemporaryDirectory temporary_;
  std::string target_;
};

class Packing {
 public:
  Packing(const PackFlags& flags, const Settings& settings) : flags_(flags), settings_(settings) {}

  Status run() {
    const auto targets = TRY(targets_of(flags_.targets));
    is_many_ = targets.size() > 1 || flags_.targets == "all";
    TRY(check_output());
    TRY(read_function());
    for (const pack::TargetInfo* info : targets) TRY(make(*info));
    if (made_.empty()) {
      return make_error(ErrorKind::kUnsupported, "no platform can have this function");
    }
    TRY(write());
    for (const Made& made : made_) tell(made);
    return ok_status();
  }

 private:
  struct Made {
    const pack::TargetInfo* info;
    pack::Package package;
  };

  // Before anything is compiled.
  Status check_output() {
    TRY(check_directory_of(flags_.output));
    struct stat found;
    const bool is_there = ::stat(flags_.output.c_str(), &found) == 0;
    if (is_there && S_ISDIR(found.st_mode)) {
      return make_error(ErrorKind::kInvalid, "{} is there already", flags_.output)
          .with_hint("another name, or remove it first");
    }
    return ok_status();
  }

  Status read_function() {
    function_.manifest =
        TRY(find_function(flags_.function, flags_.name, manifest_of_flags(FunctionFlags{})));
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
    return read_host();
  }

  // And has the function made of it, which finds out what is wrong with manifest or module.
  Status compile() {
    const std::string& path = function_.manifest.module;
    CachedCompiler compiler(settings_);
    const CompilerOptions options{contract::Profile::kRelease, flags_.compiler.features};
    CachedCompiler::Work work{function_.module, path,
                              cache_key(function_.module, options, flags_.cpu, settings_.compiler)};
    auto accept = [this, &path](int fd) -> Status {
      function_.artifact = TRY(read_descriptor(fd, path, UINT64_MAX));
      TRY(artifact::Artifact::read_header(function_.artifact, path));
      return ok_status();
    };
    TRY(compiler.make(work, accept));
    const CpuLevel here = TRY(cpu_for_this_host());
    if (flags_.cpu > here) {
      return make_error(ErrorKind::kUnsupported, "--cpu {}: this machine cannot check the code",
                        name_of(flags_.cpu))
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

  // Of all platforms those that cannot have it are left out.
  Status make(const pack::TargetInfo& info) {
    auto package = pack::make_package(info, function_);
    if (package.ok()) {
      made_.push_back({&info, std::move(*package)});
      return ok_status();
    }
    if (flags_.targets != "all") return package.error();
    print_err(fmt::format("not for {}\n", to_text(package.error()).substr(7)));
    return ok_status();
  }

  // All that was made appears at once.
  Status write() {
    if (!is_many_) return write_package(flags_.output, made_[0].package);
    Staged staged = TRY(Staged::create(flags_.output));
    TRY(make_directories(staged.path()));
    for (const Made& made : made_) {
      TRY(write_package(staged.path() + "/" + file_name_of(made), made.package));
    }
    return staged.publish();
  }

  static Status write_package(const std::string& path, const pack::Package& package) {
    const std::vector<pack::Entry>& entries = package.entries;
    if (entries[0].path.empty()) return write_file_atomically(path, entries[0].contents);
    Staged staged = TRY(Staged::create(path));
    for (const pack::Entry& entry : entries) {
      const std::string file = staged.path() + "/" + entry.path;
      TRY(make_directories(file.substr(0, file.rfind('/'))));
      TRY(write_file_atomically(file, entry.contents, entry.is_executable ? 0755 : 0644));
    }
    return staged.publish();
  }

  static std::string file_name_of(const Made& made) {
    return std::string(made.info->name) + made.info->ending;
  }

  void tell(const Made& made) const {
    const std::string path = is_many_ ? flags_.output + "/" + file_name_of(made) : flags_.output;
    const std::vector<pack::Entry>& entries = made.package.entries;
    const bool is_file = entries[0].path.empty();
    uint64_t bytes = 0;
    for (const pack::Entry& entry : entries) bytes += entry.contents.size();
    std::string next = made.package.next;
    for (size_t at = 0; (at = next.find("@OUT@", at)) != next.npos; at += path.size()) {
      next.replace(at, 5, path);
    }
    print_out(fmt::format(
        "{}: {}, {}{}\n  next: {}\n{}", path, made.info->title, size_text(bytes),
        is_file ? fmt::format(" ({} unpacked{})", size_text(made.package.unpacked_bytes),
                              reports_size(made.info->target))
                : "",
        next, variables_text(made.info->target)));
  }

  // What the report of 2019 had of the same.
  static const char* reports_size(pack::Target target) {
    const bool is_openwhisk = target == pack::Target::kOpenwhisk ||
                              target == pack::Target::kOpenwhiskNative ||
                              target == pack::Target::kOpenwhiskNodejs;
    return is_openwhisk ? "; the report's image: 1 GB" : "";
  }

  std::string variables_text(pack::Target target) const {
    if (target == pack::Target::kOci) return "";
    std::string names;
    for (const auto& [name, secret] : function_.manifest.secrets) {
      names +=
          (names.empty() ? "" : ", ") + (secret.environment.empty() ? name : secret.environment);
    }
    return names.empty() ? "" : fmt::format("  secrets: set {} on the platform\n", names);
  }

  static std::string size_text(uint64_t bytes) {
    if (bytes < 100'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
  }

  const PackFlags& flags_;
  const Settings& settings_;
  bool is_many_ = false;
  pack::FunctionToPack function_;
  std::vector<Made> made_;
};

}  // namespace

int cmd_pack(const PackFlags& flags, const Settings& settings) {
  Status done = Packing(flags, settings).run();
  return done.ok() ? kExitOk : report(done.error());
}

}  // namespace wherry::cli
