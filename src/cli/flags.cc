#include "cli/flags.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <sstream>

#include "cli/raw_flags.h"

namespace wherry::cli {

namespace {

constexpr uint64_t kMaxTimeoutMs = 24ull * 3600 * 1000;
constexpr uint64_t kMaxMemoryMib = 4096;

// CLI11 does not know about the words behind a prefix command's flags.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string usage = CLI::Formatter::make_usage(app, std::move(name));
    if (app->get_prefix_command()) {
      usage.insert(usage.find_last_not_of('\n') + 1, " MODULE [ARGS...]");
    }
    return "\n" + usage;
  }

  // The descriptions go on with examples, which are for the verbs' own help.
  std::string make_subcommand(const CLI::App* verb) const override {
    std::string description = verb->get_description();
    std::stringstream line;
    CLI::detail::format_help(line, verb->get_name(), description.substr(0, description.find('\n')),
                             column_width_);
    return line.str();
  }
};

// An option that may be repeated and takes exactly the one word behind it.
void add_repeated(CLI::App* app, const char* name, std::vector<std::string>& values,
                  const char* type, const char* help) {
  app->add_option(name, values, help)
      ->type_name(type)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_environment(CLI::App* app, Raw& raw) {
  add_repeated(app, "--env", raw.environment, "KEY=VALUE", "an environment variable for the guest");
}

void add_module_and_output(CLI::App* app, Raw& raw) {
  app->add_option("MODULE", raw.module, "a .wasm file")->required();
  app->add_option("-o,--output", raw.output, "the file to write")->type_name("FILE")->required();
}

void add_directories(CLI::App* app, Raw& raw) {
  add_repeated(app, "--dir", raw.directories, "HOST[::GUEST[::ro]]",
               "a directory for the guest, under the name GUEST; ro: to read only");
}

void add_function_limits(CLI::App* app, Raw& raw) {
  app->add_option("--abi", raw.abi, "command, cgi, export or handler (found from the module)")
      ->type_name("ABI");
  add_environment(app, raw);
  add_directories(app, raw);
  app->add_option("--timeout", raw.timeout_ms, "time for one call, in milliseconds (60000)")
      ->type_name("MS")
      ->check(CLI::Range(uint64_t{1}, kMaxTimeoutMs));
  app->add_option("--memory", raw.memory_mib, "memory for one call, in MiB (256)")
      ->type_name("MIB")
      ->check(CLI::Range(uint64_t{1}, kMaxMemoryMib));
}

void add_features(CLI::App* app, Raw& raw) {
  add_repeated(app, "--enable", raw.enabled, "FEATURE",
               "allow a WebAssembly feature that is off, like threads");
  add_repeated(app, "--disable", raw.disabled, "FEATURE",
               "refuse a WebAssembly feature that is on, like simd");
}

void add_compiler_options(CLI::App* app, Raw& raw) {
  app->add_option("--profile", raw.profile,
                  "dev (compiled in a fraction of the time), release, or max (in more)")
      ->type_name("PROFILE");
  add_features(app, raw);
}

CLI::Option* add_allowed(CLI::App* app, Raw& raw) {
  add_repeated(app, "--allow", raw.allowed, "WHAT",
               "what every instance may begin with the same of: random, clock, environment, files");
  return app->get_option("--allow");
}

// For verbs that may run what they compile.
void add_background(CLI::App* app, Raw& raw) {
  app->add_flag("--no-background", raw.no_background,
                "wait for release code instead of starting on dev code");
}

CLI::App* add_run(CLI::App& app, Raw& raw, bool has_compiler) {
  CLI::App* run = app.add_subcommand("run", "run a WASI program");
  run->description(
      "Run a WASI program. Its exit code is ours; a trap is 7.\n\n"
      "Examples:\n"
      "  wherry run hello.wasm\n"
      "  wherry run --dir ./data::/data --env LEVEL=3 convert.wherry in.txt out.txt\n\n"
      "All behind MODULE goes to the program. It sees no file but those below --dir.");
  // MODULE is not a positional for CLI11: the first word that is none of our flags ends them all.
  run->prefix_command();
  add_directories(run, raw);
  add_environment(run, raw);
  run->add_option("--timeout", raw.timeout_ms, "stop the program after this many milliseconds")
      ->type_name("MS")
      ->check(CLI::Range(uint64_t{1}, kMaxTimeoutMs));
  if (has_compiler) {
    add_compiler_options(run, raw);
    add_background(run, raw);
  }
  return run;
}

CLI::App* add_compile(CLI::App& app, Raw& raw) {
  CLI::App* compile = app.add_subcommand("compile", "compile a module ahead of time");
  compile->description(
      "Compile a WebAssembly module to a file that starts at once.\n\n"
      "Examples:\n"
      "  wherry compile hello.wasm -o hello.wherry\n"
      "  wherry compile --cpu v2 hello.wasm -o hello.wherry\n"
      "  wherry compile --profile dev --timings hello.wasm -o hello.wherry");
  add_module_and_output(compile, raw);
  compile->add_option("--cpu", raw.cpu, "the oldest CPU to run on: v2, v3, v4 (v3: AVX2)")
      ->type_name("LEVEL");
  add_compiler_options(compile, raw);
  CLI::Option* initialize = compile->add_flag("--initialize", raw.initialize,
                                              "run its initialization now; see wherry initialize");
  add_allowed(compile, raw)->needs(initialize);
  compile->add_flag("--timings", raw.timings, "say on standard error what took how long");
  return compile;
}

CLI::App* add_initialize(CLI::App& app, Raw& raw) {
  CLI::App* initialize =
      app.add_subcommand("initialize", "run a module's initialization ahead of time");
  initialize->description(
      "Run a module's initialization now, so that every instance begins where it ended.\n\n"
      "Examples:\n"
      "  wherry initialize app.wasm -o app-ready.wasm\n"
      "  wherry initialize --allow random app.wasm -o app-ready.wasm\n"
      "  wherry compile --initialize app.wasm -o app.wherry\n\n"
      "Its start function, _initialize and wizer.initialize are called, those that are there. "
      "What\n"
      "comes out is a module for any runtime. Calls whose answers should differ from instance to\n"
      "instance are errors, unless they are allowed.");
  add_module_and_output(initialize, raw);
  add_allowed(initialize, raw);
  add_features(initialize, raw);
  return initialize;
}

CLI::App* add_inspect(CLI::App& app, Raw& raw) {
  CLI::App* inspect = app.add_subcommand("inspect", "say what a module or compiled file is");
  inspect->description(
      "Say what a module or a compiled file is, imports and exports.\n\n"
      "Examples:\n"
      "  wherry inspect hello.wasm\n"
      "  wherry inspect --json hello.wherry");
  inspect->add_option("FILE", raw.module, "a .wasm or .wherry file")->required();
  inspect->add_flag("--json", raw.json, "as JSON");
  return inspect;
}

CLI::App* add_invoke(CLI::App& app, Raw& raw, bool has_compiler) {
  CLI::App* invoke = app.add_subcommand("invoke", "call a function once");
  invoke->description(
      "Call a function once: its answer on standard output, its log on standard error.\n\n"
      "Examples:\n"
      "  wherry invoke hello.wasm --param name=World\n"
      "  wherry invoke hello.wasm --json @event.json\n"
      "  wherry invoke math.wasm --export 'add(a: i32, b: i32) -> i32' --json '[1, 2]'\n"
      "  wherry invoke upload.wasm --method PUT --path /cat.png --body @cat.png --include");
  invoke
      ->add_option("FUNCTION", raw.module,
                   "a .wasm or .wherry file, a wherry.toml, or a directory with one")
      ->required();
  invoke
      ->add_option("--json", raw.json_text, "the parameters: JSON, @FILE, or - for standard input")
      ->type_name("JSON");
  add_repeated(invoke, "--param", raw.parameters, "KEY=VALUE",
               "one parameter; VALUE is JSON, or else a string");
  invoke->add_option("--function", raw.name, "which, of a wherry.toml with several")
      ->type_name("NAME");
  invoke
      ->add_option("--export", raw.signature,
                   "the export to call, by name or with its types: 'add(a: i32, b: i32) -> i32'")
      ->type_name("SIGNATURE");
  invoke
      ->add_option("--method", raw.method,
                   "of the request to one that speaks HTTP (GET, or POST with a body)")
      ->type_name("METHOD");
  invoke->add_option("--path", raw.path, "likewise, with a query (/)")->type_name("PATH");
  add_repeated(invoke, "--header", raw.headers, "NAME: VALUE", "likewise, one header");
  invoke->add_option("--body", raw.body, "likewise: a text, @FILE, or - for standard input")
      ->type_name("BODY");
  invoke->add_flag("--include", raw.include_head, "print the answer's status and headers, too");
  add_function_limits(invoke, raw);
  if (has_compiler) {
    add_compiler_options(invoke, raw);
    add_background(invoke, raw);
  }
  return invoke;
}

CLI::App* add_serve(CLI::App& app, Raw& raw, bool has_compiler) {
  CLI::App* serve = app.add_subcommand("serve", "serve functions over HTTP");
  serve->description(
      "Serve functions over HTTP: one at /, several at /NAME; and OpenWhisk's /init and /run.\n\n"
      "Examples:\n"
      "  wherry serve hello.wasm\n"
      "  wherry serve functions/                         all that lie there, as they change\n"
      "  wherry serve --config wherry.toml\n"
      "  wherry serve --listen 127.0.0.1:9000 --timeout 5000 hello.wherry\n"
      "  wherry serve --listen 0.0.0.0:8080 --quiet      an empty OpenWhisk action container");
  serve->add_option("FUNCTION", raw.modules,
                    ".wasm or .wherry files, wherry.toml, directories; none: wait for /init");
  serve->add_option("--config", raw.config, "a wherry.toml that describes server and functions")
      ->type_name("FILE");
  serve->add_option("--listen", raw.listen, "where to listen (127.0.0.1:8080); port 0: any")
      ->type_name("ADDRESS");
  serve
      ->add_option("--admin", raw.admin,
                   "where wherry top, logs and functions ask: unix:PATH, HOST:PORT or none")
      ->type_name("ADDRESS");
  serve->add_option("--workers", raw.workers, "threads that serve sockets (one a core)")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u));
  serve
      ->add_option("--log-format", raw.log_format,
                   "plain (what functions print), text or json; plain for one function, else text")
      ->type_name("FORMAT");
  serve->add_option("--log-level", raw.log_level, "error, warn, info or debug (info)")
      ->type_name("LEVEL");
  serve->add_flag("--no-reload", raw.no_reload, "do not watch the files for changes");
  serve->add_flag("--quiet", raw.quiet, "print nothing but what functions log");
  add_function_limits(serve, raw);
  if (has_compiler) {
    add_compiler_options(serve, raw);
    add_background(serve, raw);
  }
  return serve;
}

CLI::App* add_pack(CLI::App& app, Raw& raw) {
  CLI::App* pack = app.add_subcommand("pack", "pack a function for a platform");
  pack->description(
      "Pack a function for a platform: what comes out is deployed as it is.\n\n"
      "Examples:\n"
      "  wherry pack --for lambda hello.wasm -o hello.zip\n"
      "  wherry pack --for openwhisk wherry.toml --function csv -o csv.tar\n"
      "  wherry pack --for all hello.wasm -o packages\n\n"
      "Targets: openwhisk, openwhisk-native, openwhisk-nodejs, lambda, lambda-nodejs, knative,\n"
      "kubernetes, azure, cloudflare, node, oci, systemd. docs/platforms/ has a page on each.");
  pack->add_option("FUNCTION", raw.module, "a .wasm file, a wherry.toml, or a directory with one")
      ->required();
  pack->add_option("--for", raw.targets, "the platform; several with commas, or all")
      ->type_name("TARGET")
      ->required();
  pack->add_option("-o,--output", raw.output, "the package; of several targets, their directory")
      ->type_name("OUT")
      ->required();
  pack->add_option("--function", raw.name, "which, of a wherry.toml with several")
      ->type_name("NAME");
  pack->add_option("--cpu", raw.cpu, "the oldest CPU to run on: v2, v3, v4 (v3: AVX2)")
      ->type_name("LEVEL");
  add_features(pack, raw);
  return pack;
}

CLI::App* add_verify(CLI::App& app, Raw& raw) {
  CLI::App* verify = app.add_subcommand("verify", "compare a function's packages");
  verify->description(
      "Pack a function for every platform, start the packages that can run here, and compare.\n\n"
      "Examples:\n"
      "  wherry verify hello.wasm\n"
      "  wherry verify --events events --html matrix.html wherry.toml\n"
      "  wherry verify --targets node,lambda,cloudflare --workerd ./workerd hello.wasm\n\n"
      "All are asked the same, and have to answer what wherry serve answers: 1 if one does not.\n"
      "Events are files: NAME.json is the body of a POST to /, NAME.http a whole request.");
  verify->add_option("FUNCTION", raw.module, "a .wasm file, a wherry.toml, or a directory with one")
      ->required();
  verify->add_option("--events", raw.events, "a directory of events; without it some of our own")
      ->type_name("DIR");
  verify->add_option("--targets", raw.targets, "of these only, with commas (all)")
      ->type_name("TARGETS");
  verify->add_option("--function", raw.name, "which, of a wherry.toml with several")
      ->type_name("NAME");
  verify->add_option("--workerd", raw.workerd, "where workerd is, if not in PATH")
      ->type_name("PROGRAM");
  verify->add_option("--html", raw.html, "write the matrix as a page, too")->type_name("FILE");
  verify->add_flag("--json", raw.json, "as JSON");
  add_features(verify, raw);
  return verify;
}

CLI::App* add_bench(CLI::App& app, Raw& raw) {
  CLI::App* bench = app.add_subcommand("bench", "measure engines side by side");
  bench->description(
      "Run programs in all engines that are installed, in turns, beside native code.\n\n"
      "Examples:\n"
      "  wherry bench engines                          what is installed, and how to get the rest\n"
      "  wherry bench report-2019 --quick              the 2019 report's figures, in minutes\n"
      "  wherry bench report-2019 --full --out results\n"
      "  wherry bench kernels --only 'sha|json' --engines clang,wherry,node\n"
      "  wherry bench my.wasm --stdin input.txt -- --level 3\n"
      "  wherry bench compare before/ after/\n\n"
      "WHAT is report-2019, kernels, a suite.json or a .wasm file, of which the words behind it "
      "are the\n"
      "arguments. Outputs are compared before a time counts. docs/bench.md tells the method.");
  bench
      ->add_option("WHAT", raw.modules,
                   "what to run; or engines, compare FIRST SECOND, render RESULTS")
      ->required()
      ->type_name("");
  CLI::Option* quick = bench->add_flag("--quick", raw.quick, "less work: some minutes");
  bench->add_flag("--full", raw.full, "the longest programs, too: hours")->excludes(quick);
  bench
      ->add_option("--out", raw.output,
                   "where results.json, page.html, tables.md and results.csv go")
      ->type_name("DIR");
  bench->add_option("--engines", raw.engines, "these only, with commas (all)")->type_name("LIST");
  add_repeated(bench, "--engine-file", raw.engine_files, "FILE",
               "more engines, as docs/bench.md has them");
  bench->add_option("--only", raw.only, "workloads whose names match")->type_name("REGEX");
  bench
      ->add_option("--rounds", raw.rounds,
                   "rounds of each workload (what its share of time allows)")
      ->type_name("N")
      ->check(CLI::Range(1u, 1000u));
  bench->add_option("--timeout", raw.timeout_ms, "time for one run, in milliseconds")
      ->type_name("MS")
      ->check(CLI::Range(uint64_t{1}, kMaxTimeoutMs));
  bench->add_option("--stdin", raw.input, "of a module: a file for its standard input")
      ->type_name("FILE");
  bench
      ->add_option("--source", raw.source,
                   "of a module: the C, C++ or Rust that it was made of, for native code")
      ->type_name("FILE");
  bench->add_flag("--simd", raw.vectors, "compile sources to modules with vectors");
  bench->add_flag("--no-platforms", raw.no_platforms,
                  "leave out the packages of report-2019's function");
  bench->add_flag("--json", raw.json, "of engines and compare: as JSON");
  return bench;
}

void add_server(CLI::App* app, Raw& raw) {
  app->add_option("--server", raw.server,
                  "the server's --listen or --admin address (127.0.0.1:8080)")
      ->type_name("ADDRESS");
  app->add_flag("--json", raw.json, "as JSON");
}

CLI::App* add_functions(CLI::App& app, Raw& raw) {
  CLI::App* functions = app.add_subcommand("functions", "list what a server serves");
  functions->description(
      "List the functions of a running server.\n\n"
      "Examples:\n"
      "  wherry functions\n"
      "  wherry functions --server 127.0.0.1:9000 --json");
  add_server(functions, raw);
  return functions;
}

CLI::App* add_logs(CLI::App& app, Raw& raw) {
  CLI::App* logs = app.add_subcommand("logs", "show a server's log");
  logs->description(
      "Show what a running server has logged lately.\n\n"
      "Examples:\n"
      "  wherry logs\n"
      "  wherry logs -f hello");
  logs->add_option("FUNCTION", raw.name, "of this function only");
  logs->add_flag("-f,--follow", raw.follow, "go on as more is logged");
  add_server(logs, raw);
  return logs;
}

CLI::App* add_top(CLI::App& app, Raw& raw) {
  CLI::App* top = app.add_subcommand("top", "watch a server's functions");
  top->description(
      "Watch a running server: requests a second, latency, errors and memory by function.\n\n"
      "Examples:\n"
      "  wherry top\n"
      "  wherry top --once");
  top->add_flag("--once", raw.once, "print one table and end");
  add_server(top, raw);
  return top;
}

CLI::App* add_doctor(CLI::App& app, Raw& raw) {
  CLI::App* doctor = app.add_subcommand("doctor", "check this machine and functions");
  doctor->description(
      "Check whether this machine has what Wherry needs, and whether functions could be served.\n\n"
      "Examples:\n"
      "  wherry doctor\n"
      "  wherry doctor functions/");
  doctor->add_option("FUNCTION", raw.modules, "modules, wherry.toml or directories to check, too");
  doctor->add_flag("--json", raw.json, "as JSON");
  return doctor;
}

CLI::App* add_cache(CLI::App& app, Raw& raw) {
  CLI::App* cache = app.add_subcommand("cache", "show or clear the cache of compiled modules");
  cache->description(
      "Show which compiled modules are kept and how large they are, or remove them.\n\n"
      "Examples:\n"
      "  wherry cache\n"
      "  wherry cache --clear");
  cache->add_flag("--clear", raw.clear, "remove all of them");
  cache->add_flag("--json", raw.json, "as JSON");
  return cache;
}

Error usage_error(std::string message, const std::string& help) {
  if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z') message[0] += 'a' - 'A';
  std::replace(message.begin(), message.end(), '\n', ' ');
  return make_error(ErrorKind::kInvalid, "{}", message).with_hint(help);
}

// The verbs are described for `wherry`; `wherry-host` has another name and takes compiled files
// only.
std::string in_words_of_host(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"  wherry ", "  wherry-host "}, {".wasm or .wherry", ".wherry"}, {".wasm", ".wherry"}};
  for (auto [from, to] : kWords) {
    for (size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

void describe_for_host(CLI::App* verb) {
  verb->description(in_words_of_host(verb->get_description()));
  for (CLI::Option* option : verb->get_options()) {
    option->description(in_words_of_host(option->get_description()));
  }
}

}  // namespace

Result<CommandLine> parse_command_line(Program program, std::span<const char* const> arguments) {
  bool is_wherry = program == Program::kWherry;
  std::string name = is_wherry ? "wherry" : "wherry-host";
  CLI::App app(is_wherry
                   ? "Compile WebAssembly once, run it as a serverless function everywhere.\n\n"
                     "Examples:\n"
                     "  wherry run hello.wasm\n"
                     "  wherry invoke hello.wasm --param name=World\n"
                     "  wherry serve hello.wasm"
                   : "Run compiled WebAssembly functions. Has no compiler: see wherry compile.\n\n"
                     "Examples:\n"
                     "  wherry-host serve hello.wherry\n"
                     "  wherry-host serve --listen 0.0.0.0:8080 --quiet",
               name);
  app.formatter(std::make_shared<HelpFormatter>());  // the verbs inherit it
  Raw raw;
  app.add_flag("--version", raw.version, "print the version");
  CLI::App* run = add_run(app, raw, is_wherry);
  CLI::App* compile = is_wherry ? add_compile(app, raw) : nullptr;
  CLI::App* initialize = is_wherry ? add_initialize(app, raw) : nullptr;
  CLI::App* inspect = is_wherry ? add_inspect(app, raw) : nullptr;
  CLI::App* invoke = add_invoke(app, raw, is_wherry);
  CLI::App* serve = add_serve(app, raw, is_wherry);
  CLI::App* pack = is_wherry ? add_pack(app, raw) : nullptr;
  CLI::App* verify = is_wherry ? add_verify(app, raw) : nullptr;
  CLI::App* bench = is_wherry ? add_bench(app, raw) : nullptr;
  CLI::App* functions = is_wherry ? add_functions(app, raw) : nullptr;
  CLI::App* logs = is_wherry ? add_logs(app, raw) : nullptr;
  CLI::App* top = is_wherry ? add_top(app, raw) : nullptr;
  CLI::App* doctor = is_wherry ? add_doctor(app, raw) : nullptr;
  CLI::App* cache = is_wherry ? add_cache(app, raw) : nullptr;
  app.require_subcommand(0, 1);
  if (!is_wherry) {
    for (CLI::App* verb : {run, invoke, serve}) describe_for_host(verb);
  }
  const CLI::App* verbs[] = {run,    compile, initialize, inspect, invoke, serve,  pack,
                             verify, bench,   functions,  logs,    top,    doctor, cache};

  auto used = [](const CLI::App* verb) { return verb != nullptr && verb->parsed(); };
  std::string help = name + " --help";
  try {
    std::vector<std::string> words(arguments.begin(), arguments.end());
    // To CLI11, what is behind a verb's `--` is the program's own.
    if (auto mark = std::ranges::find(words, "--");
        mark != words.end() && words.front() == "bench") {
      raw.behind_mark.assign(mark + 1, words.end());
      words.erase(mark, words.end());
    }
    std::ranges::reverse(words);  // it takes words from the back
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return CommandLine(Text{app.help()});
  } catch (const CLI::ParseError& error) {
    for (const CLI::App* verb : verbs) {
      if (used(verb)) help = name + " " + verb->get_name() + " --help";
    }
    bool has_verb = std::any_of(std::begin(verbs), std::end(verbs), used);
    if (!has_verb && !arguments.empty()) {
      return usage_error(fmt::format("{} knows no {}", name, arguments[0]), help);
    }
    return usage_error(error.what(), help);
  }
  if (raw.version) return CommandLine(Text{name + " " WHERRY_VERSION "\n"});
  if (used(run)) return finish_run(raw, run->remaining(), name);
  if (used(compile)) return finish_compile(raw);
  if (used(initialize)) return finish_initialize(raw);
  if (used(inspect)) return CommandLine(InspectFlags{raw.module, raw.json});
  if (used(invoke)) return finish_invoke(raw);
  if (used(serve)) return finish_serve(raw);
  if (used(pack)) return finish_pack(raw);
  if (used(verify)) return finish_verify(raw);
  if (used(bench)) return finish_bench(raw, arguments);
  if (used(functions)) return CommandLine(FunctionsFlags{operator_flags(raw)});
  if (used(logs)) return CommandLine(LogsFlags{operator_flags(raw)});
  if (used(top)) return CommandLine(TopFlags{operator_flags(raw)});
  if (used(doctor)) return CommandLine(DoctorFlags{raw.modules, raw.json});
  if (used(cache)) return CommandLine(CacheFlags{raw.clear, raw.json});
  return usage_error("no verb given", help);
}

CompilerFlags compiler_flags_of(const CommandLine& line) {
  if (auto* run = std::get_if<RunFlags>(&line)) return run->compiler;
  if (auto* compile = std::get_if<CompileFlags>(&line)) return compile->compiler;
  if (auto* invoke = std::get_if<InvokeFlags>(&line)) return invoke->options.compiler;
  if (auto* serve = std::get_if<ServeFlags>(&line)) return serve->options.compiler;
  if (auto* pack = std::get_if<PackFlags>(&line)) return pack->compiler;
  if (auto* verify = std::get_if<VerifyFlags>(&line)) return verify->compiler;
  return {};
}

}  // namespace wherry::cli
