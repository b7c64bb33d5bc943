#include "function/manifest_writer.h"

#include <gtest/gtest.h>

namespace wherry::function {
namespace {

FunctionManifest written_and_read(const FunctionManifest& function) {
  const std::string text = manifest_toml(function);
  auto manifest = parse_manifest(text, "/p/wherry.toml");
  EXPECT_TRUE(manifest.ok()) << manifest.error().message << "\n" << text;
  if (!manifest.ok()) return {};
  EXPECT_EQ(manifest->functions.size(), 1u);
  return manifest->functions[0];
}

FunctionManifest with_everything() {
  FunctionManifest function;
  function.module = "/p/function.wherry";
  FunctionOptions& options = function.options;
  options.name = "greet";
  options.abi = Abi::kExport;
  options.signature = "greet(name: string) -> string";
  options.arguments = {"a b", "\"q\"\\", "\x7f\x01é"};
  options.environment = {{"LEVEL", "3"}, {"TEXT", "a = \"b\"\n[c]"}};
  options.directories = {{"/p/files/0", "/data", true}};
  options.outbound = {"api.example.com", "https://*.example.com:8443"};
  options.limits.memory_bytes = 1 << 20;
  options.limits.time = std::chrono::milliseconds(1500);
  options.limits.cpu_time = std::chrono::milliseconds(7);
  options.limits.result_bytes = 11;
  options.limits.body_bytes = 5ull << 30;
  options.limits.output_bytes = 13;
  options.limits.log_bytes = 14;
  options.limits.log_lines = 15;
  options.limits.open_files = 16;
  function.secrets["TOKEN"] = {"", "TOKEN_OF_PLATFORM", ""};
  function.secrets["FILE"] = {"/secrets/a b", "", ""};
  function.concurrency = 17;
  function.queue = 18;
  function.log_level = LogLevel::kWarn;
  return function;
}

// What was read says where; the texts say all else.
TEST(ManifestWriter, WritesWhatTheReaderReads) {
  for (const FunctionManifest& function : {with_everything(), FunctionManifest{"/p/a.wasm", {}}}) {
    const FunctionManifest read = written_and_read(function);
    EXPECT_EQ(manifest_json(read), manifest_json(function));
    EXPECT_EQ(manifest_toml(read), manifest_toml(function));
  }
  const FunctionManifest read = written_and_read(with_everything());
  EXPECT_EQ(read.options.arguments, with_everything().options.arguments);
  EXPECT_EQ(read.options.environment, with_everything().options.environment);
  EXPECT_EQ(read.options.limits.body_bytes, 5ull << 30);
  EXPECT_EQ(read.options.limits.cpu_time.count(), 7);
  EXPECT_EQ(read.secrets.at("TOKEN").environment, "TOKEN_OF_PLATFORM");
  EXPECT_EQ(read.secrets.at("FILE").path, "/secrets/a b");
  EXPECT_TRUE(read.options.directories.at(0).read_only);
  EXPECT_EQ(read.log_level, LogLevel::kWarn);
}

}  // namespace
}  // namespace wherry::function
