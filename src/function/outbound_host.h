// Hosts that a function may call, as people write them: `api.example.com`, `*.example.com:8443`,
// `https://example.com`, `http://[::1]:9000`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/url.h"

namespace wherry::function {

// Whether it has that form: a scheme (http or https) or none, a name or an address (IPv6 in
// brackets) with `*.` for any labels before a name, a port or none; nothing else.
bool is_outbound_host(std::string_view text);

// Which URLs a function may call. Decided by what the URL says, before any name is looked up; where
// names lead is the client's matter (outbound/address.h).
class OutboundRules {
 public:
  // kInvalid, with the text, if one of them has not the form.
  static Result<OutboundRules> create(const std::vector<std::string>& hosts);

  // Scheme and port count: without a port, an entry means the scheme's own; without a scheme, both.
  // `*.example.com` is no `example.com`.
  bool allow(const http::Url& url) const;
  bool is_empty() const { return rules_.empty(); }

 private:
  struct Rule {
    std::optional<bool> is_https;
    bool is_pattern = false;  // for the hosts below `host`
    std::string host;
    uint16_t port = 0;  // 0: the scheme's
  };
  friend bool is_outbound_host(std::string_view text);
  static std::optional<Rule> parse(std::string_view text);
  static bool fits(const Rule& rule, const http::Url& url);

  std::vector<Rule> rules_;
};

}  // namespace wherry::function
