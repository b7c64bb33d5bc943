#include "verify/events.h"

#include <algorithm>

#include "base/files.h"

namespace wherry::verify {

namespace {

http::Request json_request(std::string body) {
  return {"POST", "/", {{"Content-Type", "application/json"}}, std::move(body)};
}

std::string file_name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// The text up to the end of the line, without it; `text` goes on behind.
std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Error bad_event(const std::string& name, std::string_view why) {
  return make_error(ErrorKind::kInvalid, "{}: {}", name, why)
      .with_hint("a request: `POST /path`, lines `Name: value`, an empty line, the body");
}

Status add_file(const std::string& path, std::vector<Event>& events) {
  ByteVector bytes = TRY(read_file(path, kMaxEventBytes));
  const std::string text(as_text(bytes));
  const std::string name = file_name_of(path);
  const bool is_json = path.ends_with(".json");
  events.push_back({name.substr(0, name.rfind('.')),
                    is_json ? json_request(text) : TRY(parse_event_request(text, path))});
  return ok_status();
}

}  // namespace

Result<http::Request> parse_event_request(std::string_view text, const std::string& name) {
  http::Request request;
  const std::string_view first = take_line(text);
  const size_t space = first.find(' ');
  if (space == 0 || space == first.npos) return bad_event(name, "has no request line");
  request.method = first.substr(0, space);
  const std::string_view rest = first.substr(space + 1);
  request.target = rest.substr(0, rest.find(' '));
  if (!request.target.starts_with('/')) return bad_event(name, "has no path");
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    const size_t colon = line.find(':');
    if (colon == 0 || colon == line.npos) return bad_event(name, "has a line that is no header");
    const size_t value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
    request.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(line.substr(value))});
  }
  request.body = text;
  return request;
}

Result<std::vector<Event>> read_events(const std::string& directory) {
  std::vector<std::string> paths;
  for (const char* ending : {".json", ".http"}) {
    for_each_file(directory, ending,
                  [&paths](const std::string& path, const struct stat&) { paths.push_back(path); });
  }
  std::ranges::sort(paths);
  std::vector<Event> events;
  for (const std::string& path : paths) TRY(add_file(path, events));
  if (events.empty()) {
    return make_error(ErrorKind::kNotFound, "{}: no events lie there", directory)
        .with_hint("files NAME.json, each a body, or NAME.http, each a request");
  }
  return events;
}

namespace {

std::string many_members() {
  std::string text = "{";
  for (int i = 0; i < 1000; i++) text += fmt::format("{}\"member {}\": {}", i ? ", " : "", i, i);
  return text + "}";
}

}  // namespace

std::vector<Event> default_events(bool speaks_http) {
  const std::pair<const char*, std::string> kBodies[] = {
      {"empty-object", "{}"},
      {"nothing", ""},
      {"array", R"([1, 2, {"three": 3}])"},
      {"text", R"({"text": "Compile once. Run everywhere!"})"},
      {"name", R"({"name": "World"})"},
      {"unicode", "{\"text\": \"\u2744 \u2603 \U0001f600 \u00e9\", \"\u00fc\": null}"},
      {"escapes", R"({"text": "\u00e9\ud83d\ude00\n\t\"\\\u0001"})"},
      {"numbers", R"({"n": 42, "negative": -7, "fraction": 0.5, "large": 9007199254740991})"},
      {"nested", R"({"a": {"b": {"c": [[], {}, [true, false, null]]}}})"},
      {"base64", R"({"data": "AAEC/f7/", "type": "application/octet-stream"})"},
      {"64-kib", R"({"text": ")" + std::string(64 << 10, 'x') + "\"}"},
      {"1-mib", R"({"text": ")" + std::string(1 << 20, 'y') + "\"}"},
      {"no-json", "this is no JSON"},
      {"scalar", "42"},
      {"cut-short", R"({"text": )"},
      {"exponents", R"({"a": 1.0, "b": 1e2, "c": -0.0, "d": 1.7976931348623157e308})"},
      {"deep", std::string(100, '[') + std::string(100, ']')},
      {"many-members", many_members()},
      {"same-name-twice", R"({"a": 1, "b": 2, "a": 3})"},
      {"not-utf-8", "{\"text\": \"\xff\xfe\"}"},
      {"half-a-character", R"({"text": "\ud83d"})"},
  };
  std::vector<Event> events;
  for (const auto& [name, body] : kBodies) events.push_back({name, json_request(body)});
  if (!speaks_http) return events;
  events.push_back({"get", {"GET", "/", {}, ""}});
  events.push_back({"path-and-query", {"GET", "/a/b?x=1&y=%20z", {{"Accept", "text/plain"}}, ""}});
  events.push_back(
      {"form",
       {"POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "a=1&b=%C3%A9"}});
  events.push_back({"binary",
                    {"PUT",
                     "/",
                     {{"Content-Type", "application/octet-stream"}},
                     std::string("\0\1\2\xfd\xfe\xff", 6)}});
  events.push_back({"delete", {"DELETE", "/a", {}, ""}});
  return events;
}

}  // namespace wherry::verify
