#include "pack/packer.h"

#include <gtest/gtest.h>

namespace wherry::pack {
namespace {

using function::Abi;

// A module of one memory of so many pages, which is exported; and `more` sections behind.
ByteVector module_of(uint8_t pages, std::string_view more = {}) {
  ByteVector module = {0, 'a', 's', 'm', 1, 0, 0, 0, 5, 3, 1, 0, pages, 7, 5, 1, 1, 'm', 2, 0};
  module.insert(module.end(), as_bytes(more).begin(), as_bytes(more).end());
  return module;
}
ByteVector bytes(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

FunctionToPack function_of(ByteVector module) {
  FunctionToPack function;
  function.manifest.options.name = "Greet.v2";
  function.abi = Abi::kCommand;
  function.module = std::move(module);
  function.artifact = bytes("compiled");
  function.host = bytes("program");
  return function;
}

Result<Package> packed(const char* target, const FunctionToPack& function) {
  return make_package(*find_target(target), function);
}
std::string error_of(const char* target, const FunctionToPack& function) {
  auto package = packed(target, function);
  if (package.ok()) return "no error";
  EXPECT_NE(package.error().hint, "");
  return package.error().message;
}
std::string text_in(const char* target, const FunctionToPack& function, const std::string& path) {
  auto package = packed(target, function);
  EXPECT_TRUE(package.ok()) << package.error().message;
  if (!package.ok()) return "";
  for (const Entry& entry : package->entries) {
    if (entry.path == path) return std::string(as_text(entry.contents));
  }
  ADD_FAILURE() << target << " has no " << path;
  return "";
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Packer, MakesAPackageForEachTarget) {
  for (const TargetInfo& info : targets()) {
    auto package = make_package(info, function_of(module_of(1)));
    ASSERT_TRUE(package.ok()) << info.name << ": " << package.error().message;
    EXPECT_FALSE(package->entries.empty());
    EXPECT_FALSE(has(package->next, "@NAME@") || has(package->next, "@WEB@")) << package->next;
  }
}

TEST(Packer, ActionsThatSpeakHttpAreWebActions) {
  FunctionToPack function = function_of(module_of(1));
  EXPECT_EQ(packed("openwhisk-native", function)->next,
            "wsk action create greet-v2 @OUT@ --native");
  function.abi = Abi::kHandler;
  EXPECT_EQ(packed("openwhisk-native", function)->next,
            "wsk action create greet-v2 @OUT@ --native --web raw");
}

TEST(Packer, SaysWhichFeatureAnEngineLacks) {
  // (func (f) (return_call f)): Node 20 knows tail calls.
  const ByteVector tail = {0, 'a', 's', 'm', 1, 0,  0, 0, 1, 4, 1,    0x60, 0,
                           0, 3,   2,   1,   0, 10, 6, 1, 4, 0, 0x12, 0,    0x0b};
  EXPECT_TRUE(packed("openwhisk-nodejs", function_of(tail)).ok());
  const ByteVector memory64 = {0, 'a', 's', 'm', 1, 0, 0, 0, 5, 3, 1, 4, 1, 7, 5, 1, 1, 'm', 2, 0};
  EXPECT_EQ(error_of("openwhisk-nodejs", function_of(memory64)),
            "openwhisk-nodejs: the module uses memory64, which Node 20 does not have");
  EXPECT_EQ(error_of("lambda-nodejs", function_of(memory64)),
            "lambda-nodejs: the module uses memory64, which Node 22 does not have");
  for (const char* target : {"node", "cloudflare", "lambda", "openwhisk"}) {
    EXPECT_TRUE(packed(target, function_of(memory64)).ok()) << target;
  }
}

TEST(Packer, RefusesWhatTheJavaScriptRuntimeLacks) {
  // (import "wherry_1" "fetch_wait" (func)), without a memory.
  const ByteVector calling = {0,  'a', 's', 'm', 1,   0,   0,   0,   1,   4,   1,   0x60, 0,
                              0,  2,   23,  1,   8,   'w', 'h', 'e', 'r', 'r', 'y', '_',  '1',
                              10, 'f', 'e', 't', 'c', 'h', '_', 'w', 'a', 'i', 't', 0,    0};
  EXPECT_EQ(error_of("node", function_of(calling)),
            "node: the JavaScript runtime has no wherry_1.fetch_wait");
  EXPECT_TRUE(packed("lambda", function_of(calling)).ok());
  const ByteVector shared = {0, 'a', 's', 'm', 1, 0, 0, 0, 5, 4, 1, 3, 1, 1, 7, 5, 1, 1, 'm', 2, 0};
  EXPECT_TRUE(has(error_of("cloudflare", function_of(shared)), "there are no threads"));
  const ByteVector hidden = {0, 'a', 's', 'm', 1, 0, 0, 0, 5, 3, 1, 0, 1};
  EXPECT_TRUE(has(error_of("node", function_of(hidden)), "does not export its memory"));
}

TEST(Packer, RefusesMoreMemoryThanAWorkerHas) {
  // 2,048 pages, 134 MB.
  const ByteVector large = {0, 'a',  's',  'm', 1, 0, 0, 0,   5, 4, 1,
                            0, 0x80, 0x10, 7,   5, 1, 1, 'm', 2, 0};
  EXPECT_EQ(
      error_of("cloudflare", function_of(large)),
      "cloudflare: the module starts with 134.2 MB of memory, and a worker has 128.0 MB in all");
  EXPECT_TRUE(packed("node", function_of(large)).ok());
}

TEST(Packer, RefusesPackagesAboveThePlatformsSize) {
  FunctionToPack function = function_of(module_of(1));
  uint32_t state = 1;  // bytes that no compression makes smaller
  for (size_t i = 0; i < 51'000'000; i++) {
    state = state * 1664525 + 1013904223;
    function.artifact.push_back(static_cast<uint8_t>(state >> 24));
  }
  auto package = packed("lambda", function);
  ASSERT_FALSE(package.ok());
  EXPECT_EQ(package.error().kind, ErrorKind::kLimit);
  EXPECT_EQ(package.error().message,
            "lambda: the package has 51.0 MB compressed, and 50.0 MB is the limit");
}

TEST(Packer, GivesSecretsAsVariables) {
  FunctionToPack function = function_of(module_of(1));
  function.manifest.secrets["ON"] = {"/home/me/secret", "", ""};
  const std::string service = text_in("knative", function, "service.yaml");
  EXPECT_TRUE(has(service, "- name: \"ON\"\n")) << service;
  EXPECT_TRUE(
      has(text_in("systemd", function, "greet-v2/wherry.toml"), "{ \"environment\" = \"ON\" }"));
  EXPECT_FALSE(has(text_in("node", function, "function.json"), "/home/me"));
  EXPECT_EQ(error_of("openwhisk", function),
            "openwhisk: an image has no variable that the secret ON could come from");
}

TEST(Packer, NamesFitThePlatform) {
  FunctionToPack function = function_of(module_of(1));
  for (auto [name, wanted] : {std::pair{"off", "name: \"off\"\n"},
                              {"null", "name: \"null\"\n"},
                              {"hello", "name: hello\n"}}) {
    function.manifest.options.name = name;
    EXPECT_TRUE(has(text_in("knative", function, "service.yaml"), wanted)) << name;
    EXPECT_TRUE(has(text_in("kubernetes", function, "deployment.yaml"), wanted)) << name;
  }
  function.manifest.options.name = "2024";
  EXPECT_EQ(error_of("kubernetes", function),
            "kubernetes: a service's name begins with a letter, unlike 2024");
  EXPECT_TRUE(packed("lambda", function).ok());
  function.manifest.options.name = std::string(64, 'x');
  EXPECT_TRUE(has(packed("lambda", function)->next, fmt::format(" {:x<63} ", "x")));
}

TEST(Packer, OnlySystemdKeepsWhatIsWritten) {
  FunctionToPack function = function_of(module_of(1));
  function.manifest.options.directories = {{"/srv/in", "/in", true}, {"/srv/out", "/out", false}};
  function.files = {{{"a.txt", bytes("a")}}, {}};
  EXPECT_EQ(error_of("lambda", function),
            "lambda: what is written to /out would be lost with the instance");
  EXPECT_TRUE(
      has(text_in("systemd", function, "greet-v2.service"), "\nStateDirectory=greet-v2/1\n"));
  const std::string manifest = text_in("systemd", function, "greet-v2/wherry.toml");
  EXPECT_TRUE(has(manifest, "\"host\" = \"files/0\"")) << manifest;
  EXPECT_TRUE(has(manifest, "\"host\" = \"/var/lib/greet-v2/1\"")) << manifest;
  EXPECT_EQ(text_in("systemd", function, "greet-v2/files/0/a.txt"), "a");
  // Archives have no empty directories.
  function.files[0].clear();
  EXPECT_EQ(error_of("systemd", function), "/srv/in: has no files to pack");
}

}  // namespace
}  // namespace wherry::pack
