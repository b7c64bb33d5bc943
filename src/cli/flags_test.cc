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
  const Directory read_only =
      parsed<RunFlags>({"run", "--dir", "a::/b::ro", "m.wasm"}).directories[0];
  EXPECT_EQ(read_only.guest, "/b");
  EXPECT_TRUE(read_only.read_only);
  const Directory named_ro = parsed<RunFlags>({"run", "--dir", "a::ro", "m.wasm"}).directories[0];
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
          .function.compiler;
  EXPECT_EQ(options.features, wasm::Features::standard()
                                  .with(wasm::Feature::kThreads)
                                  .with(wasm::Feature::kWideArithmetic)
                                  .without(wasm::Feature::kSimd));
  EXPECT_TRUE(parsed<InspectFlags>({"inspect", "--json", "a.wasm"}).json);
  auto invoke = parsed<InvokeFlags>(
      {"invoke", "--param", "a=1", "f.wasm", "--json", "{}", "--timeout", "250", "--memory", "64"});
  EXPECT_EQ(invoke.function.function, "f.wasm");
  EXPECT_EQ(invoke.parameters[0].second, "1");
  EXPECT_EQ(invoke.function.timeout.count(), 250);
  EXPECT_EQ(invoke.function.memory_mib, 64u);
  EXPECT_EQ(parsed<RunFlags>({"run", "--profile", "max", "a.wasm"}).compiler.profile,
            contract::Profile::kMax);
  EXPECT_TRUE(parsed<RunFlags>({"run", "a.wasm"}).compiler.background);
  EXPECT_FALSE(parsed<RunFlags>({"run", "--no-background", "a.wasm"}).compiler.background);
  EXPECT_FALSE(
      parsed<InvokeFlags>({"invoke", "a.wasm", "--no-background"}).function.compiler.background);
  EXPECT_TRUE(parsed<CacheFlags>({"cache", "--clear"}).clear);
  EXPECT_TRUE(parsed<CacheFlags>({"cache", "--json"}).json);
  auto serve = parsed<ServeFlags>({"serve", "--no-background", "--listen", "127.0.0.1:0"});
  EXPECT_FALSE(serve.function.compiler.background);
  EXPECT_EQ(serve.function.function, "");
  EXPECT_EQ(serve.listen, "127.0.0.1:0");
  EXPECT_EQ(serve.function.timeout.count(), 60'000);
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
  EXPECT_NE(error_of({"serve", "a", "b"}), "no error");
  EXPECT_NE(error_of({"cache"}, Program::kWherryHost), "no error");
  EXPECT_NE(error_of({"run", "--no-background", "a.wherry"}, Program::kWherryHost), "no error");
  EXPECT_NE(error_of({"compile", "a.wasm", "-o", "b"}, Program::kWherryHost), "no error");
}

TEST(Flags, LeadsHelpWithExamples) {
  for (const char* verb : {"run", "compile", "inspect", "invoke", "serve", "cache"}) {
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
