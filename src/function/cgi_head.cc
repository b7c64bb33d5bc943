#include "function/cgi_head.h"

#include <charconv>

#include "function/http_rules.h"

namespace wherry::function {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// `404 Not Found`: a number of three digits, and perhaps words, which HTTP has of its own.
std::optional<unsigned> parse_status(std::string_view value) {
  unsigned status = 0;
  const char* end = value.data() + value.size();
  auto parsed = std::from_chars(value.data(), end, status);
  if (parsed.ec != std::errc() || (parsed.ptr != end && *parsed.ptr != ' ')) return std::nullopt;
  if (status < 200 || status > 599) return std::nullopt;
  return status;
}

Error bad_field(std::string_view name, std::string_view value) {
  return make_error(ErrorKind::kInvalid, "the field {} has the value \"{}\"", name, value);
}

// What the fields say, beyond those that are passed on.
struct Fields {
  bool has_type = false;
  bool has_location = false;
  std::optional<unsigned> status;
};

Status take_field(std::string_view name, std::string_view value, CgiHead& head, Fields& fields) {
  if (!is_header_name(name)) {
    return make_error(ErrorKind::kInvalid, "the head has a line that is no field: \"{}\"",
                      name.substr(0, 40));
  }
  if (!is_header_value(value)) return bad_field(name, "…");
  if (http::equal_ignoring_case(name, "status")) {
    fields.status = parse_status(value);
    return fields.status ? ok_status() : Status(bad_field(name, value));
  }
  if (http::equal_ignoring_case(name, "content-length")) {
    head.length = parse_length(value);
    return head.length ? ok_status() : Status(bad_field(name, value));
  }
  if (is_hop_by_hop(name)) return ok_status();
  fields.has_type |= http::equal_ignoring_case(name, "content-type");
  fields.has_location |= http::equal_ignoring_case(name, "location");
  head.response.headers.push_back({std::string(name), std::string(value)});
  return ok_status();
}

}  // namespace

std::optional<size_t> end_of_cgi_head(std::string_view text, size_t from) {
  // An empty line may have begun with the last line's end.
  size_t at = from < 2 ? 0 : from - 2;
  if (at == 0) {
    if (text.starts_with("\n")) return 1;
    if (text.starts_with("\r\n")) return 2;
  }
  while ((at = text.find('\n', at)) != std::string_view::npos) {
    at++;
    if (text.substr(at).starts_with("\n")) return at + 1;
    if (text.substr(at).starts_with("\r\n")) return at + 2;
  }
  return std::nullopt;
}

Result<CgiHead> parse_cgi_head(std::string_view text) {
  CgiHead head;
  Fields fields;
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    const size_t colon = line.find(':');
    const bool has_colon = colon != std::string_view::npos;
    TRY(take_field(line.substr(0, colon), has_colon ? trimmed(line.substr(colon + 1)) : "\n", head,
                   fields));
  }
  if (!fields.has_type && !fields.has_location && !fields.status) {
    return make_error(ErrorKind::kInvalid,
                      "the head has none of Content-Type, Location and Status");
  }
  head.response.status = fields.status.value_or(fields.has_location ? 302 : 200);
  return head;
}

}  // namespace wherry::function
