#include "cli/flags.h"

#include <gtest/gtest.h>

namespace wherry::cli {
namespace {

Result<CommandLine> parse(std::vector<const char*> arguments, Program program = Program::kWherry) {
  return parse_command_line(program, arguments);
}

template <typename Flags>
Flags parsed(std::vector<const char*> arguments) {
  auto line = parse(std::move(arguments));
  EXPECT_TRUE(line.ok()) << line.error().message;
  if (!line.ok() || !std::holds_alternative<Flags>(*line)) return {};
  return std::get<Flags>(*line);
}

std::string error_of(std::vector<const char*> arguments, Program program = Program::kWherry) {
  auto line = parse(std::move(arguments), program);
  if (line.ok()) return "no error";
  EXPECT_EQ(line.error().kind, ErrorKind::kInvalid);
  return line.error().message;
}

TEST(Flags, GivesAllBehindTheModuleToTheGuest) {
  auto run = parsed<RunFlags>({"run", "--dir", "a::/b", "--dir", "c", "--env", "K=V=W", "--env",
                               "E=", "hello.wasm", "--dir", "x", "--help", "--", "compile", "-"});
  EXPECT_EQ(run.module, "hello.wasm");
  EXPECT_EQ(run.arguments,
            (std::vector<std::string>{"--dir", "x", "--help", "--", "compile", "-"}));
  ASSERT_EQ(run.directories.size(), 2u);
  EXPECT_EQ(run.directories[0].host, "a");
  EXPECT_EQ(run.directories[0].guest, "/b");
  EXPECT_EQ(run.directories[1].guest, "c");
  EXPECT_FALSE(run.directories[0].read_only);
  const function::Directory read_only =
      parsed<RunFlags>({"run", "--dir", "a::/b::ro", "m.wasm"}).directories[0];
  EXPECT_EQ(read_only.guest, "/b");
  EXPECT_TRUE(read_only.read_only);
  const function::Directory named_ro =
      parsed<RunFlags>({"run", "--dir", "a::ro", "m.wasm"}).directories[0];
  EXPECT_EQ(named_ro.guest, "ro");
  EXPECT_FALSE(named_ro.read_only);
  EXPECT_EQ(run.environment, (std::map<std::string, std::string>{{"K", "V=W"}, {"E", ""}}));
  EXPECT_EQ(parsed<RunFlags>({"run", "serve"}).module, "serve");
}

TEST(Flags, ReadsEachVerb) {
  auto compile = parsed<CompileFlags>({"compile", "a.wasm", "-o", "b.wherry", "--cpu", "v2"});
  EXPECT_EQ(compile.module, "a.wasm");
  EXPECT_EQ(compile.output, "b.wherry");
  EXPECT_EQ(compile.cpu, CpuLevel::kV2);
  EXPECT_FALSE(compile.compiler.profile.has_value());
  EXPECT_FALSE(compile.timings);
  compile = parsed<CompileFlags>(
      {"compile", "a.wasm", "-o", "b.wherry", "--profile", "dev", "--timings"});
  EXPECT_EQ(compile.compiler.profile, contract::Profile::kDev);
  EXPECT_TRUE(compile.timings);
  EXPECT_EQ(parsed<RunFlags>({"run", "--profile", "dev", "a.wasm"}).compiler.profile,
            contract::Profile::kDev);
  const CompilerFlags options =
      parsed<InvokeFlags>({"invoke", "f.wasm", "--enable", "threads", "--enable", "wide-arithmetic",
                           "--disable", "simd"})
          .options.compiler;
  EXPECT_EQ(options.features, wasm::Features::standard()
                                  .with(wasm::Feature::kThreads)
                                  .with(wasm::Feature::kWideArithmetic)
                                  .without(wasm::Feature::kSimd));
  EXPECT_TRUE(parsed<InspectFlags>({"inspect", "--json", "a.wasm"}).json);
  auto invoke = parsed<InvokeFlags>(
      {"invoke", "--param", "a=1", "f.wasm", "--json", "{}", "--timeout", "250", "--memory", "64"});
  EXPECT_EQ(invoke.function, "f.wasm");
  EXPECT_EQ(invoke.parameters[0].second, "1");
  EXPECT_EQ(invoke.options.timeout.count(), 250);
  EXPECT_EQ(invoke.options.memory_mib, 64u);
  EXPECT_EQ(parsed<RunFlags>({"run", "--profile", "max", "a.wasm"}).compiler.profile,
            contract::Profile::kMax);
  EXPECT_TRUE(parsed<RunFlags>({"run", "a.wasm"}).compiler.background);
  EXPECT_FALSE(parsed<RunFlags>({"run", "--no-background", "a.wasm"}).compiler.background);
  EXPECT_FALSE(
      parsed<InvokeFlags>({"invoke", "a.wasm", "--no-background"}).options.compiler.background);
  EXPECT_TRUE(parsed<CacheFlags>({"cache", "--clear"}).clear);
  EXPECT_TRUE(parsed<CacheFlags>({"cache", "--json"}).json);
  auto serve = parsed<ServeFlags>({"serve", "--no-background", "--listen", "127.0.0.1:0"});
  EXPECT_FALSE(serve.options.compiler.background);
  EXPECT_TRUE(serve.functions.empty());
  EXPECT_EQ(serve.listen, "127.0.0.1:0");
  EXPECT_EQ(serve.options.timeout.count(), 60'000);
  EXPECT_TRUE(serve.reload);
  EXPECT_FALSE(serve.log_format || serve.plain_log || serve.log_level);
  serve = parsed<ServeFlags>({"serve", "a.wasm", "b/", "--config", "c.toml", "--log-format", "json",
                              "--log-level", "warn", "--no-reload", "--admin", "none"});
  EXPECT_EQ(serve.functions, (std::vector<std::string>{"a.wasm", "b/"}));
  EXPECT_EQ(serve.config, "c.toml");
  EXPECT_EQ(serve.log_format, LogFormat::kJson);
  EXPECT_EQ(serve.log_level, LogLevel::kWarn);
  EXPECT_FALSE(serve.reload);
  EXPECT_EQ(serve.admin, "none");
  EXPECT_TRUE(parsed<ServeFlags>({"serve", "--log-format", "plain"}).plain_log);
  invoke = parsed<InvokeFlags>({"invoke", "f", "--abi", "cgi", "--method", "PUT", "--path", "/a?b",
                                "--header", "X-Y:  z", "--body", "-", "--include", "--export", "g",
                                "--function", "h", "--dir", "a::b"});
  EXPECT_EQ(invoke.options.abi, function::Abi::kCgi);
  EXPECT_EQ(invoke.method + invoke.path + invoke.body + invoke.signature + invoke.name,
            "PUT/a?b-gh");
  EXPECT_EQ(invoke.headers, (std::vector<std::pair<std::string, std::string>>{{"X-Y", "z"}}));
  EXPECT_TRUE(invoke.include_head);
  EXPECT_EQ(invoke.options.directories.size(), 1u);
  auto logs = parsed<LogsFlags>({"logs", "-f", "hello", "--server", ":9000"});
  EXPECT_TRUE(logs.follow);
  EXPECT_EQ(logs.function + logs.server, "hello:9000");
  EXPECT_TRUE(parsed<TopFlags>({"top", "--once", "--json"}).once);
  EXPECT_TRUE(parsed<FunctionsFlags>({"functions", "--json"}).json);
  EXPECT_EQ(parsed<DoctorFlags>({"doctor", "a"}).functions[0], "a");
}

TEST(Flags, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(error_of({"run", "--bogus", "a.wasm"}), "unknown flag --bogus");
  EXPECT_EQ(error_of({"run"}), "no MODULE to run");
  EXPECT_EQ(error_of({"run", "--env", "novalue", "a.wasm"}),
            "--env novalue: not of the form KEY=VALUE");
  EXPECT_EQ(error_of({"run", "--dir", "::x", "a.wasm"}), "--dir ::x: not of the form HOST::GUEST");
  EXPECT_EQ(error_of({"compile", "a.wasm", "-o", "b", "--cpu", "v9"}), "--cpu v9: no such level");
  EXPECT_EQ(error_of({"run", "--profile", "fast", "a.wasm"}), "--profile fast: no such profile");
  EXPECT_EQ(error_of({"run", "--enable", "teleport", "a.wasm"}),
            "--enable teleport: unknown feature 'teleport'");
  EXPECT_EQ(error_of({"run", "--disable", "gc", "a.wasm"}), "--disable gc: unknown feature 'gc'");
  EXPECT_NE(error_of({"run", "--profile", "dev", "a.wherry"}, Program::kWherryHost), "no error");
  EXPECT_NE(error_of({"serve", "--enable", "threads", "a.wherry"}, Program::kWherryHost),
            "no error");
  EXPECT_EQ(error_of({}), "no verb given");
  EXPECT_NE(error_of({"fly"}), "no error");
  EXPECT_NE(error_of({"compile", "a.wasm"}), "no error");
  EXPECT_NE(error_of({"serve", "--timeout", "0"}), "no error");
  EXPECT_NE(error_of({"serve", "--timeout", "-5"}), "no error");
  EXPECT_EQ(error_of({"serve", "--log-format", "xml"}), "--log-format xml: no such format");
  EXPECT_EQ(error_of({"serve", "--log-level", "loud"}), "--log-level loud: no such level");
  EXPECT_EQ(error_of({"serve", "--abi", "fax", "a"}), "--abi fax: no such ABI");
  EXPECT_EQ(error_of({"invoke", "--header", "novalue", "a"}),
            "--header novalue: not of the form NAME: VALUE");
  EXPECT_NE(error_of({"cache"}, Program::kWherryHost), "no error");
  EXPECT_NE(error_of({"run", "--no-background", "a.wherry"}, Program::kWherryHost), "no error");
  EXPECT_NE(error_of({"compile", "a.wasm", "-o", "b"}, Program::kWherryHost), "no error");
}

TEST(Flags, LeadsHelpWithExamples) {
  for (const char* verb : {"run", "compile", "inspect", "invoke", "serve", "functions", "logs",
                           "top", "doctor", "cache"}) {
    std::string help = parsed<Text>({verb, "--help"}).text;
    size_t examples = help.find("Examples:"), usage = help.find("Usage:");
    EXPECT_NE(examples, help.npos) << verb;
    EXPECT_LT(examples, usage) << verb << "\n" << help;
  }
  EXPECT_NE(parsed<Text>({"--help"}).text.find("Examples:"), std::string::npos);
  EXPECT_EQ(parsed<Text>({"--version"}).text, "wherry " WHERRY_VERSION "\n");
}

TEST(Flags, TalksOfCompiledFilesWhereThereIsNoCompiler) {
  for (const char* verb : {"run", "invoke", "serve"}) {
    auto line = parse({verb, "--help"}, Program::kWherryHost);
    ASSERT_TRUE(line.ok());
    std::string help = std::get<Text>(*line).text;
    EXPECT_EQ(help.find(".wasm"), help.npos) << help;
    EXPECT_EQ(help.find("  wherry "), help.npos) << help;
    EXPECT_NE(help.find(fmt::format("  wherry-host {} ", verb)), help.npos) << help;
  }
  auto line = parse({"run"}, Program::kWherryHost);
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(line.error().hint, "wherry-host run --help");
}

}  // namespace
}  // namespace wherry::cli
