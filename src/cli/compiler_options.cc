#include "cli/compiler_options.h"

namespace wherry::cli {

Result<contract::Profile> profile_of_flag(const std::string& value) {
  if (auto profile = contract::parse_profile(value)) return *profile;
  return make_error(ErrorKind::kInvalid, "--profile {}: no such profile", value)
      .with_hint("dev, release or max");
}

Result<wasm::Features> enabled(wasm::Features features, const std::string& value) {
  return features.with(TRY(wasm::parse_feature(value).context("--enable {}", value)));
}

Result<wasm::Features> disabled(wasm::Features features, const std::string& value) {
  return features.without(TRY(wasm::parse_feature(value).context("--disable {}", value)));
}

}  // namespace wherry::cli
