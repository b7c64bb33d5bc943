#include "function/http_rules.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace wherry::function {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_token_character(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_value_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= 0x20 && byte != 0x7f);
}

constexpr std::array<std::string_view, 7> kHopByHop = {
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
};

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_character);
}

bool is_header_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), is_value_character);
}

bool is_hop_by_hop(std::string_view name) {
  return std::any_of(kHopByHop.begin(), kHopByHop.end(),
                     [name](std::string_view known) { return equal_ignoring_case(known, name); });
}

std::optional<uint64_t> parse_length(std::string_view value) {
  uint64_t length = 0;
  const char* end = value.data() + value.size();
  auto parsed = std::from_chars(value.data(), end, length);
  if (value.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return length;
}

std::string_view path_behind(std::string_view path, std::string_view mount) {
  if (path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/')) {
    path.remove_prefix(mount.size());
  }
  return path.starts_with('/') ? path : std::string_view("/");
}

std::string_view query_of(std::string_view target) {
  const size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::optional<std::string> joined_header(const std::vector<http::Header>& headers,
                                         std::string_view name) {
  std::optional<std::string> joined;
  for (const http::Header& header : headers) {
    if (!equal_ignoring_case(header.name, name)) continue;
    if (joined) {
      joined->append(", ").append(header.value);
    } else {
      joined = header.value;
    }
  }
  return joined;
}

}  // namespace wherry::function
