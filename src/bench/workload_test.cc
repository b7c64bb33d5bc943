#include "bench/workload.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "bench/files.h"

namespace wherry::bench {
namespace {

std::string error_of(const std::string& workload) {
  auto suite =
      parse_suite(R"({"name": "s", "workloads": [)" + workload + "]}", "/s", Mode::kStandard);
  return suite.ok() ? "" : suite.error().message;
}

TEST(Suite, TheBuiltInOnesAreSoundInEveryMode) {
  auto directory = TemporaryDirectory::create().value();
  ASSERT_TRUE(write_files("suites/", directory.path()).ok());
  for (const BuiltInSuite& built_in : built_in_suites()) {
    const std::string at = directory.path() + "/" + built_in.directory;
    auto text = read_file(at + "/suite.json", 1 << 20);
    ASSERT_TRUE(text.ok()) << built_in.name;
    for (Mode mode : {Mode::kQuick, Mode::kStandard, Mode::kFull}) {
      auto suite = parse_suite(as_text(*text), at, mode);
      ASSERT_TRUE(suite.ok()) << suite.error().message;
      EXPECT_EQ(suite->name, built_in.name);
      if (suite->function) EXPECT_TRUE(open_for_reading(suite->function->source).ok());
      for (const Workload& workload : suite->workloads) {
        EXPECT_TRUE(open_for_reading(workload.source).ok()) << workload.source;
      }
    }
  }
}

TEST(Suite, ReadsAllOfAWorkload) {
  auto suite = parse_suite(
      R"({"name": "s", "title": "S", "workloads": [
        {"name": "a", "source": "x/a.rs", "module": "/m/a.wasm", "arguments": ["1", "two"], "input": "in",
         "own_time": ["took ", " s"], "figure": "6", "size": 5, "memory_bound": true, "modes": ["full"]},
        {"name": "b", "module": "b.wasm"}]})",
      "/suite", Mode::kFull);
  ASSERT_TRUE(suite.ok()) << suite.error().message;
  ASSERT_EQ(suite->workloads.size(), 2u);
  const Workload& workload = suite->workloads[0];
  EXPECT_EQ(workload.title, "a");
  EXPECT_EQ(workload.source, "/suite/x/a.rs");
  EXPECT_EQ(workload.language(), "rust");
  EXPECT_EQ(workload.module, "/m/a.wasm");
  EXPECT_EQ(workload.input, "/suite/in");
  EXPECT_EQ(workload.arguments, (std::vector<std::string>{"1", "two"}));
  EXPECT_EQ(workload.size, 5);
  EXPECT_TRUE(workload.is_memory_bound);
}

TEST(Suite, AModeHasItsOwnWorkloads) {
  const char text[] =
      R"({"name": "s", "workloads": [{"name": "a", "module": "a.wasm", "modes": ["quick"]},
                                                     {"name": "b", "module": "b.wasm"}]})";
  EXPECT_EQ(parse_suite(text, "", Mode::kQuick)->workloads.size(), 2u);
  EXPECT_EQ(parse_suite(text, "", Mode::kFull)->workloads.size(), 1u);
}

TEST(Suite, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("1"), "workload 1: has to be an object");
  EXPECT_EQ(error_of(R"({"name": "a"})"), "workload 1: needs a source or a module");
  EXPECT_EQ(error_of(R"({"name": "../a", "module": "m"})"),
            "workload 1: needs a name that can be a directory's");
  EXPECT_EQ(error_of(R"({"name": "a", "source": "a.go"})"),
            "workload 1: the source's name has to end in .c, .cc, .cpp or .rs");
  EXPECT_EQ(error_of(R"({"name": "a", "module": "m", "modes": ["slow"]})"),
            "workload 1: modes: \"slow\" is none of quick, standard, full");
  EXPECT_EQ(error_of(R"({"name": "a", "module": "m"}, {"name": "a", "module": "m"})"),
            "two workloads are called a");
  EXPECT_EQ(error_of(R"({"name": "a", "module": "m", "argument": []})"),
            "workload 1: there is no key \"argument\"");
  EXPECT_EQ(
      parse_suite(R"({"name": "s", "function": {"source": "f.c", "short": [1]}})", "", Mode::kQuick)
          .error()
          .message,
      "function: short: has to be an event and its answer");
  EXPECT_EQ(parse_suite("{}", "", Mode::kQuick).error().message, "a suite needs a name");
}

}  // namespace
}  // namespace wherry::bench
