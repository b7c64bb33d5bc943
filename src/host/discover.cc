#include "host/discover.h"

#include <algorithm>
#include <filesystem>
#include <map>

namespace wherry::host {

namespace {

namespace fs = std::filesystem;

constexpr const char* kManifestName = "wherry.toml";

class Discovery {
 public:
  explicit Discovery(const function::FunctionManifest& defaults) : defaults_(defaults) {}

  void add_path(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return add_directory(path);
    if (path.extension() == ".toml") return add_manifest(path);
    add_module(path);
  }

  Found take() { return std::move(found_); }

 private:
  void add_directory(const fs::path& path) {
    std::error_code error;
    if (fs::exists(path / kManifestName, error)) return add_manifest(path / kManifestName);
    std::map<std::string, fs::path> modules;  // by name, in order
    std::vector<fs::path> manifests;
    fs::directory_iterator entries(path, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const fs::path& entry = entries->path();
      std::error_code ignored;
      if (fs::exists(entry / kManifestName, ignored)) manifests.push_back(entry / kManifestName);
      if (entry.extension() != ".wasm" && entry.extension() != ".wherry") continue;
      if (entry.filename().string().starts_with('.')) continue;  // a file on its way to its name
      fs::path& known = modules[function::function_name_of_path(entry.string())];
      if (known.empty() || is_later(entry, known)) known = entry;
    }
    if (error) return problem(path, errno_error(error.value(), path.string()));
    std::ranges::sort(manifests);
    for (const auto& [name, module] : modules) add_module(module);
    for (const fs::path& manifest : manifests) add_manifest(manifest);
  }

  static bool is_later(const fs::path& a, const fs::path& b) {
    std::error_code error;
    return fs::last_write_time(a, error) > fs::last_write_time(b, error);
  }

  void add_module(const fs::path& path) {
    function::FunctionManifest manifest = defaults_;
    manifest.module = path.string();
    manifest.options.name = function::function_name_of_path(manifest.module);
    if (Status status = function::check_function_name(manifest.options.name); !status.ok()) {
      return problem(path, Error(status.error()).with_context(path.string()));
    }
    add({std::move(manifest), {path.string()}});
  }

  void add_manifest(const fs::path& path) {
    auto manifest = function::load_manifest(path.string());
    if (!manifest.ok()) return problem(path, manifest.error());
    for (function::FunctionManifest& function : manifest->functions) {
      std::vector<std::string> files = {path.string(), function.module};
      for (const auto& [name, secret] : function.secrets) {
        if (!secret.path.empty()) files.push_back(secret.path);
      }
      add({std::move(function), std::move(files)});
    }
  }

  void add(Source source) {
    auto [known, is_new] = names_.emplace(source.manifest.options.name, source.manifest.module);
    if (is_new) return found_.sources.push_back(std::move(source));
    problem(source.files[0],
            make_error(ErrorKind::kInvalid, "{}: the name {} is that of {} already",
                       source.manifest.module, known->first, known->second)
                .with_hint("give one of them another name, in a wherry.toml"));
  }

  void problem(const fs::path& file, Error error) {
    found_.problems.push_back({file.string(), std::move(error)});
  }

  const function::FunctionManifest& defaults_;
  Found found_;
  std::map<std::string, std::string> names_;  // to module
};

}  // namespace

Found discover(const std::vector<std::string>& paths, const function::FunctionManifest& defaults) {
  Discovery discovery(defaults);
  for (const std::string& path : paths) discovery.add_path(path);
  return discovery.take();
}

bool is_plain_directory(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error) && !fs::exists(fs::path(path) / kManifestName, error);
}

}  // namespace wherry::host
