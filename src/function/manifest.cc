// toml++ reads the text, and nothing else of it is used than its tree of nodes. Each key has a line
// in one of the tables below.
#include "function/manifest.h"

#include <algorithm>

#include "base/files.h"
#include "base/json.h"
#include "base/nearest.h"
#include "function/manifest_values.h"
#include "function/signature.h"

namespace wherry::function {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kOneMs{1};
constexpr milliseconds kOneDay{24 * 3'600'000};

template <typename T>
struct Key {
  std::string_view name;
  void (*read)(ManifestReader& reader, const Field& field, T& into);
};

// Reads the keys of a table that are known and complains about the others.
template <typename T>
void read_keys(ManifestReader& reader, const toml::table& table, std::string_view place,
               std::span<const Key<T>> keys, T& into) {
  for (const auto& [key, value] : table) {
    const std::string_view name = key.str();
    auto found = std::find_if(keys.begin(), keys.end(), [&](auto& k) { return k.name == name; });
    if (found != keys.end()) {
      found->read(reader, {name, value}, into);
      continue;
    }
    std::vector<std::string_view> names;
    for (const Key<T>& known : keys) names.push_back(known.name);
    auto nearest = nearest_of(name, names);
    reader.error(key.source(), "unknown key {} {}{}", quoted_text(name), place,
                 nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "");
  }
}

template <typename T>
void set(T& target, std::optional<T> value) {
  if (value) target = std::move(*value);
}
template <typename T, typename V>
void set(std::optional<T>& target, std::optional<V> value) {
  if (value) target = std::move(*value);
}

// ---- [function] ----

// A function while it is read, with what messages need.
struct FunctionDraft {
  FunctionManifest function;
  const toml::node* name = nullptr;
  const toml::node* module = nullptr;
  const toml::node* signature = nullptr;
};

void read_name(ManifestReader& reader, const Field& field, FunctionDraft& draft) {
  draft.name = &field.value;
  auto name = reader.text(field);
  if (!name) return;
  if (Status status = check_function_name(*name); !status.ok()) {
    reader.error(field.value.source(), "{}", status.error().message);
  }
  draft.function.options.name = std::move(*name);
}

void read_module(ManifestReader& reader, const Field& field, FunctionDraft& draft) {
  draft.module = &field.value;
  set(draft.function.module, reader.path(field));
}

void read_signature(ManifestReader& reader, const Field& field, FunctionDraft& draft) {
  draft.signature = &field.value;
  set(draft.function.options.signature, reader.text(field));
}

// The file's path, or `{ environment = "NAME" }`.
std::optional<Secret> read_secret(ManifestReader& reader, const Field& field) {
  const toml::table* table = field.value.as_table();
  if (table == nullptr) {
    auto path = reader.path(field);
    if (!path) return {};
    return Secret{std::move(*path), {}, reader.where(field.value.source())};
  }
  const toml::node* name = table->size() == 1 ? table->get("environment") : nullptr;
  if (name == nullptr) {
    reader.wrong(field, "a file's path, or { environment = \"NAME\" }");
    return {};
  }
  auto variable = reader.text({"environment", *name});
  if (!variable) return {};
  return Secret{{}, std::move(*variable), reader.where(field.value.source())};
}

void read_secrets_table(ManifestReader& reader, const Field& field, FunctionDraft& draft) {
  const toml::table* table = reader.table(field, "a table of files by the variable's name");
  if (table == nullptr) return;
  for (const auto& [key, value] : *table) {
    if (!reader.is_variable_name(key)) continue;
    auto secret = read_secret(reader, {key.str(), value});
    if (secret) draft.function.secrets[std::string(key.str())] = std::move(*secret);
  }
}

// Options and limits that need no more than their type and range.
#define WHERRY_OPTION(KEY, MEMBER, READ)                                       \
  {KEY, [](ManifestReader& reader, const Field& field, FunctionDraft& draft) { \
     set(draft.function.MEMBER, reader.READ);                                  \
   }}

constexpr Key<FunctionDraft> kFunctionKeys[] = {
    {"name", read_name},
    {"module", read_module},
    {"signature", read_signature},
    {"secrets", read_secrets_table},
    WHERRY_OPTION("abi", options.abi, word(field, "command, cgi, export or handler", abi_of_name)),
    WHERRY_OPTION("arguments", options.arguments, texts(field)),
    WHERRY_OPTION("environment", options.environment, variables(field)),
    WHERRY_OPTION("directories", options.directories, directories(field)),
    WHERRY_OPTION("outbound", options.outbound, hosts(field)),
    WHERRY_OPTION("memory", options.limits.memory_bytes, size(field, 64 << 10, 4ull << 30)),
    WHERRY_OPTION("time", options.limits.time, duration(field, kOneMs, kOneDay)),
    WHERRY_OPTION("cpu_time", options.limits.cpu_time, duration(field, kOneMs, kOneDay)),
    WHERRY_OPTION("result", options.limits.result_bytes, size(field, 1, 1 << 30)),
    WHERRY_OPTION("body", options.limits.body_bytes, size(field, 1, 64ull << 30)),
    WHERRY_OPTION("output", options.limits.output_bytes, size(field, 1, 4ull << 30)),
    WHERRY_OPTION("log", options.limits.log_bytes, size(field, 0, 1 << 30)),
    WHERRY_OPTION("log_lines", options.limits.log_lines, whole<uint64_t>(field, 0, 10'000'000)),
    WHERRY_OPTION("open_files", options.limits.open_files, whole<uint32_t>(field, 3, 65'536)),
    WHERRY_OPTION("concurrency", concurrency, whole<uint32_t>(field, 0, 65'536)),
    WHERRY_OPTION("queue", queue, whole<uint32_t>(field, 0, 1'000'000)),
    WHERRY_OPTION("log_level", log_level,
                  word(field, "error, warn, info or debug", log_level_of_name)),
};
#undef WHERRY_OPTION

void default_name(ManifestReader& reader, FunctionDraft& draft) {
  if (draft.name != nullptr || draft.function.module.empty()) return;
  std::string name = function_name_of_path(draft.function.module);
  if (!check_function_name(name).ok()) {
    reader.error(draft.module->source(),
                 "the module's file name makes no name for the function; add name = \"…\"");
  }
  draft.name = draft.module;
  draft.function.options.name = std::move(name);
}

void check_signature(ManifestReader& reader, const FunctionDraft& draft) {
  const FunctionOptions& options = draft.function.options;
  if (options.signature.empty()) return;
  if (options.abi && *options.abi != Abi::kExport) {
    reader.error(draft.signature->source(),
                 "signature is for functions of abi = \"export\", and this one's is \"{}\"",
                 name_of(*options.abi));
  }
  if (auto signature = parse_signature(options.signature); !signature.ok()) {
    reader.error(draft.signature->source(), "{}", signature.error().message);
  }
}

FunctionDraft read_function(ManifestReader& reader, const toml::table& table) {
  FunctionDraft draft;
  draft.function.where = reader.where(table.source());
  read_keys<FunctionDraft>(reader, table, "in [function]", kFunctionKeys, draft);
  if (draft.module == nullptr) reader.error(table.source(), "[function] has no module");
  default_name(reader, draft);
  check_signature(reader, draft);
  for (const auto& [name, secret] : draft.function.secrets) {
    if (!draft.function.options.environment.contains(name)) continue;
    reader.error(table.get("secrets")->as_table()->get(name)->source(), "{} is in environment, too",
                 name);
  }
  return draft;
}

// ---- [server] ----

#define WHERRY_SETTING(KEY, MEMBER, READ)                                          \
  {KEY, [](ManifestReader& reader, const Field& field, ServerSettings& settings) { \
     set(settings.MEMBER, reader.READ);                                            \
   }}

constexpr Key<ServerSettings> kServerKeys[] = {
    WHERRY_SETTING("listen", listen, address(field)),
    WHERRY_SETTING("admin", admin, address_or_none(field)),
    WHERRY_SETTING("loops", loops, whole<unsigned>(field, 0, 1024)),
    WHERRY_SETTING("max_threads", max_threads, whole<unsigned>(field, 1, 65'536)),
    WHERRY_SETTING("max_connections", max_connections, whole<unsigned>(field, 1, 10'000'000)),
    WHERRY_SETTING("header_limit", header_limit_bytes, size(field, 1 << 10, 1 << 20)),
    WHERRY_SETTING("header_timeout", header_timeout, duration(field, kOneMs, kOneDay)),
    WHERRY_SETTING("body_timeout", body_timeout, duration(field, kOneMs, kOneDay)),
    WHERRY_SETTING("idle_timeout", idle_timeout, duration(field, kOneMs, kOneDay)),
    WHERRY_SETTING("write_timeout", write_timeout, duration(field, kOneMs, kOneDay)),
    WHERRY_SETTING("drain_timeout", drain_timeout, duration(field, milliseconds(0), kOneDay)),
    WHERRY_SETTING("log_format", log_format, word(field, "text or json", log_format_of_name)),
    WHERRY_SETTING("log_level", log_level,
                   word(field, "error, warn, info or debug", log_level_of_name)),
};
#undef WHERRY_SETTING

// ---- the file ----

void read_server(ManifestReader& reader, const Field& field, Manifest& manifest) {
  if (const toml::table* table = reader.table(field, "a table: [server]")) {
    read_keys<ServerSettings>(reader, *table, "in [server]", kServerKeys, manifest.server);
  }
}

void check_names(ManifestReader& reader, const std::vector<FunctionDraft>& drafts) {
  std::map<std::string_view, const FunctionDraft*> by_name;
  for (const FunctionDraft& draft : drafts) {
    if (draft.name == nullptr) continue;
    auto [known, is_new] = by_name.emplace(draft.function.options.name, &draft);
    if (is_new) continue;
    reader.error(draft.name->source(), "a second function {}; the first is at line {}",
                 quoted_text(draft.function.options.name),
                 known->second->name->source().begin.line);
  }
}

void read_functions(ManifestReader& reader, const Field& field, Manifest& manifest) {
  std::vector<FunctionDraft> drafts;
  if (const toml::table* table = field.value.as_table()) {
    drafts.push_back(read_function(reader, *table));
  } else if (const toml::array* array = field.value.as_array()) {
    for (const toml::node& node : *array) {
      const toml::table* element = reader.table({field.name, node}, "a table: [[function]]");
      if (element != nullptr) drafts.push_back(read_function(reader, *element));
    }
  } else {
    reader.wrong(field, "a table: [function], or [[function]] for several");
  }
  check_names(reader, drafts);
  for (FunctionDraft& draft : drafts) manifest.functions.push_back(std::move(draft.function));
}

constexpr Key<Manifest> kKeys[] = {{"function", read_functions}, {"server", read_server}};

}  // namespace

Result<Manifest> parse_manifest(std::string_view text, const std::string& path) {
  ManifestReader reader(path);
  const toml::table table = TRY(reader.parse(text));
  Manifest manifest;
  read_keys<Manifest>(reader, table, "outside of [function] and [server]", kKeys, manifest);
  TRY(reader.finish());
  if (manifest.functions.empty()) {
    return make_error(ErrorKind::kInvalid, "{}: no [function]", path)
        .with_hint("a manifest is at least: [function] and module = \"hello.wasm\"");
  }
  return manifest;
}

Result<Manifest> load_manifest(const std::string& path) {
  ByteVector bytes = TRY(read_file(path, kMaxManifestBytes));
  return parse_manifest(as_text(bytes), path);
}

Status check_function_name(std::string_view name) {
  auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  auto is_allowed = [&](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  if (name.empty() || name.size() > 64 || !is_alphanumeric(name[0]) ||
      !std::all_of(name.begin(), name.end(), is_allowed)) {
    return make_error(ErrorKind::kInvalid,
                      "{} is no name for a function: up to 64 letters, digits, \".\", \"_\" and "
                      "\"-\", the first a letter or digit",
                      quoted_text(name));
  }
  for (std::string_view reserved : {"healthz", "metrics", "init", "run"}) {
    if (name != reserved) continue;
    return make_error(ErrorKind::kInvalid, "the name \"{}\" is the host's own", name);
  }
  return ok_status();
}

std::string function_name_of_path(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  const size_t dot = name.rfind('.');
  return std::string(dot == 0 ? name : name.substr(0, dot));
}

}  // namespace wherry::function
