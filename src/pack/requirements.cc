#include "pack/requirements.h"

#include <algorithm>

#include "wasm/decode.h"
#include "wasm/validate.h"

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
  for (size_t i = 0; i < directories.size(); i++) {
    const function::Directory& directory = directories[i];
    if (directory.read_only && function.files[i].empty()) {
      return make_error(ErrorKind::kInvalid, "{}: has no files to pack", directory.host)
          .with_hint("leave this directory out of the manifest");
    }
    if (directory.read_only || info.target == Target::kSystemd) continue;
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

// What the engine of the platform's own command (packer.cc) knows; tried on Node 20 and 24 and on
// workerd, and for Node 22 what came with V8 12.4.
struct JsEngine {
  const char* name;
  wasm::Features features;
};

JsEngine engine_of(Target target) {
  using wasm::Feature;
  // Atomic instructions are there everywhere; memory that is shared is another matter.
  const auto newest = wasm::Features::v3().with(Feature::kLegacyExceptions).with(Feature::kThreads);
  switch (target) {
    case Target::kOpenwhiskNodejs:
      return {"Node 20", wasm::Features::v2()
                             .with(Feature::kTailCall)
                             .with(Feature::kLegacyExceptions)
                             .with(Feature::kThreads)};
    case Target::kLambdaNodejs:
      return {"Node 22", newest.without(Feature::kExceptions).without(Feature::kMemory64)};
    case Target::kNode: return {"Node 24", newest};
    default: return {"workerd", newest};
  }
}

bool fits(Bytes module, wasm::Features features) {
  const auto decoded = wasm::decode(module, features);
  return decoded.ok() && wasm::validate(*decoded).ok();
}

Status check_engine(const TargetInfo& info, Bytes module) {
  const JsEngine engine = engine_of(info.target);
  if (fits(module, engine.features)) return ok_status();
  for (wasm::Feature feature : wasm::switchable_features()) {
    if (engine.features.has(feature)) continue;
    if (fits(module, wasm::Features::all().without(feature))) continue;
    return lacks(
        info,
        fmt::format("the module uses {}, which {} does not have", name_of(feature), engine.name),
        "a module built without it, or a native package");
  }
  return lacks(info, fmt::format("{} does not have all that the module uses", engine.name),
               "a native package");
}

// What a worker may have in all.
Status check_start_memory(const TargetInfo& info, const wasm::Module& module) {
  constexpr uint64_t kWorkersBytes = 128'000'000;
  if (info.target != Target::kCloudflare) return ok_status();
  uint64_t bytes = 0;
  for (const wasm::Memory& memory : module.memories) {
    const uint64_t pages = std::min<uint64_t>(memory.type.limits.min, 1 << 20);
    bytes += pages << memory.type.page_log2;
  }
  if (bytes <= kWorkersBytes) return ok_status();
  return make_error(ErrorKind::kLimit,
                    "{}: the module starts with {} of memory, and a worker has {} in all",
                    info.name, in_mb(bytes), in_mb(kWorkersBytes))
      .with_hint("a module that starts with less, or a package for another platform");
}

Status check_calls_out(const TargetInfo& info, const FunctionToPack& function,
                       const wasm::Module& module) {
  constexpr char kWayOut[] = "a native package: lambda, openwhisk, knative, azure or systemd";
  const auto& outbound = function.manifest.options.outbound;
  if (!outbound.empty()) {
    return lacks(info, "the JavaScript runtime cannot call " + outbound[0], kWayOut);
  }
  for (const wasm::Import& import : module.imports) {
    if (import.module != "wherry_1" || !import.name.starts_with("fetch")) continue;
    return lacks(info, fmt::format("the JavaScript runtime has no wherry_1.{}", import.name),
                 kWayOut);
  }
  return ok_status();
}

// The names of services are those of DNS (RFC 1035).
Status check_name(const TargetInfo& info, const FunctionToPack& function) {
  const std::string name = plain_name(function.manifest.options.name);
  const bool is_service = info.target == Target::kKnative || info.target == Target::kKubernetes;
  if (!is_service || name[0] < '0' || name[0] > '9') return ok_status();
  return make_error(ErrorKind::kInvalid, "{}: a service's name begins with a letter, unlike {}",
                    info.name, name)
      .with_hint("name = \"…\" in a wherry.toml");
}

// Its container has the action's variables when it is initialised, and starts before that.
Status check_secrets(const TargetInfo& info, const FunctionToPack& function) {
  const auto& secrets = function.manifest.secrets;
  if (info.target != Target::kOpenwhisk || secrets.empty()) return ok_status();
  return lacks(info,
               fmt::format("an image has no variable that the secret {} could come from",
                           secrets.begin()->first),
               "--for openwhisk-native, whose actions start with their variables");
}

}  // namespace

Status check_platform_has(const TargetInfo& info, const FunctionToPack& function,
                          const wasm::Module& module) {
  TRY(check_name(info, function));
  TRY(check_directories(info, function));
  TRY(check_secrets(info, function));
  if (!is_javascript(info)) return ok_status();
  TRY(check_calls_out(info, function, module));
  if (has_shared_memory(module)) {
    return lacks(info, "there are no threads, and the module's memory is shared",
                 "a module built without threads");
  }
  if (!module.memories.empty() && !exports_memory(module)) {
    return lacks(info, "the module does not export its memory",
                 "-Wl,--export-memory, or a native package");
  }
  TRY(check_engine(info, function.module));
  return check_start_memory(info, module);
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
