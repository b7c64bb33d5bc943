// Lambda's HTTP events (payload 2.0 of function URLs and HTTP APIs, 1.0 of REST APIs, and those of
// load balancers) to requests, and answers to the object that Lambda makes an HTTP answer of.
// (AWS: "Using AWS Lambda with API Gateway", "Invoking Lambda function URLs", "Lambda functions as
// targets".) js/wherry/lambda_event.mjs does the same.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "http/message.h"

namespace wherry::platform {

bool is_http_event(const nlohmann::json& event);

// kInvalid if a member is of another type than it should be.
Result<http::Request> request_of_lambda_event(const nlohmann::json& event);

// {statusCode, headers, cookies, body, isBase64Encoded} as JSON text. Without an event: of a
// function that speaks HTTP and was invoked directly.
std::string lambda_result_of(const http::Response& response, const nlohmann::json* event);

// {statusCode, headers, cookies}: what goes before the body of an answer that is streamed.
std::string lambda_stream_head(const http::Response& head);

// {errorMessage, errorType, stackTrace}
std::string lambda_error(std::string_view type, std::string_view message);

}  // namespace wherry::platform
