// Every platform the host speaks to, in one table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "http/message.h"
#include "platform/service.h"

namespace wherry::platform {

struct Route {
  std::string_view platform;
  std::string_view method;
  std::string_view path;
  uint64_t body_limit_bytes;
  http::Response (*answer)(Service& service, const http::Request& request);
};

std::span<const Route> routes();

}  // namespace wherry::platform
