#include "function/http_rules.h"

#include <algorithm>
#include <array>

#include "http/characters.h"
#include "http/head_parser.h"

namespace wherry::function {
namespace {

constexpr std::array<std::string_view, 7> kHopByHop = {
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
};

}  // namespace

bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), http::is_token_character);
}

bool is_header_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), http::is_value_character);
}

bool is_hop_by_hop(std::string_view name) {
  return std::any_of(kHopByHop.begin(), kHopByHop.end(), [name](std::string_view known) {
    return http::equal_ignoring_case(known, name);
  });
}

std::optional<uint64_t> parse_length(std::string_view value) { return http::parse_decimal(value); }

std::string_view path_behind(std::string_view path, std::string_view mount) {
  if (path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/')) {
    path.remove_prefix(mount.size());
  }
  return path.starts_with('/') ? path : std::string_view("/");
}

std::optional<std::string> joined_header(const std::vector<http::Header>& headers,
                                         std::string_view name) {
  std::optional<std::string> joined;
  for (const http::Header& header : headers) {
    if (!http::equal_ignoring_case(header.name, name)) continue;
    if (joined) {
      joined->append(", ").append(header.value);
    } else {
      joined = header.value;
    }
  }
  return joined;
}

}  // namespace wherry::function
