#include "host/router.h"

#include <algorithm>

namespace wherry::host {

namespace {

// What of the path is behind the function's name: empty, or it begins with `/`.
Target target_in(const std::shared_ptr<HostedFunction>& function, std::string_view mount,
                 std::string_view rest, bool is_at_root) {
  Code code = function->code();
  bool speaks_http = code && function::speaks_http(code->abi());
  if (is_at_root || !speaks_http) {
    if (rest == "/init") return {Service::kOpenWhiskInit, function, std::move(code), {}, {}};
    if (rest == "/run") return {Service::kOpenWhiskRun, function, std::move(code), {}, {}};
  }
  bool is_export = code && code->abi() == function::Abi::kExport && rest.find('/', 1) == rest.npos;
  bool is_whole = speaks_http || rest.empty() || rest == "/";
  if (!is_whole && !is_export) return {};
  std::string export_name(is_whole ? "" : rest.substr(1));
  return {Service::kCall, function, std::move(code), std::string(mount), std::move(export_name)};
}

}  // namespace

Target find_target(const Catalog& catalog, bool one_at_root, std::string_view path) {
  if (path == "/healthz") return {Service::kHealth, {}, {}, {}, {}};
  if (path == "/metrics") return {Service::kMetrics, {}, {}, {}, {}};
  if (path.empty() || path[0] != '/') return {};
  size_t end = std::min(path.find('/', 1), path.size());
  if (auto function = catalog.find(path.substr(1, end - 1))) {
    return target_in(function, path.substr(0, end), path.substr(end), false);
  }
  auto only = one_at_root ? catalog.only() : nullptr;
  return only ? target_in(only, "", path, true) : Target{};
}

}  // namespace wherry::host
