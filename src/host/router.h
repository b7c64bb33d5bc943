// What a request is for: a function's call, a step of OpenWhisk's contract, or the host itself.
//
//   /healthz, /metrics            the host
//   /{function}[/…]               the function; behind its name the path of one that speaks HTTP,
//   or the
//                                 export to call
//   /{function}/init, /run        OpenWhisk's contract, of functions that do not speak HTTP
//   /, /init, /run, /…            the same of a host that serves one function only
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "host/hosted_function.h"
#include "http/message.h"

namespace wherry::host {

enum class Service : uint8_t { kHealth, kMetrics, kCall, kOpenWhiskInit, kOpenWhiskRun, kNothing };

struct Target {
  Service service = Service::kNothing;
  std::shared_ptr<HostedFunction> function;  // kCall and OpenWhisk's
  Code code;                                 // the function's, now
  std::string mount;                         // kCall: what of the path named the function
  std::string export_name;                   // kCall: of an export function, if the path says it
};

// `one_at_root`: a function that is alone in the catalog has all paths that name none.
Target find_target(const Catalog& catalog, bool one_at_root, std::string_view path);

}  // namespace wherry::host
