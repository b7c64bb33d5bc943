#include "function/manifest_values.h"

#include <sys/un.h>

#include <algorithm>
#include <stdexcept>

#include "base/json.h"
#include "base/quantity.h"
#include "function/directory_text.h"
#include "function/outbound_host.h"
#include "function/toml_text.h"
#include "http/address.h"

namespace wherry::function {

namespace {

constexpr size_t kMostMistakes = 20;

std::string describe(const toml::node& value) {
  switch (value.type()) {
    case toml::node_type::string: return quoted_text(value.as_string()->get());
    case toml::node_type::integer: return fmt::format("{}", value.as_integer()->get());
    case toml::node_type::floating_point:
      return fmt::format("{}", value.as_floating_point()->get());
    case toml::node_type::boolean: return value.as_boolean()->get() ? "true" : "false";
    case toml::node_type::array: return "an array";
    case toml::node_type::table: return "a table";
    default: return "a date or time";
  }
}

// Whether `text` may be an argument, a variable or a path of a C program.
bool is_c_text(std::string_view text) { return text.find('\0') == text.npos; }

}  // namespace

void toml_is_confused() {
  throw std::runtime_error("a key is missing, or has characters that belong in quotes");
}

Result<toml::table> ManifestReader::parse(std::string_view text) {
  TRY(check_toml_text(text, path_));
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return make_error(ErrorKind::kInvalid, "{}: {}", where(error.source()), error.description());
  } catch (const std::exception& error) {
    return make_error(ErrorKind::kInvalid, "{}: {}", path_, error.what());
  }
}

Status ManifestReader::finish() {
  if (errors_.empty()) return ok_status();
  std::stable_sort(errors_.begin(), errors_.end(),
                   [](const Mistake& a, const Mistake& b) { return a.at < b.at; });
  std::string message;
  for (size_t i = 0; i < errors_.size() && i < kMostMistakes; i++) {
    if (i > 0) message += '\n';
    message += errors_[i].message;
  }
  if (errors_.size() > kMostMistakes) {
    message += fmt::format("\nand {} more", errors_.size() - kMostMistakes);
  }
  return Error{ErrorKind::kInvalid, std::move(message), {}};
}

std::string ManifestReader::where(const toml::source_region& at) const {
  return fmt::format("{}:{}:{}", path_, at.begin.line, at.begin.column);
}

void ManifestReader::wrong(const Field& field, std::string_view wanted) {
  error(field.value.source(), "{} must be {}, not {}", field.name, wanted, describe(field.value));
}

std::optional<std::string> ManifestReader::text(const Field& field) {
  const auto* string = field.value.as_string();
  if (string == nullptr || string->get().empty() || !is_c_text(string->get())) {
    wrong(field, "a text");
    return {};
  }
  return string->get();
}

std::optional<bool> ManifestReader::boolean(const Field& field) {
  const auto* boolean = field.value.as_boolean();
  if (boolean == nullptr) {
    wrong(field, "true or false");
    return {};
  }
  return boolean->get();
}

std::optional<uint64_t> ManifestReader::size(const Field& field, uint64_t least, uint64_t most) {
  std::optional<uint64_t> bytes;
  if (const auto* string = field.value.as_string()) bytes = parse_size(string->get());
  if (const auto* number = field.value.as_integer(); number != nullptr && number->get() >= 0) {
    bytes = static_cast<uint64_t>(number->get());
  }
  if (bytes && *bytes >= least && *bytes <= most) return bytes;
  wrong(field, fmt::format("a size from {} to {}, like \"64 MiB\" or a number of bytes",
                           size_text(least), size_text(most)));
  return {};
}

std::optional<std::chrono::milliseconds> ManifestReader::duration(const Field& field,
                                                                  std::chrono::milliseconds least,
                                                                  std::chrono::milliseconds most) {
  std::optional<std::chrono::milliseconds> time;
  if (const auto* string = field.value.as_string()) time = parse_duration(string->get());
  if (time && *time >= least && *time <= most) return time;
  wrong(field, fmt::format("a time from {} to {}, like \"500 ms\", \"5 s\" or \"2 min\"",
                           duration_text(least), duration_text(most)));
  return {};
}

std::optional<int64_t> ManifestReader::whole_number(const Field& field, int64_t least,
                                                    int64_t most) {
  const auto* number = field.value.as_integer();
  if (number != nullptr && number->get() >= least && number->get() <= most) return number->get();
  wrong(field, fmt::format("a whole number from {} to {}", least, most));
  return {};
}

std::string ManifestReader::resolved(std::string_view path) const {
  if (path.starts_with('/')) return std::string(path);
  if (directory_.empty() && path == "-") return "./-";  // a file, not standard input
  return directory_ + std::string(path);
}

std::optional<std::string> ManifestReader::path(const Field& field) {
  auto path = text(field);
  if (!path) return {};
  return resolved(*path);
}

std::optional<std::vector<std::string>> ManifestReader::texts(const Field& field) {
  const toml::array* array = field.value.as_array();
  if (array == nullptr) {
    wrong(field, "an array of texts");
    return {};
  }
  std::vector<std::string> texts;
  for (const toml::node& node : *array) {
    const auto* string = node.as_string();
    if (string != nullptr && is_c_text(string->get())) {
      texts.push_back(string->get());
    } else {
      wrong({fmt::format("each of {}", field.name), node}, "a text");
    }
  }
  return texts;
}

bool ManifestReader::is_variable_name(const toml::key& key) {
  const std::string_view name = key.str();
  if (!name.empty() && is_c_text(name) && name.find('=') == name.npos) return true;
  error(key.source(), "{} is no name for a variable", quoted_text(name));
  return false;
}

std::optional<std::string> ManifestReader::variable(const Field& field) {
  const toml::node& value = field.value;
  if (const auto* number = value.as_integer()) return fmt::format("{}", number->get());
  if (const auto* boolean = value.as_boolean()) return boolean->get() ? "true" : "false";
  const auto* string = value.as_string();
  if (string != nullptr && is_c_text(string->get())) return string->get();
  wrong(field, "a text, a whole number, true or false");
  return {};
}

std::optional<std::map<std::string, std::string>> ManifestReader::variables(const Field& field) {
  const toml::table* table = this->table(field, "a table of values by the variable's name");
  if (table == nullptr) return {};
  std::map<std::string, std::string> variables;
  for (const auto& [key, value] : *table) {
    if (!is_variable_name(key)) continue;
    if (auto text = variable({key.str(), value})) variables[std::string(key.str())] = *text;
  }
  return variables;
}

const toml::table* ManifestReader::table(const Field& field, std::string_view wanted) {
  const toml::table* table = field.value.as_table();
  if (table == nullptr) wrong(field, wanted);
  return table;
}

std::optional<Directory> ManifestReader::directory_of_table(const toml::table& table) {
  Directory directory;
  bool is_good = true;
  for (const auto& [key, value] : table) {
    const Field field{key.str(), value};
    if (field.name == "host" || field.name == "guest") {
      auto path = text(field);
      is_good &= path.has_value();
      (field.name == "host" ? directory.host : directory.guest) = path.value_or("");
    } else if (field.name == "read_only") {
      auto read_only = boolean(field);
      is_good &= read_only.has_value();
      directory.read_only = read_only.value_or(false);
    } else {
      error(key.source(), "unknown key {} of a directory: host, guest and read_only are known",
            quoted_text(field.name));
      is_good = false;
    }
  }
  if (!table.contains("host")) error(table.source(), "a directory needs its host");
  if (!is_good || directory.host.empty()) return {};
  if (directory.guest.empty()) directory.guest = directory.host;
  return directory;
}

std::optional<Directory> ManifestReader::directory(const Field& field) {
  if (const toml::table* table = field.value.as_table()) return directory_of_table(*table);
  const auto* string = field.value.as_string();
  if (string != nullptr && is_c_text(string->get())) {
    if (auto directory = parse_directory(string->get())) return directory;
  }
  wrong(field,
        "\"HOST\", \"HOST::GUEST\", \"HOST::GUEST::ro\" or a table {host, guest, read_only}");
  return {};
}

std::optional<std::vector<Directory>> ManifestReader::directories(const Field& field) {
  const toml::array* array = field.value.as_array();
  if (array == nullptr) {
    wrong(field, "an array of directories");
    return {};
  }
  std::vector<Directory> directories;
  for (const toml::node& node : *array) {
    auto directory = this->directory({"each of directories", node});
    if (!directory) continue;
    directory->host = resolved(directory->host);
    directories.push_back(std::move(*directory));
  }
  return directories;
}

std::optional<std::vector<std::string>> ManifestReader::hosts(const Field& field) {
  auto hosts = texts(field);
  if (!hosts) return {};
  for (const toml::node& node : *field.value.as_array()) {
    const auto* string = node.as_string();
    if (string == nullptr || is_outbound_host(string->get())) continue;
    wrong({"each of outbound", node},
          "a host like \"api.example.com\", \"*.example.com:8443\" or \"https://example.com\"");
  }
  return hosts;
}

std::optional<std::string> ManifestReader::address(const Field& field) {
  constexpr std::string_view kUnix = "unix:";
  auto address = text(field);
  if (!address) return {};
  if (address->starts_with(kUnix)) {
    const std::string path = resolved(std::string_view(*address).substr(kUnix.size()));
    if (path.size() < sizeof(sockaddr_un::sun_path) && !path.ends_with('/')) {
      return std::string(kUnix) + path;
    }
    wrong(field, fmt::format("a path of at most {} bytes behind unix:",
                             sizeof(sockaddr_un::sun_path) - 1));
    return {};
  }
  if (auto parsed = http::parse_address(*address); parsed.ok()) return address;
  wrong(field, "an address like \"127.0.0.1:8080\", \"[::1]:8080\", \":8080\" or \"unix:PATH\"");
  return {};
}

std::optional<std::string> ManifestReader::address_or_none(const Field& field) {
  const auto* string = field.value.as_string();
  if (string != nullptr && string->get() == "none") return "none";
  return address(field);
}

}  // namespace wherry::function
