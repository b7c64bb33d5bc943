#include "cli/top_view.h"

#include <gtest/gtest.h>

namespace wherry::cli {
namespace {

using function::OutcomeKind;
using host::FunctionFigures;
using host::MetricsFigures;

FunctionFigures figures_of(std::string name, uint64_t calls, uint64_t duration_ns) {
  FunctionFigures figures;
  figures.name = std::move(name);
  figures.outcomes[static_cast<size_t>(OutcomeKind::kSuccess)] = calls;
  figures.durations[host::duration_bucket_of(duration_ns)] = calls;
  figures.cpu_ns = calls * 1'000'000;
  figures.memory_peak_bytes = calls << 16;
  return figures;
}

// Ten seconds in which `slow` was called 20 times, `fast` 50,000 times and `idle` not at all.
struct Two {
  MetricsFigures earlier{1'000'000'000,
                         {figures_of("fast", 1000, 1'000'000), figures_of("idle", 0, 0)}};
  MetricsFigures later{11'000'000'000,
                       {figures_of("fast", 51'000, 1'000'000), figures_of("idle", 0, 0),
                        figures_of("slow", 20, 2'500'000'000)}};
  Two() {
    later.functions[0].running = 3;
    later.functions[2].queued = 7;
    later.functions[2].rejected = 5;
    later.functions[2].outcomes[static_cast<size_t>(OutcomeKind::kTrap)] = 25;
  }
};

TEST(TopView, ShowsWhatHappenedBetweenTwoMoments) {
  const Two two;
  EXPECT_EQ(top_view(two.earlier, two.later, {}),
            "3 functions, 5005 requests/s, 3 running, 7 queued, CPU 500 %\n"
            "FUNCTION          REQ/S      P50      P99  ERR %  CPU %    MEMORY RUNNING  QUEUE\n"
            "fast               5000   988 µs  1.00 ms      0    500  3187 MiB       3      0\n"
            "slow                5.0   2.48 s   2.50 s     60    0.2  1280 KiB       0      7\n"
            "idle                  0        -        -      0      0         -       0      0\n");
}

TEST(TopView, IsSortedAsAsked) {
  const Two two;
  auto first = [&](TopOrder order) {
    const std::string text = top_view(two.earlier, two.later, {.order = order});
    const size_t line = text.find('\n', text.find('\n') + 1) + 1;
    return text.substr(line, 4);
  };
  EXPECT_EQ(first(TopOrder::kRequests), "fast");
  EXPECT_EQ(first(TopOrder::kName), "fast");
  EXPECT_EQ(first(TopOrder::kLatency), "slow");
  EXPECT_EQ(first(TopOrder::kErrors), "slow");
  EXPECT_EQ(first(TopOrder::kCpu), "fast");
  EXPECT_EQ(first(TopOrder::kMemory), "fast");
  EXPECT_EQ(top_order_of_name("p99"), TopOrder::kLatency);
  EXPECT_EQ(top_order_of_name("memory"), TopOrder::kMemory);
  EXPECT_EQ(top_order_of_name("size"), std::nullopt);
}

size_t widest_line(const std::string& text) {
  size_t widest = 0, width = 0;
  for (char c : text) {
    if (c == '\n') width = 0;
    if (c != '\n' && (static_cast<uint8_t>(c) & 0xc0) != 0x80) width++;
    widest = std::max(widest, width);
  }
  return widest;
}

TEST(TopView, FitsEveryWidth) {
  Two two;
  two.later.functions[0].name = "a-function-with-quite-a-long-name-that-nobody-would-type";
  two.later.functions[0].outcomes[0] = two.later.functions[0].running = UINT64_MAX / 2;
  for (unsigned width : {0u, 1u, 7u, 8u, 16u, 17u, 40u, 79u, 80u, 120u, 300u}) {
    EXPECT_LE(widest_line(top_view(two.earlier, two.later, {.width = width})), width) << width;
  }
}

TEST(TopView, LeavesOutColumnsThatDoNotFit) {
  const Two two;
  EXPECT_EQ(top_view(two.earlier, two.later, {.width = 34}),
            "3 functions, 5005 requests/s, 3 r…\n"
            "FUNCTION   REQ/S      P50      P99\n"
            "fast        5000   988 µs  1.00 ms\n"
            "slow         5.0   2.48 s   2.50 s\n"
            "idle           0        -        -\n");
}

TEST(TopView, ShowsNoMoreFunctionsThanFitTheHeight) {
  const Two two;
  auto lines = [&](unsigned height) {
    const std::string text = top_view(two.earlier, two.later, {.height = height});
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(0), 5);
  EXPECT_EQ(lines(5), 4);
  EXPECT_EQ(lines(24), 5);
  EXPECT_EQ(lines(1), 3);
}

TEST(TopView, ColoursTheHeadAndErrorsIfAllowed) {
  const Two two;
  const std::string text = top_view(two.earlier, two.later, {.color = true});
  EXPECT_NE(text.find("\x1b[1mFUNCTION"), std::string::npos);
  EXPECT_NE(text.find("\x1b[31m     60\x1b[0m"), std::string::npos);
  EXPECT_EQ(text.find("\x1b[31m      0"), std::string::npos);
  EXPECT_EQ(top_view(two.earlier, two.later, {}).find('\x1b'), std::string::npos);
}

TEST(TopView, LetsNoNameControlTheTerminal) {
  MetricsFigures figures{1, {figures_of("a\x1b[2Jb\n", 1, 1000)}};
  EXPECT_NE(top_view({}, figures, {}).find("a?[2Jb?"), std::string::npos);
}

TEST(TopView, HasNothingToShowOfNothing) {
  EXPECT_EQ(top_view({}, {}, {.width = 20}), "0 functions, 0 requ…\nFUNCTION       REQ/S\n");
}

}  // namespace
}  // namespace wherry::cli
