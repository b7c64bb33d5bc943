#include "pack/targets.h"

#include <algorithm>

namespace wherry::pack {

namespace {

constexpr size_t kMaxLabel = 63;  // of a DNS name, which a service's name is

constexpr TargetInfo kTargets[] = {
    {Target::kOpenwhisk, "openwhisk", ".tar", "wherry-host", "OpenWhisk, as an image"},
    {Target::kOpenwhiskNative, "openwhisk-native", ".zip", "exec", "OpenWhisk, as a native action"},
    {Target::kOpenwhiskNodejs, "openwhisk-nodejs", ".zip", "", "OpenWhisk, as a Node.js action"},
    {Target::kLambda, "lambda", ".zip", "bootstrap", "AWS Lambda, provided.al2023"},
    {Target::kLambdaNodejs, "lambda-nodejs", ".zip", "", "AWS Lambda, Node.js"},
    {Target::kKnative, "knative", "", "wherry-host", "Knative, Cloud Run, IBM Code Engine"},
    {Target::kKubernetes, "kubernetes", "", "wherry-host", "Kubernetes"},
    {Target::kAzure, "azure", ".zip", "handler", "Azure Functions, custom handler"},
    {Target::kCloudflare, "cloudflare", "", "", "Cloudflare Workers, workerd"},
    {Target::kNode, "node", "", "", "Node.js"},
    {Target::kOci, "oci", "", "", "registries, as WebAssembly"},
    {Target::kSystemd, "systemd", "", "wherry-host", "systemd, with socket activation"},
};

}  // namespace

std::span<const TargetInfo> targets() { return kTargets; }

const TargetInfo* find_target(std::string_view name) {
  for (const TargetInfo& info : kTargets) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

std::string plain_name(std::string_view name) {
  std::string plain;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_plain)
      plain += c;
    else if (!plain.ends_with('-'))
      plain += '-';
  }
  plain.resize(std::min<size_t>(plain.size(), kMaxLabel));
  while (plain.ends_with('-')) plain.pop_back();
  return plain;
}

}  // namespace wherry::pack
