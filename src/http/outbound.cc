#include "http/outbound.h"

#include <algorithm>
#include <array>

#include "http/characters.h"

namespace wherry::http {

const char* name_of(OutboundFailure failure) {
  static constexpr const char* kNames[] = {"none",     "invalid", "denied", "limit",
                                           "name",     "connect", "tls",    "timeout",
                                           "protocol", "closed",  "stopped"};
  return kNames[static_cast<size_t>(failure)];
}

namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_the_clients(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "host", "content-length", "transfer-encoding", "connection", "keep-alive",
      "te",   "trailer",        "upgrade",           "expect"};
  auto same = [name](std::string_view other) { return equal_ignoring_case(name, other); };
  return std::any_of(kNames.begin(), kNames.end(), same) ||
         (name.size() > 6 && equal_ignoring_case(name.substr(0, 6), "proxy-"));
}

}  // namespace

Status check_outbound(std::string_view method, const std::vector<Header>& headers) {
  if (!is_token(method) || method.size() > 32) {
    return make_error(ErrorKind::kInvalid, "the method is not a word as HTTP has them");
  }
  if (equal_ignoring_case(method, "CONNECT")) {
    return make_error(ErrorKind::kInvalid, "CONNECT is for proxies");
  }
  if (headers.size() > 100) {
    return make_error(ErrorKind::kInvalid, "{} headers are more than 100", headers.size());
  }
  for (const Header& header : headers) {
    if (!is_token(header.name)) {
      return make_error(ErrorKind::kInvalid, "a header's name is not a word as HTTP has them");
    }
    if (!std::all_of(header.value.begin(), header.value.end(), is_value_character)) {
      return make_error(ErrorKind::kInvalid, "the header {} contains a control character",
                        header.name);
    }
    if (is_the_clients(header.name)) {
      return make_error(ErrorKind::kInvalid, "the header {} is the host's to set", header.name);
    }
  }
  return ok_status();
}

bool is_idempotent(std::string_view method) {
  static constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD",   "OPTIONS",
                                                               "PUT", "DELETE", "TRACE"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

}  // namespace wherry::http
