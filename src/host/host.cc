#include "host/host.h"

#include "platform/platforms.h"

namespace wherry::host {

namespace {

// For a request that no route wants: its body is read only to be polite.
constexpr uint64_t kUnwantedBodyBytes = 64 * 1024;

const platform::Route* find_route(const http::Request& request) {
  for (const platform::Route& route : platform::routes()) {
    if (route.path == request.path() && route.method == request.method) return &route;
  }
  return nullptr;
}

http::Response health(const http::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") {
    return http::json_response(200, R"({"status":"ok"})");
  }
  http::Response refusal = http::error_response(405, "/healthz takes GET");
  refusal.headers.push_back({"Allow", "GET, HEAD"});
  return refusal;
}

}  // namespace

http::Response answer(platform::Service& service, const http::Request& request) {
  if (request.path() == "/healthz") return health(request);
  if (const platform::Route* route = find_route(request)) return route->answer(service, request);
  std::string allowed;
  for (const platform::Route& route : platform::routes()) {
    if (route.path != request.path()) continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += route.method;
  }
  if (allowed.empty()) {
    return http::error_response(404,
                                "nothing here: POST / calls the function, "
                                "POST /init and /run are OpenWhisk's, GET /healthz is 200");
  }
  http::Response refusal =
      http::error_response(405, fmt::format("{} takes {}", request.path(), allowed));
  refusal.headers.push_back({"Allow", std::move(allowed)});
  return refusal;
}

Result<std::unique_ptr<http::Server>> serve(http::ServerOptions options, platform::Service& service,
                                            Log log) {
  http::Handlers handlers;
  handlers.answer = [&service](const http::Request& request) { return answer(service, request); };
  handlers.body_limit_bytes = [](const http::Request& request) {
    const platform::Route* route = find_route(request);
    return route == nullptr ? kUnwantedBodyBytes : route->body_limit_bytes;
  };
  return http::Server::create(std::move(options), std::move(handlers), std::move(log));
}

}  // namespace wherry::host
