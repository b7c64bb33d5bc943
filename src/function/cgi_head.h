// The head of a CGI program's answer (RFC 3875, section 6): a pure function of its bytes.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace wherry::function {

struct CgiHead {
  http::Response response;  // without a body
  std::optional<uint64_t> length;
};

// Where the head ends: the offset behind its empty line, or nothing if that has not come. Lines end
// in LF or CRLF. `from` is how much was looked at before.
std::optional<size_t> end_of_cgi_head(std::string_view text, size_t from);

// A head up to its empty line. Status is 200 without a Status field, and 302 with a Location.
// Fields about the connection are left out. An error says what is wrong with it.
Result<CgiHead> parse_cgi_head(std::string_view head);

}  // namespace wherry::function
