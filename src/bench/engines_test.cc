#include "bench/engines.h"

#include <gtest/gtest.h>

#include "bench/files.h"
#include "bench/test_files.h"

namespace wherry::bench {
namespace {

std::string error_of(std::string_view text) {
  auto table = parse_engines(text);
  return table.ok() ? "" : table.error().message;
}

std::string with_engine(const std::string& members) {
  return R"({"engines": [{"name": "e", "version": ["v"], "run": ["r"])" + members + "}]}";
}

TEST(EngineTable, TheBuiltInOneIsSound) {
  auto table = parse_engines(asset("engines.json"));
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_GE(table->engines.size(), 9u);
  EXPECT_GE(table->compilers.size(), 2u);
  for (const Engine& engine : table->engines) {
    EXPECT_FALSE(engine.get.empty()) << engine.name;
    EXPECT_FALSE(engine.programs.empty()) << engine.name;
    EXPECT_EQ(engine.is_native(), engine.kind == "native") << engine.name;
  }
}

TEST(EngineTable, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("[]"), "a table of engines is {\"engines\": [...]}");
  EXPECT_EQ(error_of(R"({"motors": []})"), "a table of engines has no key \"motors\"");
  EXPECT_EQ(error_of(R"({"engines": {}})"), "engines have to be a list");
  EXPECT_EQ(error_of(R"({"engines": [{}]})"),
            "engine 1: needs a name of letters, digits and -._+, 40 at most");
  EXPECT_EQ(error_of(R"({"engines": [{"name": "../x", "version": ["v"], "run": ["r"]}]})"),
            "engine 1: needs a name of letters, digits and -._+, 40 at most");
  EXPECT_EQ(error_of(R"({"engines": [{"name": "e", "run": ["r"]}]})"),
            "engine 1: needs a version: a command that prints it");
  EXPECT_EQ(
      error_of(with_engine(R"(, "kind": "fast")")),
      "engine 1: the kind \"fast\" is none of native, ahead of time, just in time, interpreter");
  EXPECT_EQ(error_of(with_engine(R"(, "languages": ["go"])")),
            "engine 1: the language \"go\" is none of c, c++, rust");
  EXPECT_EQ(error_of(with_engine(R"(, "prepare": [[]])")), "engine 1: prepare: is empty");
  EXPECT_EQ(error_of(with_engine(R"(, "prepare": [["{modul}"]])")),
            "e: in \"{modul}\": nothing is called \"modul\"");
  EXPECT_EQ(error_of(with_engine(R"(, "prepare": [["{source}"]])")),
            "e: in \"{source}\": nothing is called \"source\"")
      << "it is not native";
  EXPECT_EQ(error_of(R"({"engines": [{"name": "e", "version": ["v"], "run": ["r"]},
                                     {"name": "e", "version": ["v"], "run": ["r"]}]})"),
            "two engines are called e");
  auto misspelt = parse_engines(with_engine(R"(, "versoin": ["v"])"));
  ASSERT_FALSE(misspelt.ok());
  EXPECT_EQ(misspelt.error().hint, "did you mean version?");
}

TEST(EngineTable, AnEngineOfTheSameNameTakesThePlace) {
  auto table = parse_engines(R"({"engines": [{"name": "a", "version": ["v"], "run": ["old"]},
                                             {"name": "b", "version": ["v"], "run": ["b"]}]})");
  auto more = parse_engines(R"({"engines": [{"name": "c", "version": ["v"], "run": ["c"]},
                                            {"name": "a", "version": ["v"], "run": ["new"]}]})");
  table->merge(std::move(*more));
  ASSERT_EQ(table->engines.size(), 3u);
  EXPECT_EQ(table->engines[0].run[0], "new");
  EXPECT_EQ(table->engines[2].name, "c");
}

TEST(Substituted, ListsAreWordsAndTextsArePartsOfWords) {
  Substitutions all{{{"work", "/w"}}, {{"arguments", {"a b", "c"}}, {"none", {}}}};
  EXPECT_EQ(*substituted({"x", "{arguments}", "-I{work}/{work}", "{none}"}, all),
            (Command{"x", "a b", "c", "-I/w//w"}));
  EXPECT_FALSE(substituted({"{nothing}"}, all).ok());
  EXPECT_FALSE(substituted({"{work"}, all).ok());
}

class FindEngine : public testing::Test {
 protected:
  FoundEngine find(const std::string& members) {
    auto table = parse_engines(R"({"engines": [{"name": "e", "run": ["{tool}"],
      "programs": {"tool": ["first-tool", "second-tool"]}, )" +
                               members + "}]}");
    EXPECT_TRUE(table.ok()) << table.error().message;
    auto found = find_engine(table->engines[0], {{files_.path()}, files_.path()}, interrupts_);
    EXPECT_TRUE(found.ok());
    return *found;
  }
  TestFiles files_;
  Interrupts interrupts_ = Interrupts::hold().value();
};

TEST_F(FindEngine, ItsVersionIsTheFirstLineThatItPrints) {
  files_.script("second-tool", "echo; echo ' tool 1.2'; echo more");
  const FoundEngine found = find(R"("version": ["{tool}"])");
  EXPECT_EQ(found.version, "tool 1.2");
  EXPECT_EQ(found.paths.at("tool"), files_.path() + "/second-tool");
}

TEST_F(FindEngine, SaysWhichProgramIsMissing) {
  const FoundEngine found = find(R"("version": ["{tool}"])");
  EXPECT_FALSE(found.is_installed());
  EXPECT_EQ(found.missing, "first-tool is not installed");
}

TEST_F(FindEngine, AProgramThatFailsIsNotInstalled) {
  files_.script("first-tool", "echo no library >&2; exit 5");
  const FoundEngine found = find(R"("version": ["{tool}", "--version"])");
  EXPECT_FALSE(found.is_installed());
  EXPECT_EQ(found.missing, "`" + files_.path() + "/first-tool --version`: exit code 5: no library");
}

}  // namespace
}  // namespace wherry::bench
