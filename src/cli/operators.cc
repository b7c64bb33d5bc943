#include "cli/operators.h"

#include "cli/admin_address.h"

namespace wherry::cli {

namespace {

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::chrono::hours kForever{24 * 365};

Error refusal(const http::Response& response, const std::string& path) {
  auto body = parse_json(response.body);
  std::string why = body.ok() && body->is_object() && body->contains("error")
                        ? body->at("error").dump()
                        : std::string(http::reason_phrase(response.status));
  return make_error(ErrorKind::kIo, "the server answered {} to {}: {}", response.status, path, why)
      .with_hint("--server with the address of a wherry server's --admin");
}

Error with_hint_of(Error error, const std::string& address) {
  return std::move(error).with_context(address);
}

}  // namespace

Result<std::string> ask_server(const OperatorFlags& flags, const std::string& path) {
  std::string address = TRY(find_admin_address(flags.server));
  auto response = http::fetch(address, {"GET", path, {}, {}}, kPatience);
  if (!response.ok()) return with_hint_of(response.error(), address);
  if (response->status != 200) return refusal(*response, path);
  return std::move(response->body);
}

Result<nlohmann::json> ask_server_for_json(const OperatorFlags& flags, const std::string& path) {
  std::string text = TRY(ask_server(flags, path));
  return parse_json(text).context("the server's answer to {}", path);
}

Status follow_server(const OperatorFlags& flags, const std::string& path,
                     const std::function<bool(std::string_view)>& piece) {
  std::string address = TRY(find_admin_address(flags.server));
  auto response = http::fetch_pieces(address, {"GET", path, {}, {}}, kForever,
                                     [&](const http::Response& head, std::string_view text) {
                                       return head.status != 200 || piece(text);
                                     });
  if (!response.ok()) return with_hint_of(response.error(), address);
  if (response->status != 200) return refusal(*response, path);
  return ok_status();
}

}  // namespace wherry::cli
