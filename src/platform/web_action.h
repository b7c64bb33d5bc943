// Functions that speak HTTP (cgi and handler) as OpenWhisk's actions: JSON in, JSON out, by the
// conventions of its web actions (OpenWhisk: docs/webactions.md).
//
//   in    of a web action, __ow_method, __ow_path, __ow_headers, __ow_query and __ow_body are the
//   request,
//         and other parameters its body as JSON, or the query of a GET; without __ow_method, all
//         parameters are the JSON body of a POST to /
//   out   {"statusCode", "headers", "body"}, the body in base64 unless it is text; if the event was
//   no web
//         action's, a successful answer of a JSON object or array is the result itself
#pragma once

#include "base/result.h"
#include "function/function.h"
#include "http/message.h"

namespace wherry::platform {

// Calls the function and waits. What goes wrong is an Outcome.
function::Outcome call_as_web_action(const function::Function& function,
                                     const function::Event& event);

// The request that the parameters (JSON text) stand for; kInvalid if they are no object or a __ow_…
// parameter is of the wrong type.
Result<http::Request> request_of_parameters(const std::string& parameters);

// The result that stands for an answer, as JSON text.
std::string result_of_response(const http::Response& response, bool is_web);

}  // namespace wherry::platform
