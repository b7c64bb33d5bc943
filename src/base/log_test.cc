#include "base/log.h"

#include <gtest/gtest.h>

namespace wherry {
namespace {

TEST(Log, WritesOneLineAnEventWithQuotedValuesWhereNeeded) {
  std::string lines;
  Log log([&](std::string_view line) { lines += std::string(line) + "\n"; });
  log.event("listening", {{"address", "127.0.0.1:8080"}});
  log.event("refused", {{"why", "two\nlines \"here\" \x01"}, {"empty", ""}, {"equation", "a=b"}});
  EXPECT_EQ(lines,
            "listening address=127.0.0.1:8080\n"
            "refused why=\"two\\nlines \\\"here\\\" \\x01\" empty=\"\" equation=\"a=b\"\n");
}

TEST(Log, GivesEventsToSinksThatWriteThemAnotherWay) {
  std::string seen;
  Log log =
      Log::of_events([&](LogLevel level, std::string_view name, std::span<const LogField> fields) {
        seen += std::string(name_of(level)) + " " + std::string(name);
        for (const LogField& field : fields)
          seen += " " + std::string(field.key) + ":" + field.value;
        seen += "\n";
      });
  log.event("listening", {{"address", "a b"}});
  log.event(LogLevel::kError, "failed");
  EXPECT_EQ(seen, "info listening address:a b\nerror failed\n");
}

TEST(Log, KnowsItsLevelsAndFormatsByName) {
  for (auto level : {LogLevel::kError, LogLevel::kWarn, LogLevel::kInfo, LogLevel::kDebug}) {
    EXPECT_EQ(log_level_of_name(name_of(level)), level);
  }
  EXPECT_EQ(log_level_of_name("warn"), LogLevel::kWarn);
  EXPECT_EQ(log_level_of_name("warning"), std::nullopt);
  EXPECT_EQ(log_format_of_name("text"), LogFormat::kText);
  EXPECT_EQ(log_format_of_name("json"), LogFormat::kJson);
  EXPECT_EQ(log_format_of_name(""), std::nullopt);
}

TEST(Log, DropsEverythingWithoutASink) { Log().event("nobody hears this"); }

}  // namespace
}  // namespace wherry
