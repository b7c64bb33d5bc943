// The other side of platform/lambda_event.h: a request as a function URL sends it, and what its
// answer was.
#pragma once

#include <string>

#include "verify/runner.h"

namespace wherry::verify {

std::string lambda_event_of(const http::Request& request);
// Of {statusCode, body, isBase64Encoded}.
Result<Answer> answer_of_lambda(const std::string& text);

}  // namespace wherry::verify
