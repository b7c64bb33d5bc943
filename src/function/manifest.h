// `wherry.toml`: which functions a host has, what each of them may use, and how the server behaves.
//
// Pure functions of a text, but for load_manifest() and read_secrets(), which read files. Paths in
// a manifest are relative to the directory it lies in. All mistakes of a manifest are reported at
// once, a line each, with file, line and column. docs/manifest.md has every key.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "function/function.h"

namespace wherry::function {

// `[server]`: only what the manifest says.
struct ServerSettings {
  std::optional<std::string> listen;  // http/address.h, or `unix:PATH`
  std::optional<std::string> admin;   // likewise, or `none`
  std::optional<unsigned> loops;
  std::optional<unsigned> max_threads;
  std::optional<unsigned> max_connections;
  std::optional<uint32_t> header_limit_bytes;
  std::optional<std::chrono::milliseconds> header_timeout;
  std::optional<std::chrono::milliseconds> body_timeout;
  std::optional<std::chrono::milliseconds> idle_timeout;
  std::optional<std::chrono::milliseconds> write_timeout;
  std::optional<std::chrono::milliseconds> drain_timeout;
  std::optional<LogFormat> log_format;
  std::optional<LogLevel> log_level;
};

// An environment variable whose value is the content of a file, or of the host's own environment.
struct Secret {
  std::string path;         // of the file; or empty, and
  std::string environment;  // the name of the host's variable
  std::string where;        // in the manifest: `wherry.toml:12:9`
};

struct FunctionManifest {
  std::string module;  // path of a .wasm or .wherry file
  FunctionOptions options;
  std::map<std::string, Secret> secrets;  // by the variable's name; see read_secrets()
  uint32_t concurrency = 0;               // invocations at a time; 0: the host's default
  uint32_t queue = 100;                   // requests that may wait beyond that
  std::optional<LogLevel> log_level;      // nothing: the server's
  std::string where;                      // in the manifest: `wherry.toml:12:1`
};

struct Manifest {
  ServerSettings server;
  std::vector<FunctionManifest> functions;  // at least one; names differ
};

inline constexpr uint64_t kMaxManifestBytes = 1 << 20;

Result<Manifest> load_manifest(const std::string& path);

// `path` is what relative paths begin at, and for messages.
Result<Manifest> parse_manifest(std::string_view text, const std::string& path);

// Adds the secrets to the function's environment, without one newline at their end. To be called
// each time that the function is loaded: the files may have changed. What it gives are warnings.
Result<std::vector<std::string>> read_secrets(FunctionManifest& function);

// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`, and none of the names that the host has routes of: healthz,
// metrics, init, run.
Status check_function_name(std::string_view name);

// `dir/hello.wasm` to `hello`.
std::string function_name_of_path(std::string_view path);

}  // namespace wherry::function
