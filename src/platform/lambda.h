// AWS Lambda's Runtime API for custom runtimes, 2018-06-01 (AWS: "Using the Lambda runtime API"):
// asks for an event, calls the function, tells the result; and again.
//
//   HTTP events (lambda_event.h)   the request is answered as `wherry serve` answers it, as a whole
//                                  or streamed (lambda_stream.h)
//   other events                   JSON functions have them as their parameters, and the result is
//                                  theirs, or an error `Function.<Kind>`; functions that speak HTTP
//                                  have a POST of the event to /
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "function/function.h"
#include "http/exchange.h"
#include "platform/http_event.h"

namespace wherry::platform {

// What is called; from several threads at a time if there are several loops.
struct LambdaFunction {
  using Deadline = std::chrono::steady_clock::time_point;
  bool speaks_http = false;
  // The answers to HTTP events are streamed.
  bool streams = false;
  // Answers, or says how that failed: then nothing was answered, or not all.
  std::function<std::optional<CallFailure>(const http::ExchangePtr&, Deadline)> answer;
  std::function<function::Outcome(function::Event)> invoke;
};

// `api` is AWS_LAMBDA_RUNTIME_API: an address in numbers. Returns when it cannot be reached any
// more, with the reason.
Error run_lambda_loops(const std::string& api, const LambdaFunction& function, unsigned loops);

// That the function could not be loaded.
Status tell_lambda_init_error(const std::string& api, const Error& error);

}  // namespace wherry::platform
