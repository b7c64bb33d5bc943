// An event as OpenWhisk gives it to an action, and what the action's result says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "verify/runner.h"

namespace wherry::verify {

inline constexpr std::string_view kNoResult = "The action did not return a dictionary or array.";

// JSON text; nothing if OpenWhisk has no such events: bodies that are no parameters, or no text.
std::optional<std::string> openwhisk_value_of(const http::Request& request, bool speaks_http);

// Of a result, or {"error": …}; of one that speaks HTTP, {statusCode, headers, body}.
Result<Answer> answer_of_action(const std::string& result, bool speaks_http);

}  // namespace wherry::verify
