// wherry pack: a function to packages. All of them are made in memory before any is written, and
// they appear at once or not at all.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/function_to_pack.h"
#include "cli/report.h"
#include "pack/packer.h"

namespace wherry::cli {

namespace {

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
    const auto targets = TRY(targets_of("--for", flags_.targets));
    is_many_ = targets.size() > 1 || flags_.targets == "all";
    TRY(check_output());
    function_ = TRY(read_function_to_pack(
        {flags_.function, flags_.name, flags_.cpu, flags_.compiler.features}, settings_));
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
