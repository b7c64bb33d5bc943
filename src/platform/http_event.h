// Plain HTTP to a function's JSON parameters, and its outcome to an answer: for functions that do
// not speak HTTP themselves (command and export).
#pragma once

#include <string>

#include "base/result.h"
#include "function/function.h"
#include "http/message.h"

namespace wherry::platform {

// The most that is read of a request whose body becomes parameters.
inline constexpr uint64_t kMaxParametersBytes = 8ull << 20;

// JSON text. Of a CloudEvent (platform/cloud_events.h), the event; else the body, which is JSON or
// a form, and the query's parameters as strings, below those of the body. Nothing of either is
// `{}`. kInvalid if the body is malformed.
Result<std::string> parameters_of(const http::Request& request);

// What an outcome without an answer of its own is worth: 200 with the result, or the error that
// fits, as JSON: {"error", "kind"}. The same outcome has the same answer.
http::Response response_of(function::Outcome& outcome);

// How a call failed whose answer may have begun: who waited for it says so, as it can.
struct CallFailure {
  function::OutcomeKind kind{};
  std::string message;
  http::Response response;  // response_of() it
};

// The status of a failed outcome: 400, 500, 502 or 504.
unsigned status_of(function::OutcomeKind kind);

}  // namespace wherry::platform
