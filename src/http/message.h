// HTTP requests and responses as the rest of Wherry sees them; the library behind is
// server_beast.cc's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wherry::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // upper case, as sent
  std::string target;  // path and query, as sent
  std::vector<Header> headers;
  std::string body;

  // The target before the first `?`.
  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  // The first header of this name in any case, or null.
  const std::string* find_header(std::string_view name) const;
};

// The server adds Content-Length and Connection.
struct Response {
  unsigned status = 200;
  std::vector<Header> headers;
  std::string body;
};

Response json_response(unsigned status, std::string json);
Response text_response(unsigned status, std::string text);
// `{"error":"…"}`, the form of every error this server answers.
Response error_response(unsigned status, std::string_view message);

// `Not Found` for 404; "Unknown" for numbers without a name.
std::string_view reason_phrase(unsigned status);

// Status line and headers up to the empty line, with Content-Length and Connection. A header whose
// name or value could end the line early is left out.
std::string response_head(const Response& response, bool keep_alive);

}  // namespace wherry::http
