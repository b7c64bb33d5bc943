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

TEST(Log, DropsEverythingWithoutASink) { Log().event("nobody hears this"); }

}  // namespace
}  // namespace wherry
