#include "function/cgi_variables.h"

#include <algorithm>
#include <map>

#include "function/http_rules.h"

namespace wherry::function {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// %41 is A; what is no such escape stays as it is.
std::string decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

class Variables {
 public:
  // A value with a zero byte cannot be told, and is left out.
  void add(std::string_view name, std::string_view value) {
    if (value.find('\0') != std::string_view::npos) return;
    std::string& variable = all_.emplace_back();
    variable.reserve(name.size() + 1 + value.size());
    variable.append(name).append("=").append(value);
  }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

// `X-Forwarded-For` is HTTP_X_FORWARDED_FOR. A name with other characters is left out: `_` above
// all, which would look the same. Nothing for what is told otherwise, or is dangerous: programs
// take HTTP_PROXY for the proxy that they are to use.
std::optional<std::string> variable_of_header(std::string_view name) {
  for (std::string_view hidden : {"content-type", "content-length", "proxy"}) {
    if (http::equal_ignoring_case(name, hidden)) return std::nullopt;
  }
  if (is_hop_by_hop(name)) return std::nullopt;
  std::string variable = "HTTP_";
  for (char c : name) {
    const bool is_small = c >= 'a' && c <= 'z';
    if (!is_small && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-') {
      return std::nullopt;
    }
    variable += c == '-' ? '_' : is_small ? static_cast<char>(c - 32) : c;
  }
  return variable;
}

void add_headers(const http::Request& request, Variables& variables) {
  std::map<std::string, std::string> values;
  for (const http::Header& header : request.headers) {
    std::optional<std::string> name = variable_of_header(header.name);
    if (!name) continue;
    auto [at, is_first] = values.try_emplace(*name, header.value);
    if (!is_first) at->second.append(*name == "HTTP_COOKIE" ? "; " : ", ").append(header.value);
  }
  for (const auto& [name, value] : values) variables.add(name, value);
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

HostAndPort split_host(std::string_view host) {
  const size_t colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  if (!has_port) return {host, "80"};
  return {host.substr(0, colon), host.substr(colon + 1)};
}

void add_server(const http::Request& request, Variables& variables) {
  const std::string* host = request.find_header("host");
  const std::string name = host && !host->empty() ? *host : "localhost";
  const HostAndPort split = split_host(name);
  variables.add("SERVER_NAME", split.host);
  variables.add("SERVER_PORT", split.port);
  variables.add("SERVER_PROTOCOL", "HTTP/1.1");
  variables.add("SERVER_SOFTWARE", "wherry");
  variables.add("GATEWAY_INTERFACE", "CGI/1.1");
  const std::string* scheme = request.find_header("x-forwarded-proto");
  const bool is_https = scheme && *scheme == "https";
  variables.add("X_FULL_URL",
                fmt::format("{}://{}{}", is_https ? "https" : "http", name, request.target));
}

}  // namespace

std::vector<std::string> cgi_variables(const http::Request& request, const Event& event,
                                       std::optional<uint64_t> body_length) {
  Variables variables;
  const std::string_view path = path_behind(request.path(), event.mount);
  variables.add("REQUEST_METHOD", request.method);
  variables.add("SCRIPT_NAME", event.mount);
  variables.add("PATH_INFO", decoded(path));
  variables.add("PATH_TRANSLATED", decoded(path));
  variables.add("X_RAW_PATH_INFO", path);
  variables.add("QUERY_STRING", request.query());
  variables.add("REMOTE_ADDR", event.remote_address);
  variables.add("REMOTE_HOST", event.remote_address);
  variables.add("X_MATCHED_ROUTE", event.mount + "/...");
  add_server(request, variables);
  const std::string* type = request.find_header("content-type");
  if (type) variables.add("CONTENT_TYPE", *type);
  if (body_length && (*body_length > 0 || request.find_header("content-length"))) {
    variables.add("CONTENT_LENGTH", std::to_string(*body_length));
  }
  add_headers(request, variables);
  return variables.take();
}

std::vector<std::string> cgi_arguments(std::string_view query) {
  std::vector<std::string> arguments;
  while (!query.empty()) {
    const size_t end = query.find('&');
    std::string argument = decoded(query.substr(0, end));
    if (!argument.empty() && argument.find('\0') == std::string::npos) {
      arguments.push_back(std::move(argument));
    }
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  }
  return arguments;
}

}  // namespace wherry::function
