#include "bench/platforms.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace wherry::bench {
namespace {

struct Counts {
  std::atomic<int> starts{0}, asks{0};
};

class Fake final : public Started {
 public:
  Fake(Counts& counts, std::string answer) : counts_(counts), answer_(std::move(answer)) {
    counts_.starts++;
  }
  Result<std::string> ask(const std::string& event) override {
    counts_.asks++;
    if (answer_.empty()) return make_error(ErrorKind::kIo, "no answer");
    return event == "long" ? "2" : answer_;
  }
  bool takes_many() const override { return true; }

 private:
  Counts& counts_;
  const std::string answer_;
};

class BenchPlatforms : public testing::Test {
 protected:
  BenchPlatforms() {
    plan_.short_event = "short";
    plan_.short_answer = "1";
    plan_.long_event = "long";
    plan_.long_answer = "2";
    plan_.cold_rounds = 3;
    plan_.warm_time = std::chrono::milliseconds(5);
  }
  void add(const std::string& target, const std::string& answer) {
    Deployment deployment;
    deployment.target = target;
    deployment.start = [this, answer]() -> Result<std::unique_ptr<Started>> {
      return std::unique_ptr<Started>(std::make_unique<Fake>(counts_, answer));
    };
    deployments_.push_back(std::move(deployment));
  }
  Platforms run() {
    return measure_platforms(
        plan_, deployments_,
        [this](const std::string& what) {
          if (what == interrupt_at_) ::kill(::getpid(), SIGINT);
        },
        interrupts_);
  }
  Counts counts_;
  PlatformsPlan plan_;
  std::vector<Deployment> deployments_;
  std::string interrupt_at_;
  Interrupts interrupts_ = Interrupts::hold().value();
};

TEST_F(BenchPlatforms, MeasuresColdWarmAndLong) {
  add("good", " 1 ");
  const Platforms platforms = run();
  const PlatformResult& row = platforms.rows.at(0);
  EXPECT_EQ(row.problem, "");
  EXPECT_EQ(row.cold_s.size(), 3u);
  EXPECT_GE(row.warm_s.size(), 5u);
  EXPECT_EQ(row.long_s.size(), 3u);
  EXPECT_GT(row.per_second.value_or(0), 0);
  EXPECT_EQ(counts_.starts, 5) << "the first is not counted, the last stays for the warm ones";
}

TEST_F(BenchPlatforms, WrongAndNoAnswersAreTold) {
  add("wrong", "7");
  add("silent", "");
  add("good", "1");
  deployments_.push_back({"absent", "", "needs a cluster"});
  const Platforms platforms = run();
  EXPECT_EQ(platforms.rows[0].problem, "answered \"7\" instead of \"1\"");
  EXPECT_FALSE(platforms.rows[0].is_run());
  EXPECT_EQ(platforms.rows[1].problem, "no answer");
  EXPECT_TRUE(platforms.rows[2].is_run());
  EXPECT_EQ(platforms.rows[3].where, "needs a cluster");
  EXPECT_FALSE(platforms.rows[3].is_run());
}

TEST_F(BenchPlatforms, AnInterruptKeepsWhatWasMeasured) {
  add("good", "1");
  interrupt_at_ = "good: cold start 3 of 3";
  const Platforms platforms = run();
  EXPECT_EQ(platforms.rows[0].cold_s.size(), 3u);
  EXPECT_TRUE(platforms.rows[0].warm_s.empty());
}

}  // namespace
}  // namespace wherry::bench
