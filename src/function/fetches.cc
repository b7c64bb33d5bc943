#include "function/fetches.h"

#include <algorithm>

namespace wherry::function {
namespace {

using http::OutboundFailure;

constexpr size_t kMostCalls = 16;  // at a time
constexpr size_t kMostHeaderBytes = 64 * 1024;
constexpr size_t kMostBodyBytes = 16 << 20;

// `Name: value` a line; line feeds alone or after carriage returns, the last one may be missing.
std::optional<std::vector<http::Header>> headers_of(std::string_view text) {
  std::vector<http::Header> headers;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    size_t colon = line.find(':');
    if (colon == line.npos) return std::nullopt;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
    headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  }
  return headers;
}

}  // namespace

int32_t Fetches::refuse(OutboundFailure failure, std::string why) {
  refusal_ = std::move(why);
  return -static_cast<int32_t>(failure);
}

int32_t Fetches::begin(std::string_view method, std::string_view url, std::string_view headers,
                       std::string_view body) {
  Result<http::Url> parsed = http::parse_url(url);
  if (!parsed.ok()) return refuse(OutboundFailure::kInvalid, parsed.error().message);
  // Before anything else is done about the host, looking its name up for one.
  if (client_ == nullptr || !rules_.allow(*parsed)) {
    return refuse(OutboundFailure::kDenied,
                  fmt::format("the function may not call {}://{}: it is not in its outbound list",
                              parsed->is_https ? "https" : "http", parsed->authority()));
  }
  if (headers.size() > kMostHeaderBytes || body.size() > kMostBodyBytes) {
    return refuse(OutboundFailure::kLimit,
                  fmt::format("a call may have {} bytes of headers and {} of body",
                              kMostHeaderBytes, kMostBodyBytes));
  }
  if (calls_.size() >= kMostCalls) {
    return refuse(OutboundFailure::kLimit,
                  fmt::format("{} calls are under way or not closed", kMostCalls));
  }
  auto fields = headers_of(headers);
  if (!fields) return refuse(OutboundFailure::kInvalid, "a header line is not `Name: value`");
  if (Status fit = http::check_outbound(method, *fields); !fit.ok()) {
    return refuse(OutboundFailure::kInvalid, fit.error().message);
  }
  calls_[next_] = client_->call(
      {std::move(*parsed), std::string(method), std::move(*fields), std::string(body)});
  return next_++;
}

http::OutboundCall* Fetches::find(int32_t number) {
  auto found = calls_.find(number);
  return found == calls_.end() ? nullptr : found->second.get();
}

std::string_view Fetches::error_of(int32_t number) {
  http::OutboundCall* call = find(number);
  if (call == nullptr) return refusal_;
  const bool has_failed = call->read({}).state == http::OutboundCall::State::kFailed;
  return has_failed ? std::string_view(call->error().message) : std::string_view();
}

void Fetches::renew() {
  awaited_ = nullptr;
  calls_.clear();
  next_ = 1;
  refusal_.clear();
}

}  // namespace wherry::function
