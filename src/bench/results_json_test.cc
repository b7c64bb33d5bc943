#include <gtest/gtest.h>

#include "bench/results.h"
#include "bench/test_results.h"

namespace wherry::bench {
namespace {

Results full_results() {
  Results results = test_results();
  results.mode = Mode::kQuick;
  results.is_interrupted = true;
  results.core = 1;
  results.rounds = 7;
  results.machine.stolen = 0.25;
  results.warnings = {"careful"};
  auto& result = add_workload(results, "w", {{"native", {1, 2, 3}}, {"a", {2, 4, 6}}, {"b", {1}}});
  result.workload.size = 1000;
  result.workload.source = "somewhere/w.rs";
  result.workload.arguments = {"x", "y z"};
  result.runs[0].samples[0].own_s = 0.5;
  result.runs[1].prepare = {{"compile", "it"}};
  result.runs[1].prepare_wall_s = 0.25;
  result.runs[2].state = Run::State::kTimedOut;
  result.runs[2].why = "gave up";
  results.platforms = Platforms{"f", "{}", "{\"n\":1}", 2, {}};
  PlatformResult row{"lambda", "here", "", 17, true, {0.1, 0.2}, {0.01}, {1.5}, 120.5};
  results.platforms->rows = {row, {"oci", "not here"}};
  return results;
}

TEST(ResultsJson, WhatIsWrittenIsRead) {
  const Results results = full_results();
  const std::string text = to_json(results).dump();
  auto read = results_of_json(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(to_json(*read).dump(), text);
  EXPECT_EQ(read->workloads[0].workload.language(), "rust");
  EXPECT_EQ(read->workloads[0].runs[2].state, Run::State::kTimedOut);
  EXPECT_EQ(read->workloads[0].runs[0].samples[0].own_s, 0.5);
  EXPECT_EQ(read->platforms->rows[0].per_second, 120.5);
}

TEST(ResultsJson, HasDerivedFiguresForOtherPrograms) {
  const auto value = to_json(full_results());
  const auto& run = value["workloads"][0]["runs"][1];
  EXPECT_EQ(run["cpu_s"]["median"], 4);
  EXPECT_EQ(run["ratio"]["value"], 2);
  EXPECT_EQ(value["geometric_means"]["a"]["ratio"], 2);
  EXPECT_FALSE(value["workloads"][0]["runs"][2].contains("cpu_s")) << "its times are not believed";
}

TEST(ResultsJson, SaysWhatIsWrongAndWhere) {
  const auto error_of = [](const std::string& text) {
    auto results = results_of_json(text);
    return results.ok() ? "" : results.error().message;
  };
  EXPECT_EQ(error_of("[]"), "results: there is no format");
  EXPECT_EQ(error_of(R"({"format": "other", "version": 1})"),
            "results: not of the format wherry-bench 1");
  auto value = to_json(full_results());
  value["workloads"][0]["runs"][0]["samples"][1]["wall_s"] = "long";
  EXPECT_EQ(error_of(value.dump()),
            "results: workloads 1: runs 1: samples 2: wall_s is of the wrong kind");
  value = to_json(full_results());
  value["workloads"][0]["runs"][0]["state"] = "fine";
  EXPECT_EQ(error_of(value.dump()), "results: workloads 1: runs 1: no state is called \"fine\"");
  value = to_json(full_results());
  value["engines"] = 5;
  EXPECT_EQ(error_of(value.dump()), "results: engines has to be a list");
}

}  // namespace
}  // namespace wherry::bench
