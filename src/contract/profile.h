// How much time compiling may take for how fast the code is. Code of both profiles means the same,
// and the runtime cannot tell them apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wherry::contract {

enum class Profile : uint8_t {
  kDev,      // seconds instead of minutes, for a change that is tried at once
  kRelease,  // the fastest code
};

constexpr std::string_view name_of(Profile profile) {
  return profile == Profile::kDev ? "dev" : "release";
}

constexpr std::optional<Profile> parse_profile(std::string_view text) {
  for (Profile profile : {Profile::kDev, Profile::kRelease}) {
    if (text == name_of(profile)) return profile;
  }
  return std::nullopt;
}

}  // namespace wherry::contract
