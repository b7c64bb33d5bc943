#include "platform/platforms.h"

#include "platform/openwhisk.h"
#include "platform/plain.h"

namespace wherry::platform {

namespace {

constexpr Route kRoutes[] = {
    {"plain", "POST", "/", kMaxRunBodyBytes, plain_invoke},
    {"openwhisk", "POST", "/init", kMaxInitBodyBytes, openwhisk_init},
    {"openwhisk", "POST", "/run", kMaxRunBodyBytes, openwhisk_run},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace wherry::platform
