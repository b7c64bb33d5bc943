#include "bench/tables.h"

#include <gtest/gtest.h>

#include "bench/compare.h"
#include "bench/page.h"
#include "bench/test_results.h"

namespace wherry::bench {
namespace {

TEST(Tables, ARowHasTheBaselinesTimeAndRatios) {
  Results results = test_results();
  const auto& result =
      add_workload(results, "w", {{"native", {1, 2, 3}}, {"a", {2, 4, 6}}, {"b", {1}}});
  results.workloads[0].runs[2].state = Run::State::kWrongOutput;
  EXPECT_EQ(table_header(results), "workload                  native         a         b\n");
  EXPECT_EQ(table_row(results, result), "w                         2.00 s      2.00     WRONG\n");
}

TEST(Tables, AProgramThatDoesNothingHasEveryonesTime) {
  Results results = test_results();
  auto& result =
      add_workload(results, "empty", {{"native", {0.001}}, {"a", {0.0304}}, {"b", {0.0000125}}});
  result.workload.is_empty = true;
  EXPECT_EQ(table_row(results, result), "empty                    1.00 ms   30.4 ms   12.5 µs\n");
}

TEST(Tables, TheFooterTellsMeansProblemsAndWhoIsMissing) {
  Results results = test_results();
  add_workload(results, "w", {{"native", {1}}, {"a", {2}}, {"b", {4}}});
  add_workload(results, "v", {{"native", {1}}, {"a", {8}}, {"b", {4}}});
  results.workloads[1].runs[2].state = Run::State::kCrashed;
  results.workloads[1].runs[2].why = "killed by signal 11";
  FoundEngine missing;
  missing.engine.name = "c";
  missing.engine.get = "apt install c";
  missing.missing = "c is not installed";
  results.engines.push_back(missing);
  results.warnings = {"busy"};
  EXPECT_EQ(table_footer(results),
            "geometric mean             1.000     4.000     4.000\n"
            "b: its mean is of 1 of 2 workloads\n"
            "\n"
            "v, b: crashed: killed by signal 11\n"
            "c: c is not installed (apt install c)\n"
            "busy\n");
}

TEST(Tables, CsvHasALineForEachSampleAndQuotesWhatNeedsIt) {
  Results results = test_results();
  add_workload(results, "with, comma and \"quote\"", {{"native", {1, 2}}});
  EXPECT_EQ(
      csv_of(results),
      "workload,engine,state,round,user_s,system_s,wall_s,peak_bytes,own_s\r\n"
      "\"with, comma and \"\"quote\"\"\",native,ok,1,1.000000,0.000000,1.000000,1048576,\r\n"
      "\"with, comma and \"\"quote\"\"\",native,ok,2,2.000000,0.000000,2.000000,1048576,\r\n");
}

TEST(Tables, MarkdownKeepsBarsOutOfCells) {
  Results results = test_results();
  add_workload(results, "a|b", {{"native", {1}}, {"a", {2}}});
  const std::string text = markdown_of(results);
  EXPECT_NE(text.find("| a\\|b |"), text.npos);
  EXPECT_NE(text.find("# Tests \\<of> everything"), text.npos);
}

TEST(Page, NeedsNoNetworkAndCannotBeBrokenOutOf) {
  Results results = test_results();
  results.title = "@DATA@ </title><script>alert(1)</script>";
  auto& result = add_workload(results, "w", {{"native", {1}}, {"a", {2}}});
  result.runs[1].state = Run::State::kFailed;
  result.runs[1].why = "</script><img src=x onerror=alert(1)><!--";
  const std::string page = page_of(results, to_json(results));
  EXPECT_EQ(page.find("alert(1)</script>"), page.npos);
  EXPECT_EQ(page.find("<img"), page.npos);
  EXPECT_EQ(page.find("<!--"), page.npos);
  EXPECT_EQ(page.find("@MARKDOWN@"), page.npos);
  EXPECT_NE(page.find("<title>@DATA@ &lt;/title&gt;"), page.npos);
  // Of addresses there is the one that names SVG.
  std::string rest = page;
  const std::string svg = "http://www.w3.org/2000/svg";
  for (size_t at; (at = rest.find(svg)) != rest.npos;) rest.erase(at, svg.size());
  EXPECT_EQ(rest.find("http:"), rest.npos);
  EXPECT_EQ(rest.find("https:"), rest.npos);
  EXPECT_EQ(rest.find("<link"), rest.npos);
  EXPECT_EQ(rest.find("src="), rest.find("src=x")) << "only in the text above";
}

TEST(Compare, TellsFasterSlowerAndNoise) {
  Results first = test_results(), second = test_results();
  add_workload(first, "w",
               {{"native", {1, 1.1, 0.9}}, {"a", {2, 2.01, 1.99}}, {"b", {1, 1.01, 0.99}}});
  add_workload(second, "w",
               {{"native", {1.05, 1.0, 0.95}}, {"a", {1, 1.01, 0.99}}, {"b", {2, 2.01, 1.99}}});
  add_workload(second, "new", {{"native", {1}}});
  second.machine.cpu = "another CPU";
  second.workloads[0].output_sha256 = "11";
  const Comparison comparison = compare(first, second);
  ASSERT_EQ(comparison.changes.size(), 3u);
  EXPECT_TRUE(comparison.changes[0].ratio.is_within_noise_of_one());
  EXPECT_NEAR(comparison.changes[1].ratio.value, 0.5, 1e-9);
  EXPECT_NEAR(comparison.changes[2].ratio.value, 2, 1e-9);
  EXPECT_EQ(comparison.notes,
            (std::vector<std::string>{"machine: a CPU and another CPU", "w: the outputs differ",
                                      "new is in the second only"}));
  const std::string text = text_of(comparison);
  EXPECT_NE(text.find("within noise"), text.npos);
  EXPECT_NE(text.find("faster"), text.npos);
  EXPECT_NE(text.find("slower"), text.npos);
}

}  // namespace
}  // namespace wherry::bench
