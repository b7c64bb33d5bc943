// How much time compiling may take for how fast the code is. Code of all profiles means the same,
// and the runtime cannot tell them apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wherry::contract {

enum class Profile : uint8_t {
  kDev,      // seconds instead of minutes, for a change that is tried at once
  kRelease,  // fast code
  kMax,      // the last few percent, whatever the time
};

inline constexpr Profile kProfiles[] = {Profile::kDev, Profile::kRelease, Profile::kMax};

constexpr std::string_view name_of(Profile profile) {
  switch (profile) {
    case Profile::kDev: return "dev";
    case Profile::kRelease: return "release";
    case Profile::kMax: return "max";
  }
  return "release";
}

constexpr std::optional<Profile> parse_profile(std::string_view text) {
  for (Profile profile : kProfiles) {
    if (text == name_of(profile)) return profile;
  }
  return std::nullopt;
}

}  // namespace wherry::contract
