#include "function/manifest.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.h"
#include "function/directory_text.h"
#include "function/outbound_host.h"

namespace wherry::function {
namespace {

using std::chrono::milliseconds;

Manifest parsed(std::string_view text, const std::string& path = "wherry.toml") {
  auto manifest = parse_manifest(text, path);
  EXPECT_TRUE(manifest.ok()) << manifest.error().message;
  return manifest.ok() ? *manifest : Manifest{};
}

std::string error_of(std::string_view text) {
  auto manifest = parse_manifest(text, "w.toml");
  if (manifest.ok()) return "no error";
  EXPECT_EQ(manifest.error().kind, ErrorKind::kInvalid);
  return manifest.error().message;
}

// What one line of a function gives.
std::string error_of_key(const std::string& line) {
  return error_of("[function]\nmodule = \"a.wasm\"\n" + line + "\n");
}
std::string error_of_setting(const std::string& line) {
  return error_of("[function]\nmodule = \"a.wasm\"\n[server]\n" + line + "\n");
}

TEST(Manifest, NeedsNoMoreThanAModule) {
  Manifest manifest = parsed("[function]\nmodule = \"build/hello.wasm\"\n");
  ASSERT_EQ(manifest.functions.size(), 1u);
  const FunctionManifest& function = manifest.functions[0];
  EXPECT_EQ(function.module, "build/hello.wasm");
  EXPECT_EQ(function.options.name, "hello");
  EXPECT_EQ(function.options.abi, std::nullopt);
  EXPECT_EQ(function.options.limits.time, FunctionLimits{}.time);
  EXPECT_EQ(function.concurrency, 0u);
  EXPECT_EQ(function.queue, 100u);
  EXPECT_EQ(function.log_level, std::nullopt);
  EXPECT_EQ(function.where, "wherry.toml:1:1");
  EXPECT_EQ(manifest.server.listen, std::nullopt);
}

TEST(Manifest, ReadsEachKeyOfAFunction) {
  Manifest manifest = parsed(R"([function]
name = "greet.v2"
module = "hello.wasm"
abi = "export"
signature = "greet(name: string) -> string"
arguments = ["--loud", ""]
environment = { LEVEL = 3, DEBUG = true, TEXT = "a b", EMPTY = "" }
secrets = { TOKEN = "secrets/token", KEY = "/run/key" }
directories = ["data::/data::ro", "/srv", { host = "out", guest = "/out", read_only = false }]
memory = "64 MiB"
time = "5 s"
cpu_time = "500 ms"
result = "2 MiB"
body = "1 GiB"
output = 1000000
log = "512 KiB"
log_lines = 100
open_files = 16
concurrency = 8
queue = 0
log_level = "debug"
outbound = ["api.example.com", "*.example.org:8443", "https://example.net"]
)",
                             "conf/wherry.toml");
  ASSERT_EQ(manifest.functions.size(), 1u);
  const FunctionManifest& function = manifest.functions[0];
  const FunctionOptions& options = function.options;
  EXPECT_EQ(options.name, "greet.v2");
  EXPECT_EQ(function.module, "conf/hello.wasm");
  EXPECT_EQ(options.abi, Abi::kExport);
  EXPECT_EQ(options.signature, "greet(name: string) -> string");
  EXPECT_EQ(options.arguments, (std::vector<std::string>{"--loud", ""}));
  EXPECT_EQ(options.environment,
            (std::map<std::string, std::string>{
                {"LEVEL", "3"}, {"DEBUG", "true"}, {"TEXT", "a b"}, {"EMPTY", ""}}));
  ASSERT_EQ(function.secrets.size(), 2u);
  EXPECT_EQ(function.secrets.at("TOKEN").path, "conf/secrets/token");
  EXPECT_EQ(function.secrets.at("TOKEN").where, "conf/wherry.toml:8:21");
  EXPECT_EQ(function.secrets.at("KEY").path, "/run/key");
  ASSERT_EQ(options.directories.size(), 3u);
  EXPECT_EQ(options.directories[0].host, "conf/data");
  EXPECT_EQ(options.directories[0].guest, "/data");
  EXPECT_TRUE(options.directories[0].read_only);
  EXPECT_EQ(options.directories[1].host, "/srv");
  EXPECT_EQ(options.directories[1].guest, "/srv");
  EXPECT_EQ(options.directories[2].host, "conf/out");
  EXPECT_EQ(options.directories[2].guest, "/out");
  EXPECT_FALSE(options.directories[2].read_only);
  EXPECT_EQ(options.limits.memory_bytes, 64u << 20);
  EXPECT_EQ(options.limits.time, milliseconds(5000));
  EXPECT_EQ(options.limits.cpu_time, milliseconds(500));
  EXPECT_EQ(options.limits.result_bytes, 2u << 20);
  EXPECT_EQ(options.limits.body_bytes, 1u << 30);
  EXPECT_EQ(options.limits.output_bytes, 1'000'000u);
  EXPECT_EQ(options.limits.log_bytes, 512u << 10);
  EXPECT_EQ(options.limits.log_lines, 100u);
  EXPECT_EQ(options.limits.open_files, 16u);
  EXPECT_EQ(function.concurrency, 8u);
  EXPECT_EQ(function.queue, 0u);
  EXPECT_EQ(function.log_level, LogLevel::kDebug);
  EXPECT_EQ(options.outbound, (std::vector<std::string>{"api.example.com", "*.example.org:8443",
                                                        "https://example.net"}));
}

TEST(Manifest, ReadsEachKeyOfTheServer) {
  const ServerSettings server = parsed(R"([server]
listen = ":9000"
admin = "unix:run/admin.sock"
loops = 2
max_threads = 64
max_connections = 1000
header_limit = "32 KiB"
header_timeout = "1 s"
body_timeout = "2 s"
idle_timeout = "3 s"
write_timeout = "4 s"
drain_timeout = "0 ms"
log_format = "json"
log_level = "warn"

[function]
module = "a.wasm"
)",
                                       "/etc/w/wherry.toml")
                                    .server;
  EXPECT_EQ(server.listen, ":9000");
  EXPECT_EQ(server.admin, "unix:/etc/w/run/admin.sock");
  EXPECT_EQ(server.loops, 2u);
  EXPECT_EQ(server.max_threads, 64u);
  EXPECT_EQ(server.max_connections, 1000u);
  EXPECT_EQ(server.header_limit_bytes, 32u << 10);
  EXPECT_EQ(server.header_timeout, milliseconds(1000));
  EXPECT_EQ(server.body_timeout, milliseconds(2000));
  EXPECT_EQ(server.idle_timeout, milliseconds(3000));
  EXPECT_EQ(server.write_timeout, milliseconds(4000));
  EXPECT_EQ(server.drain_timeout, milliseconds(0));
  EXPECT_EQ(server.log_format, LogFormat::kJson);
  EXPECT_EQ(server.log_level, LogLevel::kWarn);
  EXPECT_EQ(parsed("[function]\nmodule = \"a.wasm\"\n[server]\nadmin = \"none\"").server.admin,
            "none");
}

TEST(Manifest, ReadsSeveralFunctionsInTheirOrder) {
  Manifest manifest = parsed(R"(
[[function]]
module = "b.wasm"
[[function]]
module = "/x/a.wherry"
environment.A = "1"
[[function]]
name = "c"
module = "a.wasm"
)");
  ASSERT_EQ(manifest.functions.size(), 3u);
  EXPECT_EQ(manifest.functions[0].options.name, "b");
  EXPECT_EQ(manifest.functions[1].options.name, "a");
  EXPECT_EQ(manifest.functions[1].module, "/x/a.wherry");
  EXPECT_EQ(manifest.functions[1].options.environment.at("A"), "1");
  EXPECT_EQ(manifest.functions[2].options.name, "c");
}

TEST(Manifest, NamesTheNearestKeyToAnUnknownOne) {
  EXPECT_EQ(error_of_key("memmory = \"1 MiB\""),
            "w.toml:3:1: unknown key \"memmory\" in [function]; did you mean \"memory\"?");
  EXPECT_EQ(error_of_key("colour = 1"), "w.toml:3:1: unknown key \"colour\" in [function]");
  EXPECT_EQ(error_of_setting("listne = \":80\""),
            "w.toml:4:1: unknown key \"listne\" in [server]; did you mean \"listen\"?");
  EXPECT_EQ(error_of("name = \"a\"\n[function]\nmodule = \"a.wasm\""),
            "w.toml:1:1: unknown key \"name\" outside of [function] and [server]");
  EXPECT_EQ(
      error_of("[functions]\nmodule = \"a.wasm\""),
      "w.toml:1:2: unknown key \"functions\" outside of [function] and [server]; did you mean "
      "\"function\"?");
  EXPECT_EQ(
      error_of_key("directories = [{host = \"a\", gest = \"b\"}]"),
      "w.toml:3:29: unknown key \"gest\" of a directory: host, guest and read_only are known");
}

TEST(Manifest, ReportsAllMistakesInTheFilesOrder) {
  EXPECT_EQ(
      error_of("[server]\nloops = true\n[function]\ntime = 5\nmodule = 1\nabi = \"wasi\"\n"),
      "w.toml:2:9: loops must be a whole number from 0 to 1024, not true\n"
      "w.toml:4:8: time must be a time from 1 ms to 24 h, like \"500 ms\", \"5 s\" or \"2 min\", "
      "not 5\n"
      "w.toml:5:10: module must be a text, not 1\n"
      "w.toml:6:7: abi must be command, cgi, export or handler, not \"wasi\"");
}

TEST(Manifest, BoundsTheMistakesItReports) {
  std::string text = "[function]\nmodule = \"a.wasm\"\n";
  for (int i = 0; i < 30; i++) text += fmt::format("unknown_{} = 1\n", i);
  const std::string message = error_of(text);
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 20);
  EXPECT_TRUE(message.ends_with("\nand 10 more")) << message;
}

TEST(Manifest, ChecksTypesAndRanges) {
  EXPECT_EQ(
      error_of_key("memory = \"64 MB\""),
      "w.toml:3:10: memory must be a size from 64 KiB to 4 GiB, like \"64 MiB\" or a number of "
      "bytes, not \"64 MB\"");
  EXPECT_EQ(
      error_of_key("memory = 65535"),
      "w.toml:3:10: memory must be a size from 64 KiB to 4 GiB, like \"64 MiB\" or a number of "
      "bytes, not 65535");
  EXPECT_EQ(
      error_of_key("log = -1"),
      "w.toml:3:7: log must be a size from 0 B to 1 GiB, like \"64 MiB\" or a number of bytes, "
      "not -1");
  EXPECT_EQ(
      error_of_key("time = \"25 h\""),
      "w.toml:3:8: time must be a time from 1 ms to 24 h, like \"500 ms\", \"5 s\" or \"2 min\", "
      "not \"25 h\"");
  EXPECT_EQ(error_of_key("queue = 1.5"),
            "w.toml:3:9: queue must be a whole number from 0 to 1000000, not 1.5");
  EXPECT_EQ(error_of_key("open_files = 2"),
            "w.toml:3:14: open_files must be a whole number from 3 to 65536, not 2");
  EXPECT_EQ(error_of_key("log_level = 3"),
            "w.toml:3:13: log_level must be error, warn, info or debug, not 3");
  EXPECT_EQ(error_of_key("arguments = \"-v\""),
            "w.toml:3:13: arguments must be an array of texts, not \"-v\"");
  EXPECT_EQ(error_of_key("arguments = [\"a\", 1]"),
            "w.toml:3:19: each of arguments must be a text, not 1");
  EXPECT_EQ(
      error_of_key("environment = [1]"),
      "w.toml:3:15: environment must be a table of values by the variable's name, not an array");
  EXPECT_EQ(error_of_key("environment.A = 2024-01-01"),
            "w.toml:3:17: A must be a text, a whole number, true or false, not a date or time");
  EXPECT_EQ(error_of_key("environment.\"A=B\" = 1"),
            "w.toml:3:13: \"A=B\" is no name for a variable");
  EXPECT_EQ(error_of_key("environment.A = \"a\\u0000b\""),
            "w.toml:3:17: A must be a text, a whole number, true or false, not \"a\\u0000b\"");
  EXPECT_EQ(error_of_key("secrets = \"file\""),
            "w.toml:3:11: secrets must be a table of files by the variable's name, not \"file\"");
  EXPECT_EQ(error_of_key("secrets.A = \"\""), "w.toml:3:13: A must be a text, not \"\"");
  EXPECT_EQ(error_of_key("secrets.A = \"f\"\nenvironment.A = 1"),
            "w.toml:3:13: A is in environment, too");
  EXPECT_EQ(
      error_of_key("directories = [\"::/data\"]"),
      "w.toml:3:16: each of directories must be \"HOST\", \"HOST::GUEST\", \"HOST::GUEST::ro\" or "
      "a table {host, guest, read_only}, not \"::/data\"");
  EXPECT_EQ(error_of_key("directories = [{guest = \"/a\"}]"),
            "w.toml:3:16: a directory needs its host");
  EXPECT_EQ(error_of_key("directories = \"a\""),
            "w.toml:3:15: directories must be an array of directories, not \"a\"");
  EXPECT_EQ(error_of_key("outbound = [\"a.b/c\"]"),
            "w.toml:3:13: each of outbound must be a host like \"api.example.com\", "
            "\"*.example.com:8443\" or \"https://example.com\", not \"a.b/c\"");
}

TEST(Manifest, ChecksSettingsOfTheServer) {
  EXPECT_EQ(
      error_of_setting("listen = \"example.com:80\""),
      "w.toml:4:10: listen must be an address like \"127.0.0.1:8080\", \"[::1]:8080\", \":8080\" "
      "or \"unix:PATH\", not \"example.com:80\"");
  EXPECT_EQ(error_of_setting("admin = \"unix:" + std::string(108, 'a') + "\""),
            "w.toml:4:9: admin must be a path of at most 107 bytes behind unix:, not \"unix:" +
                std::string(55, 'a') + "…\"");
  EXPECT_EQ(
      error_of_setting("header_limit = \"2 MiB\""),
      "w.toml:4:16: header_limit must be a size from 1 KiB to 1 MiB, like \"64 MiB\" or a number "
      "of bytes, not \"2 MiB\"");
  EXPECT_EQ(error_of_setting("log_format = \"xml\""),
            "w.toml:4:14: log_format must be text or json, not \"xml\"");
  EXPECT_EQ(error_of("server = 1\n[function]\nmodule = \"a.wasm\""),
            "w.toml:1:10: server must be a table: [server], not 1");
}

TEST(Manifest, ChecksNames) {
  EXPECT_EQ(
      error_of_key("name = \"a/b\""),
      "w.toml:3:8: \"a/b\" is no name for a function: up to 64 letters, digits, \".\", \"_\" and "
      "\"-\", the first a letter or digit");
  EXPECT_EQ(error_of_key("name = \"metrics\""),
            "w.toml:3:8: the name \"metrics\" is the host's own");
  EXPECT_EQ(error_of("[function]\nmodule = \"a b.wasm\""),
            "w.toml:2:10: the module's file name makes no name for the function; add name = \"…\"");
  EXPECT_EQ(error_of("[[function]]\nmodule = \"a.wasm\"\n[[function]]\nmodule = \"b/a.wasm\""),
            "w.toml:4:10: a second function \"a\"; the first is at line 2");
  for (const char* name : {"a", "A-1.b_c", "9"})
    EXPECT_TRUE(check_function_name(name).ok()) << name;
  EXPECT_TRUE(check_function_name(std::string(64, 'a')).ok());
  EXPECT_FALSE(check_function_name(std::string(65, 'a')).ok());
  for (const char* name : {"", ".a", "-a", "_a", "a b", "\xc3\xa9", "healthz", "init", "run"}) {
    EXPECT_FALSE(check_function_name(name).ok()) << name;
  }
  EXPECT_EQ(function_name_of_path("x.y/hello.min.wasm"), "hello.min");
  EXPECT_EQ(function_name_of_path(".wasm"), ".wasm");
  EXPECT_EQ(function_name_of_path("a.b/hello"), "hello");
}

TEST(Manifest, ChecksTheSignature) {
  EXPECT_EQ(error_of_key("signature = \"f(a: strng)\""),
            "w.toml:3:13: signature \"f(a: strng)\": no type \"strng\"; did you mean \"string\"?");
  EXPECT_EQ(
      error_of_key("signature = \"f()\"\nabi = \"cgi\""),
      "w.toml:3:13: signature is for functions of abi = \"export\", and this one's is \"cgi\"");
}

TEST(Manifest, NeedsAFunctionWithAModule) {
  EXPECT_EQ(error_of(""), "w.toml: no [function]");
  EXPECT_EQ(error_of("function = []"), "w.toml: no [function]");
  EXPECT_EQ(error_of("[function]\nname = \"a\""), "w.toml:1:1: [function] has no module");
  EXPECT_EQ(
      error_of("function = 3"),
      "w.toml:1:12: function must be a table: [function], or [[function]] for several, not 3");
  EXPECT_EQ(error_of("function = [3]"),
            "w.toml:1:13: function must be a table: [[function]], not 3");
}

TEST(Manifest, SaysWhereItIsNoToml) {
  EXPECT_TRUE(error_of("[function\n").starts_with("w.toml:1:10: ")) << error_of("[function\n");
  EXPECT_TRUE(error_of("a = 1\na = 2\n").starts_with("w.toml:2:")) << error_of("a = 1\na = 2\n");
  EXPECT_EQ(error_of("a = \"\xff\""), "w.toml: not UTF-8");
  EXPECT_EQ(error_of("[\n"), "w.toml: a key is missing, or has characters that belong in quotes");
  EXPECT_NE(error_of(std::string_view("a = \0 1", 7)), "no error");
}

TEST(Manifest, IsSafeFromDeepNesting) {
  EXPECT_NE(error_of("a = " + std::string(100'000, '[')), "no error");
  std::string key = "a";
  for (int i = 0; i < 100'000; i++) key += ".a";
  EXPECT_EQ(error_of(key + " = 1"), "w.toml:1:128: a key of more than 64 parts");
  EXPECT_EQ(error_of("\n[" + key + "]"), "w.toml:2:129: a key of more than 64 parts");
  EXPECT_EQ(error_of("x = {" + key + " = 1}"), "w.toml:1:133: a key of more than 64 parts");
  EXPECT_EQ(error_of("x = {\"\\\"\".'\\'." + key + " = 1}"),
            "w.toml:1:138: a key of more than 64 parts");
}

TEST(Manifest, TakesCharactersBeyondAsciiInStringsAndCommentsOnly) {
  const std::string value = R"([function] # ü
module = "a.wasm"
arguments = ["é.\\", 'é\', """é " "" \""" é""""", '''é '' \''''']
environment."é" = "é"
# é)";
  const FunctionManifest function = parsed("\xef\xbb\xbf" + value).functions.at(0);
  EXPECT_EQ(function.options.arguments,
            (std::vector<std::string>{"é.\\", "é\\", "é \" \"\" \"\"\" é\"\"", "é '' \\''"}));
  EXPECT_EQ(function.options.environment.at("é"), "é");
  EXPECT_EQ(error_of("[function]\nmodule = \"é\" é"),
            "w.toml:2:14: characters like this one belong in quotes");
  EXPECT_EQ(error_of("é = 1"), "w.toml:1:1: characters like this one belong in quotes");
}

TEST(Manifest, IsReadFromAFileThatIsNotTooLarge) {
  auto directory = TemporaryDirectory::create();
  ASSERT_TRUE(directory.ok());
  const std::string path = directory->path() + "/wherry.toml";
  EXPECT_EQ(load_manifest(path).error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(write_new_file(path, as_bytes("[function]\nmodule = \"a.wasm\"\n")).ok());
  auto manifest = load_manifest(path);
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(manifest->functions[0].module, directory->path() + "/a.wasm");
  const std::string large(kMaxManifestBytes + 1, '\n');
  ASSERT_TRUE(write_file_atomically(path, as_bytes(large)).ok());
  EXPECT_EQ(load_manifest(path).error().kind, ErrorKind::kLimit);
}

class Secrets : public testing::Test {
 protected:
  void SetUp() override {
    auto directory = TemporaryDirectory::create();
    ASSERT_TRUE(directory.ok());
    directory_.emplace(std::move(*directory));
  }
  std::string file(const std::string& name, std::string_view content, mode_t mode = 0600) {
    const std::string path = directory_->path() + "/" + name;
    EXPECT_TRUE(write_new_file(path, as_bytes(content)).ok());
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  std::optional<TemporaryDirectory> directory_;
};

TEST_F(Secrets, BecomeVariablesWithoutTheirLastNewline) {
  FunctionManifest function;
  function.options.environment["LEVEL"] = "3";
  function.secrets["A"] = {file("a", "top secret\n"), "", "w.toml:3:4"};
  function.secrets["B"] = {file("b", "two\nlines\n\n"), "", "w.toml:4:4"};
  function.secrets["C"] = {file("c", ""), "", "w.toml:5:4"};
  auto warnings = read_secrets(function);
  ASSERT_TRUE(warnings.ok()) << warnings.error().message;
  EXPECT_TRUE(warnings->empty());
  EXPECT_EQ(function.options.environment,
            (std::map<std::string, std::string>{
                {"A", "top secret"}, {"B", "two\nlines\n"}, {"C", ""}, {"LEVEL", "3"}}));
}

TEST_F(Secrets, WarnOfFilesThatEveryoneCanRead) {
  FunctionManifest function;
  const std::string path = file("a", "secret", 0644);
  function.secrets["A"] = {path, "", "w.toml:3:4"};
  auto warnings = read_secrets(function);
  ASSERT_TRUE(warnings.ok());
  EXPECT_EQ(*warnings, std::vector<std::string>{"w.toml:3:4: every user can read " + path});
  EXPECT_EQ(function.options.environment.at("A"), "secret");
}

TEST_F(Secrets, MustBeThere) {
  FunctionManifest function;
  function.secrets["A"] = {directory_->path() + "/none", "", "w.toml:3:4"};
  auto warnings = read_secrets(function);
  ASSERT_FALSE(warnings.ok());
  EXPECT_EQ(warnings.error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(warnings.error().message.starts_with("w.toml:3:4: secret A: "))
      << warnings.error().message;
}

TEST_F(Secrets, MayBeTheHostsOwnVariables) {
  auto manifest = parse_manifest(
      "[function]\nmodule = \"a.wasm\"\n"
      "secrets = { A = { environment = \"WHERRY_TEST_SECRET\" } }",
      "w.toml");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  FunctionManifest& function = manifest->functions[0];
  ASSERT_EQ(::unsetenv("WHERRY_TEST_SECRET"), 0);
  auto missing = read_secrets(function);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().message,
            "w.toml:3:17: secret A: the host's environment has no variable WHERRY_TEST_SECRET");
  ASSERT_EQ(::setenv("WHERRY_TEST_SECRET", "of the platform\n", 1), 0);
  ASSERT_TRUE(read_secrets(function).ok());
  EXPECT_EQ(function.options.environment.at("A"), "of the platform\n");
  auto wrong = parse_manifest("[function]\nmodule = \"a.wasm\"\nsecrets = { A = { env = \"X\" } }",
                              "w.toml");
  ASSERT_FALSE(wrong.ok());
  EXPECT_TRUE(wrong.error().message.starts_with(
      "w.toml:3:17: A must be a file's path, or { environment = \"NAME\" }"))
      << wrong.error().message;
}

TEST_F(Secrets, MustFitAVariable) {
  FunctionManifest function;
  function.secrets["A"] = {file("a", std::string_view("a\0b", 3)), "", "w.toml:3:4"};
  EXPECT_EQ(read_secrets(function).error().kind, ErrorKind::kInvalid);
  function.secrets["A"] = {file("b", std::string((128 << 10) + 1, 'x')), "", "w.toml:3:4"};
  EXPECT_EQ(read_secrets(function).error().kind, ErrorKind::kLimit);
}

TEST(OutboundHost, HasASchemeANameAndAPort) {
  for (const char* text : {"localhost", "api.example.com", "*.example.com", "api.example.com:8443",
                           "*.example.com:1", "http://example.com", "https://*.example.com:65535",
                           "10.0.0.1:80", "[::1]", "https://[2001:db8::1]:8443", "a_b.example"}) {
    EXPECT_TRUE(is_outbound_host(text)) << text;
  }
  for (const char* text : {"",
                           "*",
                           "*.",
                           "*.*.com",
                           "a.*.com",
                           "ftp://example.com",
                           "http://",
                           "example.com/",
                           "a b",
                           "example..com",
                           ".example.com",
                           "example.com.",
                           "-a.com",
                           "a-.com",
                           "example.com:",
                           "example.com:0",
                           "example.com:65536",
                           "example.com:80:80",
                           "user@example.com",
                           "[::1",
                           "::1",
                           "[::1]x",
                           "*.[::1]",
                           "[1.2.3.4]",
                           "http://http://a"}) {
    EXPECT_FALSE(is_outbound_host(text)) << text;
  }
  EXPECT_FALSE(is_outbound_host(std::string(64, 'a')));
}

TEST(DirectoryText, IsHostGuestAndReadOnly) {
  EXPECT_EQ(parse_directory("a")->guest, "a");
  EXPECT_EQ(parse_directory("a::b")->guest, "b");
  EXPECT_TRUE(parse_directory("a::b::ro")->read_only);
  EXPECT_EQ(parse_directory("a::ro")->guest, "ro");
  EXPECT_FALSE(parse_directory("a::ro")->read_only);
  EXPECT_EQ(parse_directory("a:::ro")->guest, ":ro");
  for (const char* text : {"", "::", "a::", "::b", "a::::ro"})
    EXPECT_FALSE(parse_directory(text)) << text;
}

}  // namespace
}  // namespace wherry::function
