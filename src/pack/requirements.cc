#include "pack/requirements.h"

#include <algorithm>

namespace wherry::pack {

namespace {

Error lacks(const TargetInfo& info, const std::string& what, std::string_view way_out) {
  return make_error(ErrorKind::kUnsupported, "{}: {}", info.name, what)
      .with_hint(std::string(way_out));
}

bool is_javascript(const TargetInfo& info) {
  return *info.host == 0 && info.target != Target::kOci;
}

bool has_shared_memory(const wasm::Module& module) {
  return std::ranges::any_of(module.memories,
                             [](const auto& memory) { return memory.type.is_shared; });
}

bool exports_memory(const wasm::Module& module) {
  return std::ranges::any_of(module.exports, [](const wasm::Export& exported) {
    return exported.kind == wasm::ExternKind::kMemory;
  });
}

Status check_directories(const TargetInfo& info, const FunctionToPack& function) {
  const auto& directories = function.manifest.options.directories;
  if (directories.empty()) return ok_status();
  if (info.target == Target::kCloudflare || info.target == Target::kOci) {
    return lacks(info, "there are no files for the directory " + directories[0].guest,
                 "a package for another platform, or data within the module");
  }
  for (const function::Directory& directory : directories) {
    if (directory.read_only) continue;
    return lacks(
        info, fmt::format("what is written to {} would be lost with the instance", directory.guest),
        "read_only = true for this directory, if it is only read");
  }
  return ok_status();
}

// A number of bytes in MB, as platforms have their limits.
std::string in_mb(uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

Status check_platform_has(const TargetInfo& info, const FunctionToPack& function,
                          const wasm::Module& module) {
  TRY(check_directories(info, function));
  if (!is_javascript(info)) return ok_status();
  const auto& outbound = function.manifest.options.outbound;
  if (!outbound.empty()) {
    return lacks(info, "the JavaScript runtime cannot call " + outbound[0],
                 "a native package: lambda, openwhisk, knative, azure or systemd");
  }
  if (has_shared_memory(module)) {
    return lacks(info, "there are no threads, and the module's memory is shared",
                 "a module built without threads");
  }
  if (!module.memories.empty() && !exports_memory(module)) {
    return lacks(info, "the module does not export its memory",
                 "-Wl,--export-memory, or a native package");
  }
  return ok_status();
}

Status check_package_size(const TargetInfo& info, uint64_t packed_bytes, uint64_t unpacked_bytes) {
  struct Limit {
    Target target;
    uint64_t packed_bytes, unpacked_bytes;
    const char* way_out;
  };
  constexpr Limit kLimits[] = {
      {Target::kLambda, 50'000'000, 250'000'000, "a smaller module, or the image of --for knative"},
      {Target::kLambdaNodejs, 50'000'000, 250'000'000, "a smaller module"},
      {Target::kOpenwhiskNative, 36'000'000, UINT64_MAX, "the image of --for openwhisk"},
      {Target::kOpenwhiskNodejs, 36'000'000, UINT64_MAX, "the image of --for openwhisk"},
      {Target::kCloudflare, 10'000'000, 64'000'000, "a smaller module"},
  };
  for (const Limit& limit : kLimits) {
    if (limit.target != info.target) continue;
    if (packed_bytes > limit.packed_bytes) {
      return make_error(ErrorKind::kLimit, "{}: the package has {} compressed, and {} is the limit",
                        info.name, in_mb(packed_bytes), in_mb(limit.packed_bytes))
          .with_hint(limit.way_out);
    }
    if (unpacked_bytes > limit.unpacked_bytes) {
      return make_error(ErrorKind::kLimit, "{}: the package has {}, and {} is the limit", info.name,
                        in_mb(unpacked_bytes), in_mb(limit.unpacked_bytes))
          .with_hint(limit.way_out);
    }
  }
  return ok_status();
}

}  // namespace wherry::pack
