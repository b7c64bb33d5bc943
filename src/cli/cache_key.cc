#include "cli/cache_key.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/sha256.h"
#include "base/text.h"
#include "contract/fingerprint.h"

namespace wherry::cli {

namespace {

constexpr size_t kModuleDigits = 64;
constexpr size_t kEngineDigits = 16;

bool is_hex(std::string_view text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

CacheKey CacheKey::with_profile(contract::Profile profile) const {
  CacheKey key = *this;
  key.options.profile = profile;
  return key;
}

std::string CacheKey::name() const {
  return fmt::format("{}-{}-v{}-{:x}-{}", module, contract::name_of(options.profile),
                     static_cast<uint32_t>(cpu), options.features.bits(), engine);
}

std::optional<CacheKey> CacheKey::parse(std::string_view name) {
  std::vector<std::string_view> parts = split(name, '-');
  if (parts.size() != 5 || !is_hex(parts[0], kModuleDigits) || !is_hex(parts[4], kEngineDigits)) {
    return std::nullopt;
  }
  auto profile = contract::parse_profile(parts[1]);
  auto cpu = parse_cpu_level(parts[2]);
  uint32_t features = 0;
  const char* end = parts[3].data() + parts[3].size();
  auto [stop, error] = std::from_chars(parts[3].data(), end, features, 16);
  if (!profile || !cpu || error != std::errc() || stop != end) return std::nullopt;
  CacheKey key{std::string(parts[0]),
               {*profile, wasm::Features::from_bits(features)},
               *cpu,
               std::string(parts[4])};
  if (key.name() != name) return std::nullopt;
  return key;
}

CacheKey cache_key(Bytes module, const CompilerOptions& options, CpuLevel cpu,
                   const std::string& compiler) {
  return {to_hex(sha256(module)), options, cpu, engine_name(compiler)};
}

std::string engine_name(const std::string& compiler) {
  struct stat status{};
  ::stat(compiler.c_str(), &status);  // missing: zeros, and nothing was ever made by that
  std::string facts =
      fmt::format("{} {:x} {} {}.{:09}", WHERRY_VERSION, contract::engine_fingerprint(),
                  status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  return to_hex(sha256(as_bytes(facts))).substr(0, kEngineDigits);
}

}  // namespace wherry::cli
