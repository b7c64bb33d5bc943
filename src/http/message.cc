#include "http/message.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/result.h"
#include "http/characters.h"

namespace wherry::http {

namespace {

bool breaks_the_line(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return !is_value_character(c); });
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

// Those that say how this connection frames the message, which is not a handler's business.
bool is_of_the_connection(std::string_view name) {
  switch (name.size()) {
    case 7: return equal_ignoring_case(name, "upgrade");
    case 10:
      return equal_ignoring_case(name, "connection") || equal_ignoring_case(name, "keep-alive");
    case 14: return equal_ignoring_case(name, "content-length");
    case 17: return equal_ignoring_case(name, "transfer-encoding");
    default: return false;
  }
}

std::string form_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced).value_or(std::string(text));
}

void append_number(std::string& to, uint64_t number) {
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  to.append(digits, end);
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_header(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, name)) return &header.value;
  }
  return nullptr;
}

bool list_has(std::string_view value, std::string_view element) {
  while (!value.empty()) {
    size_t comma = value.find(',');
    std::string_view one = trim_spaces(value.substr(0, comma));
    if (equal_ignoring_case(one, element)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
  return false;
}

const std::string* Request::find_header(std::string_view name) const {
  return http::find_header(headers, name);
}

const std::string* Response::find_header(std::string_view name) const {
  return http::find_header(headers, name);
}

std::string_view Request::query() const {
  size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

Response json_response(unsigned status, std::string json) {
  return {status, {{"Content-Type", "application/json"}}, std::move(json)};
}

Response text_response(unsigned status, std::string text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text)};
}

Response error_response(unsigned status, std::string_view message) {
  return json_response(status, write_json({{"error", message}}));
}

bool status_has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

// RFC 9110 section 15, and 428, 429, 431 and 511 of RFC 6585.
std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 305: return "Use Proxy";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 511: return "Network Authentication Required";
    default: return "Unknown";
  }
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

std::vector<std::pair<std::string, std::string>> query_pairs(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    size_t end = query.find('&');
    std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    pairs.emplace_back(form_decode(pair.substr(0, equals)), form_decode(value));
  }
  return pairs;
}

void append_response_head(std::string& to, const Response& response, const Framing& framing) {
  to += "HTTP/1.1 ";
  append_number(to, response.status);
  to += ' ';
  to += reason_phrase(response.status);
  to += "\r\n";
  for (const Header& header : response.headers) {
    if (!is_name(header.name) || breaks_the_line(header.value)) continue;
    if (is_of_the_connection(header.name)) continue;
    to += header.name;
    to += ": ";
    to += header.value;
    to += "\r\n";
  }
  if (framing.kind == Framing::Kind::kLength) {
    to += "Content-Length: ";
    append_number(to, framing.length);
    to += "\r\n";
  } else if (framing.kind == Framing::Kind::kChunked) {
    to += "Transfer-Encoding: chunked\r\n";
  }
  to += framing.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
}

}  // namespace wherry::http
