// The platforms that functions are packed for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wherry::pack {

enum class Target {
  kOpenwhisk,
  kOpenwhiskNative,
  kOpenwhiskNodejs,
  kLambda,
  kLambdaNodejs,
  kKnative,
  kKubernetes,
  kAzure,
  kCloudflare,
  kNode,
  kOci,
  kSystemd,
};

struct TargetInfo {
  Target target;
  const char* name;    // of --for, and in a package
  const char* ending;  // of its file: `.zip`, `.tar`; empty: a directory
  const char* host;    // what the host is called in it; empty: none, the runtime is JavaScript
  const char* title;
};

std::span<const TargetInfo> targets();
const TargetInfo* find_target(std::string_view name);

// The function's name as images and platforms allow it: lower case, and `-` for all but letters and
// digits.
std::string plain_name(std::string_view name);

}  // namespace wherry::pack
