// What guests may say in an answer's head, and where in a request's target their part begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace wherry::function {

// A header name, by RFC 9110's grammar (token).
bool is_header_name(std::string_view name);
// A header's value: no CR, LF, NUL or other control characters but tabs.
bool is_header_value(std::string_view value);
// About one connection, so the server's alone (RFC 9110, section 7.6.1): `Connection` and such.
bool is_hop_by_hop(std::string_view name);
// The number in a Content-Length, or nothing.
std::optional<uint64_t> parse_length(std::string_view value);

// The path behind the mount, as sent; begins with a slash.
std::string_view path_behind(std::string_view path, std::string_view mount);

// All values of a header, joined with ", "; nothing if it is absent.
std::optional<std::string> joined_header(const std::vector<http::Header>& headers,
                                         std::string_view name);

}  // namespace wherry::function
