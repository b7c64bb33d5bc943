#include "platform/action_loop.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "platform/openwhisk.h"

namespace wherry::platform {

namespace {

constexpr std::string_view kPrefix = "__OW_";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// Lines of a descriptor.
class Lines {
 public:
  explicit Lines(int fd) : fd_(fd) {}

  // Without its newline; nothing at the end. kLimit if a line is longer than an activation may be.
  Result<std::optional<std::string>> next() {
    using Nothing = std::optional<std::string>;
    while (true) {
      if (size_t end = text_.find('\n', searched_); end != text_.npos) {
        std::string line = text_.substr(0, end);
        text_.erase(0, end + 1);
        searched_ = 0;
        return Nothing(std::move(line));
      }
      searched_ = text_.size();
      if (text_.size() > kMaxRunBodyBytes) {
        return make_error(ErrorKind::kLimit, "an activation of more than {} bytes",
                          kMaxRunBodyBytes);
      }
      char piece[64 * 1024];
      ssize_t got = ::read(fd_, piece, sizeof piece);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_error(errno, "cannot read activations");
      if (got == 0) return Nothing();
      text_.append(piece, static_cast<size_t>(got));
    }
  }

 private:
  const int fd_;
  std::string text_;
  size_t searched_ = 0;
};

std::string answer_line(Service& service, std::string body) {
  http::Request request;
  request.body = std::move(body);
  return openwhisk_result_line(service, request);
}

}  // namespace

Service::Environment variables_of_action(const char* const* environment, std::string_view proxys) {
  std::set<std::string_view> known;
  while (!proxys.empty()) {
    const std::string_view one = proxys.substr(0, proxys.find('\0'));
    known.insert(one);
    proxys.remove_prefix(std::min(one.size() + 1, proxys.size()));
  }
  Service::Environment variables;
  for (; *environment != nullptr; environment++) {
    const std::string_view variable(*environment);
    const size_t equals = variable.find('=');
    if (equals == 0 || equals == variable.npos || variable.starts_with(kPrefix)) continue;
    if (known.contains(variable)) continue;
    variables[std::string(variable.substr(0, equals))] = variable.substr(equals + 1);
  }
  return variables;
}

Status run_action_loop(Service& service, int in, int out, bool acknowledges) {
  if (acknowledges) TRY(write_all(out, as_bytes("{\"ok\":true}\n"), "the ActionLoop proxy"));
  Lines lines(in);
  while (true) {
    std::optional<std::string> line = TRY(lines.next());
    if (!line) return ok_status();
    TRY(write_all(out, as_bytes(answer_line(service, std::move(*line))), "the ActionLoop proxy"));
  }
}

std::string run_one_activation(Service& service, const std::string& parameters,
                               const char* const* environment) {
  auto value = parse_json(parameters);
  if (!value.ok()) return http::error_response(400, value.error().message).body + "\n";
  nlohmann::json body = {{"value", std::move(*value)}};
  for (; *environment != nullptr; environment++) {
    const std::string_view variable(*environment);
    const size_t equals = variable.find('=');
    if (!variable.starts_with(kPrefix) || equals == variable.npos) continue;
    std::string name = lower(variable.substr(kPrefix.size(), equals - kPrefix.size()));
    if (name != "value") body[name] = variable.substr(equals + 1);
  }
  return answer_line(service, write_json(body));
}

}  // namespace wherry::platform
