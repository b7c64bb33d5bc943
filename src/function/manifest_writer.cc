#include "function/manifest_writer.h"

namespace wherry::function {

namespace {

using nlohmann::ordered_json;

std::string time_text(std::chrono::milliseconds time) { return fmt::format("{} ms", time.count()); }

ordered_json secrets_json(const std::map<std::string, Secret>& secrets) {
  ordered_json all;
  for (const auto& [name, secret] : secrets) {
    all[name] = secret.path.empty() ? ordered_json{{"environment", secret.environment}}
                                    : ordered_json(secret.path);
  }
  return all;
}

ordered_json directories_json(const std::vector<Directory>& directories) {
  ordered_json all;
  for (const Directory& directory : directories) {
    all.push_back(
        {{"host", directory.host}, {"guest", directory.guest}, {"read_only", directory.read_only}});
  }
  return all;
}

void add_limits(ordered_json& to, const FunctionLimits& limits) {
  to["memory"] = limits.memory_bytes;
  to["time"] = time_text(limits.time);
  if (limits.cpu_time.count() != 0) to["cpu_time"] = time_text(limits.cpu_time);
  to["result"] = limits.result_bytes;
  to["body"] = limits.body_bytes;
  to["output"] = limits.output_bytes;
  to["log"] = limits.log_bytes;
  to["log_lines"] = limits.log_lines;
  to["open_files"] = limits.open_files;
}

// JSON's strings are TOML's, but for one character.
std::string toml_string(const std::string& text) {
  std::string quoted = write_ordered_json(text);
  for (size_t at = 0; (at = quoted.find('\x7f', at)) != quoted.npos;) {
    quoted.replace(at, 1, "\\u007f");
  }
  return quoted;
}

std::string toml_value(const ordered_json& value) {
  if (value.is_string()) return toml_string(value.get<std::string>());
  if (!value.is_structured()) return write_ordered_json(value);
  std::string items;
  for (const auto& [key, item] : value.items()) {
    if (!items.empty()) items += ", ";
    if (value.is_object()) items += toml_string(key) + " = ";
    items += toml_value(item);
  }
  return value.is_object() ? "{ " + items + " }" : "[" + items + "]";
}

}  // namespace

ordered_json manifest_json(const FunctionManifest& function) {
  const FunctionOptions& options = function.options;
  ordered_json all = {{"name", options.name}, {"module", function.module}};
  if (options.abi) all["abi"] = name_of(*options.abi);
  if (!options.signature.empty()) all["signature"] = options.signature;
  if (!options.arguments.empty()) all["arguments"] = options.arguments;
  if (!options.environment.empty()) all["environment"] = options.environment;
  if (!function.secrets.empty()) all["secrets"] = secrets_json(function.secrets);
  if (!options.directories.empty()) all["directories"] = directories_json(options.directories);
  if (!options.outbound.empty()) all["outbound"] = options.outbound;
  add_limits(all, options.limits);
  all["concurrency"] = function.concurrency;
  all["queue"] = function.queue;
  if (function.log_level) all["log_level"] = name_of(*function.log_level);
  return all;
}

std::string manifest_toml(const FunctionManifest& function) {
  std::string text = "[function]\n";
  const ordered_json keys = manifest_json(function);
  for (const auto& [key, value] : keys.items()) {
    text += fmt::format("{} = {}\n", key, toml_value(value));
  }
  return text;
}

}  // namespace wherry::function
