// HTTP requests and responses as the rest of Wherry sees them; how they travel is the server's and
// the client's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wherry::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // upper case, as sent
  std::string target;  // path and query, as sent; `*` only with OPTIONS
  std::vector<Header> headers;
  std::string body;
  bool is_http_1_0 = false;
  std::string client_ip;  // "127.0.0.1" or "::1"; empty for local sockets

  // The target before the first `?`.
  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  // What is behind the first `?`, without it.
  std::string_view query() const;
  // The first header of this name in any case, or null.
  const std::string* find_header(std::string_view name) const;
};

// The server adds Content-Length, Transfer-Encoding and Connection, and drops those that are there;
// `Connection: close` is heeded.
struct Response {
  unsigned status = 200;
  std::vector<Header> headers;
  std::string body;

  const std::string* find_header(std::string_view name) const;
};

Response json_response(unsigned status, std::string json);
Response text_response(unsigned status, std::string text);
// `{"error":"…"}`, the form of every error this server answers.
Response error_response(unsigned status, std::string_view message);

// `Not Found` for 404; "Unknown" for numbers without a name.
std::string_view reason_phrase(unsigned status);

// 1xx, 204 and 304 have none.
bool status_has_body(unsigned status);

bool equal_ignoring_case(std::string_view a, std::string_view b);
// The first header of this name in any case, or null.
const std::string* find_header(const std::vector<Header>& headers, std::string_view name);
// True if `value` is a comma-separated list with this element, in any case.
bool list_has(std::string_view value, std::string_view element);

// RFC 3986 section 2.1. Nothing if a `%` is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);
// `a=1&b=x+y` as pairs in their order, decoded as forms are: `+` is a space, and what cannot be
// decoded stays as it is. A name without `=` has an empty value.
std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view query);

// How the end of a response is told.
struct Framing {
  enum class Kind : uint8_t { kLength, kChunked, kUntilClose, kNoBody };
  Kind kind = Kind::kLength;
  uint64_t length = 0;  // kLength
  bool keep_alive = true;
};

// Status line and headers up to the empty line. A header whose name is none or whose value could
// end the line early is left out.
void append_response_head(std::string& to, const Response& response, const Framing& framing);

}  // namespace wherry::http
