#include "http/head_parser.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/result.h"
#include "http/characters.h"

namespace wherry::http {

std::optional<uint64_t> parse_decimal(std::string_view text) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void HeadParser::reset(std::vector<Header>* headers) {
  headers_ = headers;
  header_count_ = 0;
  host_ = nullptr;
  is_http_1_0_ = is_chunked_ = false;
  keep_alive_ = true;
  line_start_ = searched_ = 0;
  has_start_line_ = says_close_ = says_keep_alive_ = false;
  hosts_ = 0;
  content_length_.reset();
  expectation_.clear();
}

bool HeadParser::refuse(unsigned status, std::string_view why) {
  refusal_.status = status;
  refusal_.why = status == 400 ? fmt::format("malformed request: {}", why) : std::string(why);
  return false;
}

HeadParser::Outcome HeadParser::parse(std::string_view head) {
  // The first byte gives away other protocols, TLS for one, that may never send a line's end.
  if (!head.empty() && !is_token_character(head[0]) && head[0] != '\r') {
    refuse(400, "this is not HTTP");
    return Outcome::kRefused;
  }
  while (searched_ < head.size()) {
    const void* found = std::memchr(head.data() + searched_, '\n', head.size() - searched_);
    if (found == nullptr) {
      searched_ = head.size();
      break;
    }
    auto feed = static_cast<size_t>(static_cast<const char*>(found) - head.data());
    if (feed == line_start_ || head[feed - 1] != '\r') {
      refuse(400, "a line ends without a carriage return");
      return Outcome::kRefused;
    }
    std::string_view line = head.substr(line_start_, feed - 1 - line_start_);
    line_start_ = searched_ = feed + 1;
    if (line.empty() && has_start_line_) return end() ? Outcome::kDone : Outcome::kRefused;
    if (!parse_line(line)) return Outcome::kRefused;
  }
  return Outcome::kMore;
}

bool HeadParser::parse_line(std::string_view line) {
  if (has_start_line_) return parse_field(line);
  if (line.empty()) return true;  // RFC 9112 section 2.2: empty lines before are skipped
  has_start_line_ = true;
  return parse_start_line(line);
}

bool HeadParser::parse_field(std::string_view line) {
  if (line[0] == ' ' || line[0] == '\t') return refuse(400, "a header line is folded");
  if (header_count_ == kMaxHeaders) {
    return refuse(431, fmt::format("the request has more than {} header fields", kMaxHeaders));
  }
  size_t name_size = 0;
  while (name_size < line.size() && is_token_character(line[name_size])) name_size++;
  if (name_size == line.size() || line[name_size] != ':' || name_size == 0) {
    return refuse(400, "a header line is not `name: value`");
  }
  std::string_view value = trim_spaces(line.substr(name_size + 1));
  if (!are_value_characters(value)) {
    return refuse(400, "a header's value contains a control character");
  }
  if (header_count_ == headers_->size()) headers_->emplace_back();
  Header& header = (*headers_)[header_count_++];
  header.name = line.substr(0, name_size);
  header.value = value;
  return note_field(header);
}

bool HeadParser::note_field(const Header& header) {
  const std::string& name = header.name;
  switch (name.size()) {
    case 4: return !equal_ignoring_case(name, "host") || note_host();
    case 6:
      if (equal_ignoring_case(name, "expect")) expectation_ = header.value;
      return true;
    case 10:
      if (equal_ignoring_case(name, "connection")) {
        says_close_ |= list_has(header.value, "close");
        says_keep_alive_ |= list_has(header.value, "keep-alive");
      }
      return true;
    case 14: return !equal_ignoring_case(name, "content-length") || note_length(header.value);
    case 17: return !equal_ignoring_case(name, "transfer-encoding") || note_encoding(header.value);
    default: return true;
  }
}

bool HeadParser::note_length(std::string_view value) {
  auto length = parse_decimal(value);
  if (!length) return refuse(400, "Content-Length is not a number");
  if (content_length_ && *content_length_ != *length) {
    return refuse(400, "two different values of Content-Length");
  }
  content_length_ = length;
  return true;
}

bool HeadParser::note_encoding(std::string_view value) {
  if (is_chunked_) return refuse(400, "Transfer-Encoding is there twice");
  if (value.empty()) return refuse(400, "Transfer-Encoding is empty");
  if (!equal_ignoring_case(value, "chunked")) {
    return refuse(501, "the only transfer encoding known here is chunked");
  }
  is_chunked_ = true;
  return true;
}

bool HeadParser::note_host() {
  if (hosts_++ > 0) return refuse(400, "two Host headers");
  host_index_ = header_count_ - 1;
  const std::string& host = (*headers_)[host_index_].value;
  if (host.find_first_of(" \t/\\@,?#") != std::string::npos)
    return refuse(400, "a bad Host header");
  return true;
}

bool HeadParser::parse_version(std::string_view version) {
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.' ||
      !is_digit(version[5]) || !is_digit(version[7])) {
    return refuse(400, "the first line does not end with an HTTP version");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  }
  is_http_1_0_ = version.back() == '0';
  return true;
}

bool HeadParser::end() {
  headers_->resize(header_count_);
  if (hosts_ > 0) host_ = &(*headers_)[host_index_].value;
  if (is_chunked_ && content_length_) {
    return refuse(400, "both Content-Length and Transfer-Encoding");
  }
  if (is_chunked_ && is_http_1_0_) return refuse(400, "Transfer-Encoding in HTTP/1.0");
  keep_alive_ = !says_close_ && (!is_http_1_0_ || says_keep_alive_);
  return finish();
}

void RequestHeadParser::reset(Request* request) {
  request_ = request;
  request_->method.clear();
  request_->target.clear();
  authority_.clear();
  HeadParser::reset(&request->headers);
}

bool RequestHeadParser::parse_start_line(std::string_view line) {
  size_t method_end = 0;
  while (method_end < line.size() && is_token_character(line[method_end])) method_end++;
  size_t target_end = line.rfind(' ');
  if (method_end == 0 || method_end == line.size() || line[method_end] != ' ' ||
      target_end <= method_end + 1) {
    return refuse(400, "the first line is not `METHOD target HTTP/1.1`");
  }
  if (!parse_version(line.substr(target_end + 1))) return false;
  request_->method = line.substr(0, method_end);
  request_->is_http_1_0 = is_http_1_0_;
  return parse_target(line.substr(method_end + 1, target_end - method_end - 1));
}

// RFC 9112 section 3.2: a path, a whole URL (as to a proxy), or `*`.
bool RequestHeadParser::parse_target(std::string_view target) {
  if (!std::all_of(target.begin(), target.end(), is_target_character)) {
    return refuse(400, "a bad character in the request's target");
  }
  if (request_->method == "CONNECT") return refuse(501, "CONNECT is for proxies");
  bool is_star = target == "*" && request_->method == "OPTIONS";
  if (target[0] == '/' || is_star) {
    request_->target = target;
    return true;
  }
  size_t scheme_end = target.find("://");
  std::string_view scheme = target.substr(0, std::min(scheme_end, target.size()));
  if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) {
    return refuse(400, "the request's target is neither a path nor a URL");
  }
  target.remove_prefix(scheme_end + 3);
  size_t authority_end = std::min(target.find_first_of("/?"), target.size());
  authority_ = target.substr(0, authority_end);
  if (authority_.empty() || authority_.find_first_of("@\\,") != std::string::npos) {
    return refuse(400, "the request's target has a bad host");
  }
  request_->target = target.substr(authority_end);
  if (!request_->target.starts_with('/')) request_->target.insert(0, "/");
  return true;
}

bool RequestHeadParser::finish() {
  if (host_ == nullptr && !is_http_1_0_) return refuse(400, "no Host header");
  if (authority_.empty()) return true;
  // RFC 9112 section 3.2.2: the target's host is the one that counts.
  for (Header& header : request_->headers) {
    if (&header.value == host_) header.value = authority_;
  }
  if (host_ == nullptr) request_->headers.push_back({"Host", authority_});
  return true;
}

void ResponseHeadParser::reset(Response* response) {
  response_ = response;
  HeadParser::reset(&response->headers);
}

bool ResponseHeadParser::parse_start_line(std::string_view line) {
  if (line.size() < 12 || line[8] != ' ') return refuse(400, "not an HTTP status line");
  if (!parse_version(line.substr(0, 8))) return false;
  auto status = parse_decimal(line.substr(9, 3));
  bool ends_well = line.size() == 12 || line[12] == ' ';
  if (!status || *status < 100 || !ends_well) return refuse(400, "not an HTTP status line");
  response_->status = static_cast<unsigned>(*status);
  return true;
}

bool ResponseHeadParser::finish() { return true; }

}  // namespace wherry::http
