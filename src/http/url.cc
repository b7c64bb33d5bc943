#include "http/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "http/characters.h"

namespace wherry::http {

namespace {

constexpr size_t kMaxUrlBytes = 16 * 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label(std::string_view text) {
  auto is_allowed = [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

// Whether resolvers might take the name for an address in one of its historical forms.
bool looks_numeric(std::string_view name) {
  std::string_view last = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  if (last.empty() || !is_digit(last[0])) return false;
  if (last.size() > 2 && lower(last[1]) == 'x') last.remove_prefix(2);
  return std::all_of(last.begin(), last.end(), [](char c) { return hex_value(c) >= 0; });
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 253 || looks_numeric(text)) return false;
  while (true) {
    const size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// The address as inet_ntop writes it, or an empty text.
std::string canonical_address(int family, std::string_view text) {
  unsigned char bytes[sizeof(in6_addr)];
  char canonical[INET6_ADDRSTRLEN];
  if (::inet_pton(family, std::string(text).c_str(), bytes) != 1) return {};
  return ::inet_ntop(family, bytes, canonical, sizeof canonical);
}

Error bad_url(std::string_view why) {
  return make_error(ErrorKind::kInvalid, "{}", why)
      .with_hint("URLs look like https://example.com/path");
}

bool take_scheme(std::string_view& text, Url& url) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (text.size() < scheme.size()) continue;
    bool same = std::equal(scheme.begin(), scheme.end(), text.begin(),
                           [](char a, char b) { return a == lower(b); });
    if (!same) continue;
    url.is_https = scheme.size() == 8;
    text.remove_prefix(scheme.size());
    return true;
  }
  return false;
}

}  // namespace

std::string Url::authority() const {
  std::string text = kind == HostKind::kIpv6 ? fmt::format("[{}]", host) : host;
  return has_default_port() ? text : fmt::format("{}:{}", text, port);
}

uint16_t parse_port(std::string_view text) {
  uint16_t port = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && stop == text.data() + text.size() ? port : 0;
}

bool parse_host(std::string_view text, Url& url) {
  // Zeros within would end the text early for inet_pton().
  if (text.find('\0') != text.npos) return false;
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return false;
    url.kind = HostKind::kIpv6;
    url.host = canonical_address(AF_INET6, text.substr(1, text.size() - 2));
    return !url.host.empty();
  }
  url.kind = HostKind::kIpv4;
  url.host = canonical_address(AF_INET, text);
  if (!url.host.empty()) return true;
  if (!is_name(text)) return false;
  url.kind = HostKind::kName;
  url.host = text;
  std::transform(url.host.begin(), url.host.end(), url.host.begin(), lower);
  return true;
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return bad_url("the URL is longer than 16 KiB");
  auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!std::all_of(text.begin(), text.end(), is_visible)) {
    return bad_url("the URL contains a space, a control character or one that is not ASCII");
  }
  Url url;
  if (!take_scheme(text, url)) return bad_url("the URL begins with neither http:// nor https://");
  text = text.substr(0, text.find('#'));
  std::string_view authority = text.substr(0, text.find_first_of("/?\\"));
  std::string_view target = text.substr(authority.size());
  if (authority.find('@') != authority.npos) {
    return bad_url("the URL contains a user name, which would be easy to take for a host");
  }
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  if (!parse_host(authority.substr(0, colon), url)) {
    return bad_url(
        fmt::format("\"{}\" is not a host's name or address", authority.substr(0, colon)));
  }
  url.port =
      colon == authority.npos ? (url.is_https ? 443 : 80) : parse_port(authority.substr(colon + 1));
  if (url.port == 0) {
    return bad_url(fmt::format("\"{}\" is not a port", authority.substr(colon + 1)));
  }
  if (target.starts_with('\\')) return bad_url("the URL contains a backslash behind the host");
  url.target = target;
  if (!target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

}  // namespace wherry::http
