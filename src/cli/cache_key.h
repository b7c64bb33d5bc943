// What a compiled module is kept under in the cache: everything that its bytes depend on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/cpu.h"
#include "cli/compiler_options.h"

namespace wherry::cli {

struct CacheKey {
  std::string module;  // the SHA-256 of its bytes, in hexadecimal
  CompilerOptions options;
  CpuLevel cpu = CpuLevel::kV2;
  std::string engine;  // of engine_name()

  CacheKey with_profile(contract::Profile profile) const;

  // `MODULE-PROFILE-CPU-FEATURES-ENGINE`, a file's name without its ending; and back.
  std::string name() const;
  static std::optional<CacheKey> parse(std::string_view name);

  bool operator==(const CacheKey&) const = default;
};

CacheKey cache_key(Bytes module, const CompilerOptions& options, CpuLevel cpu,
                   const std::string& compiler);

// The version, the engine's fingerprint, and which compiler it is by its file's size and date, as
// 16 digits: a compiler that was built anew makes other code under the same version.
std::string engine_name(const std::string& compiler);

}  // namespace wherry::cli
