// An event as OpenWhisk gives it to an action, and what the action's result says.
#pragma once

#include <optional>
#include <string>

#include "platform/openwhisk.h"
#include "verify/runner.h"

namespace wherry::verify {

// JSON text; nothing if OpenWhisk has no such events: bodies that are no parameters, or no text.
std::optional<std::string> openwhisk_value_of(const http::Request& request, bool speaks_http);

// Of a result, or {"error": …}; of one that speaks HTTP, {statusCode, headers, body}.
Result<Answer> answer_of_action(const std::string& result, bool speaks_http);

}  // namespace wherry::verify
