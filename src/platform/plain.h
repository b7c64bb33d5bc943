// The plain JSON route: POST / with the parameters, answered with the result. Ours, for people with
// curl and for gateways; no platform asks for it.
//
// 200 with the result; 400 for a body that is no JSON object or array; 404 if no function is
// loaded; 504 when the function ran out of time; 500 when we failed and 502 for all else the
// function did, with `{"error":…,"kind":"trap"}`. An empty body means `{}`. Log lines go to the
// host's streams.
#pragma once

#include "http/message.h"
#include "platform/service.h"

namespace wherry::platform {

http::Response plain_invoke(Service& service, const http::Request& request);

}  // namespace wherry::platform
