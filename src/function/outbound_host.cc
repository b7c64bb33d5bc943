#include "function/outbound_host.h"

#include <algorithm>

namespace wherry::function {

bool is_outbound_host(std::string_view text) { return OutboundRules::parse(text).has_value(); }

Result<OutboundRules> OutboundRules::create(const std::vector<std::string>& hosts) {
  OutboundRules rules;
  for (const std::string& host : hosts) {
    std::optional<Rule> rule = parse(host);
    if (!rule) {
      return make_error(ErrorKind::kInvalid, "\"{}\" is not a host that could be called", host)
          .with_hint(
              "hosts look like api.example.com, *.example.com:8443 or http://127.0.0.1:9000");
    }
    rules.rules_.push_back(std::move(*rule));
  }
  return rules;
}

std::optional<OutboundRules::Rule> OutboundRules::parse(std::string_view text) {
  Rule rule;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    rule.is_https = scheme.size() == 8;
    text.remove_prefix(scheme.size());
    break;
  }
  const size_t bracket = text.rfind(']');
  const size_t colon = text.find(':', bracket == text.npos ? 0 : bracket);
  if (colon != text.npos) {
    rule.port = http::parse_port(text.substr(colon + 1));
    if (rule.port == 0) return std::nullopt;
    text = text.substr(0, colon);
  }
  if (text.starts_with("*.")) {
    rule.is_pattern = true;
    text.remove_prefix(2);
  }
  http::Url url;
  if (!http::parse_host(text, url)) return std::nullopt;
  if (rule.is_pattern && url.kind != http::HostKind::kName) return std::nullopt;
  rule.host = std::move(url.host);
  return rule;
}

bool OutboundRules::allow(const http::Url& url) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&url](const Rule& rule) { return fits(rule, url); });
}

bool OutboundRules::fits(const Rule& rule, const http::Url& url) {
  if (rule.is_https && *rule.is_https != url.is_https) return false;
  if (rule.port == 0 ? !url.has_default_port() : rule.port != url.port) return false;
  if (!rule.is_pattern) return url.host == rule.host;
  return url.kind == http::HostKind::kName && url.host.size() > rule.host.size() + 1 &&
         url.host.ends_with(rule.host) && url.host[url.host.size() - rule.host.size() - 1] == '.';
}

}  // namespace wherry::function
