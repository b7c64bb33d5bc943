#include "cli/raw_flags.h"

#include "cli/compiler_options.h"
#include "function/directory_text.h"

namespace wherry::cli {

namespace {

// `KEY=VALUE` with a key.
Result<std::pair<std::string, std::string>> key_and_value(const char* flag,
                                                          const std::string& text) {
  size_t equals = text.find('=');
  if (equals == 0 || equals == text.npos) {
    return make_error(ErrorKind::kInvalid, "{} {}: not of the form KEY=VALUE", flag, text);
  }
  return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

Result<std::map<std::string, std::string>> environment_of(const Raw& raw) {
  std::map<std::string, std::string> environment;
  for (const std::string& text : raw.environment) {
    auto [key, value] = TRY(key_and_value("--env", text));
    environment[key] = value;
  }
  return environment;
}

Result<wasm::Features> features_of(const Raw& raw) {
  wasm::Features features = wasm::Features::standard();
  for (const std::string& name : raw.enabled) features = TRY(enabled(features, name));
  for (const std::string& name : raw.disabled) features = TRY(disabled(features, name));
  return features;
}

Result<std::vector<snapshot::Kept>> allowed_of(const Raw& raw) {
  std::vector<snapshot::Kept> allowed;
  for (const std::string& name : raw.allowed) {
    auto kept = snapshot::kept_of_name(name);
    if (!kept) {
      return make_error(ErrorKind::kInvalid, "--allow {}: no such thing", name)
          .with_hint("random, clock, environment or files");
    }
    allowed.push_back(*kept);
  }
  return allowed;
}

Result<CompilerFlags> compiler_flags(const Raw& raw) {
  CompilerFlags flags;
  if (!raw.profile.empty()) flags.profile = TRY(profile_of_flag(raw.profile));
  flags.features = TRY(features_of(raw));
  flags.background = !raw.no_background;
  return flags;
}

Result<std::vector<function::Directory>> directories_of(const Raw& raw) {
  std::vector<function::Directory> directories;
  for (const std::string& text : raw.directories) {
    auto directory = function::parse_directory(text);
    if (!directory) {
      return make_error(ErrorKind::kInvalid, "--dir {}: not of the form HOST::GUEST", text);
    }
    directories.push_back(std::move(*directory));
  }
  return directories;
}

Result<FunctionFlags> function_of(const Raw& raw) {
  FunctionFlags flags;
  flags.environment = TRY(environment_of(raw));
  flags.directories = TRY(directories_of(raw));
  if (raw.timeout_ms != 0) flags.timeout = std::chrono::milliseconds(raw.timeout_ms);
  flags.memory_mib = raw.memory_mib;
  if (!raw.abi.empty()) {
    flags.abi = function::abi_of_name(raw.abi);
    if (!flags.abi) {
      return make_error(ErrorKind::kInvalid, "--abi {}: no such ABI", raw.abi)
          .with_hint("command, cgi, export or handler");
    }
  }
  flags.compiler = TRY(compiler_flags(raw));
  return flags;
}

// `Name: value`.
Result<std::pair<std::string, std::string>> header_of(const std::string& text) {
  size_t colon = text.find(':');
  if (colon == 0 || colon == text.npos) {
    return make_error(ErrorKind::kInvalid, "--header {}: not of the form NAME: VALUE", text);
  }
  size_t value = text.find_first_not_of(" \t", colon + 1);
  return std::pair{text.substr(0, colon), value == text.npos ? "" : text.substr(value)};
}

std::optional<std::string> if_given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Status read_log_flags(const Raw& raw, ServeFlags& flags) {
  flags.plain_log = raw.log_format == "plain";
  if (!raw.log_format.empty() && !flags.plain_log) {
    flags.log_format = log_format_of_name(raw.log_format);
    if (!flags.log_format) {
      return make_error(ErrorKind::kInvalid, "--log-format {}: no such format", raw.log_format)
          .with_hint("plain, text or json");
    }
  }
  if (raw.log_level.empty()) return ok_status();
  flags.log_level = log_level_of_name(raw.log_level);
  if (flags.log_level) return ok_status();
  return make_error(ErrorKind::kInvalid, "--log-level {}: no such level", raw.log_level)
      .with_hint("error, warn, info or debug");
}

Result<std::optional<CpuLevel>> cpu_of(const Raw& raw) {
  if (raw.cpu.empty()) return std::optional<CpuLevel>();
  auto cpu = parse_cpu_level(raw.cpu);
  if (cpu) return cpu;
  return make_error(ErrorKind::kInvalid, "--cpu {}: no such level", raw.cpu)
      .with_hint("v2, v3 or v4");
}

}  // namespace

Result<CommandLine> finish_run(const Raw& raw, std::vector<std::string> words,
                               const std::string& program) {
  if (!words.empty() && words[0] == "--")
    words.erase(words.begin());
  else if (!words.empty() && words[0].size() > 1 && words[0][0] == '-') {
    return make_error(ErrorKind::kInvalid, "unknown flag {}", words[0])
        .with_hint(program + " run --help");
  }
  if (words.empty()) {
    return make_error(ErrorKind::kInvalid, "no MODULE to run").with_hint(program + " run --help");
  }
  RunFlags flags;
  flags.compiler = TRY(compiler_flags(raw));
  flags.module = words[0];
  flags.arguments.assign(words.begin() + 1, words.end());
  flags.environment = TRY(environment_of(raw));
  flags.directories = TRY(directories_of(raw));
  if (raw.timeout_ms != 0) flags.timeout = std::chrono::milliseconds(raw.timeout_ms);
  return CommandLine(std::move(flags));
}

Result<CommandLine> finish_compile(const Raw& raw) {
  CompileFlags flags{raw.module,  raw.output,     TRY(cpu_of(raw)),    TRY(compiler_flags(raw)),
                     raw.timings, raw.initialize, TRY(allowed_of(raw))};
  return CommandLine(std::move(flags));
}

Result<CommandLine> finish_pack(const Raw& raw) {
  PackFlags flags;
  flags.function = raw.module;
  flags.name = raw.name;
  flags.targets = raw.targets;
  flags.output = raw.output;
  while (flags.output.size() > 1 && flags.output.ends_with('/')) flags.output.pop_back();
  flags.cpu = TRY(cpu_of(raw)).value_or(kPortableCpuLevel);
  flags.compiler = TRY(compiler_flags(raw));
  return CommandLine(std::move(flags));
}

Result<CommandLine> finish_verify(const Raw& raw) {
  VerifyFlags flags;
  flags.function = raw.module;
  flags.name = raw.name;
  flags.events = raw.events;
  if (!raw.targets.empty()) flags.targets = raw.targets;
  flags.workerd = raw.workerd;
  flags.html = raw.html;
  flags.json = raw.json;
  flags.compiler = TRY(compiler_flags(raw));
  flags.compiler.profile = contract::Profile::kRelease;
  return CommandLine(std::move(flags));
}

Result<CommandLine> finish_bench(const Raw& raw, std::span<const char* const> arguments) {
  BenchFlags flags;
  flags.command.assign(arguments.begin(), arguments.end());
  flags.what = raw.modules.front();
  flags.words.assign(raw.modules.begin() + 1, raw.modules.end());
  flags.words.insert(flags.words.end(), raw.behind_mark.begin(), raw.behind_mark.end());
  if (raw.quick) flags.mode = bench::Mode::kQuick;
  if (raw.full) flags.mode = bench::Mode::kFull;
  flags.output = raw.output;
  flags.engines = raw.engines;
  flags.engine_files = raw.engine_files;
  flags.only = raw.only;
  if (raw.rounds != 0) flags.rounds = raw.rounds;
  if (raw.timeout_ms != 0) flags.timeout = std::chrono::milliseconds(raw.timeout_ms);
  flags.input = raw.input;
  flags.source = raw.source;
  flags.vectors = raw.vectors;
  flags.platforms = !raw.no_platforms;
  flags.json = raw.json;
  return CommandLine(std::move(flags));
}

Result<CommandLine> finish_initialize(const Raw& raw) {
  return CommandLine(
      InitializeFlags{raw.module, raw.output, TRY(allowed_of(raw)), TRY(features_of(raw))});
}

Result<CommandLine> finish_invoke(const Raw& raw) {
  InvokeFlags flags;
  flags.function = raw.module;
  flags.name = raw.name;
  flags.options = TRY(function_of(raw));
  flags.signature = raw.signature;
  flags.json = raw.json_text;
  for (const std::string& text : raw.parameters) {
    flags.parameters.push_back(TRY(key_and_value("--param", text)));
  }
  flags.method = raw.method;
  flags.path = raw.path;
  flags.body = raw.body;
  for (const std::string& text : raw.headers) flags.headers.push_back(TRY(header_of(text)));
  flags.include_head = raw.include_head;
  return CommandLine(std::move(flags));
}

Result<CommandLine> finish_serve(const Raw& raw) {
  ServeFlags flags;
  flags.functions = raw.modules;
  flags.config = raw.config;
  flags.options = TRY(function_of(raw));
  flags.listen = if_given(raw.listen);
  flags.admin = if_given(raw.admin);
  flags.workers = raw.workers;
  TRY(read_log_flags(raw, flags));
  flags.reload = !raw.no_reload;
  flags.quiet = raw.quiet;
  return CommandLine(std::move(flags));
}

OperatorFlags operator_flags(const Raw& raw) {
  return {raw.server, raw.name, raw.json, raw.follow, raw.once};
}

}  // namespace wherry::cli
