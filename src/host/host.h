// The serverless function host: the platforms' routes and /healthz on an HTTP server.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "http/server.h"
#include "platform/service.h"

namespace wherry::host {

// Answers one request; what the server's workers call. Safe from many threads.
http::Response answer(platform::Service& service, const http::Request& request);

// Listens and serves at once. `service` outlives the server, whose stop() drains it.
Result<std::unique_ptr<http::Server>> serve(http::ServerOptions options, platform::Service& service,
                                            Log log);

}  // namespace wherry::host
