// What a CGI program is told about its request (RFC 3875, section 4): pure functions of the
// request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "function/function.h"

namespace wherry::function {

// "NAME=value" each, none with a zero byte.
std::vector<std::string> cgi_variables(const http::Request& request, const Event& event,
                                       std::optional<uint64_t> body_length);

// The parts of a query between `&`, decoded: arguments of the program, as WAGI has them.
std::vector<std::string> cgi_arguments(std::string_view query);

}  // namespace wherry::function
