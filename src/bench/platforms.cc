#include "bench/platforms.h"

#include <atomic>
#include <mutex>
#include <thread>

namespace wherry::bench {

namespace {

using std::chrono::steady_clock;

constexpr size_t kMaxWarmSamples = 2000;
constexpr size_t kMinWarmSamples = 5;
constexpr size_t kWarmUps = 3;

double seconds_since(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

// What a wrong answer is told as; empty if it is right.
std::string difference(const std::string& answer, const std::string& wanted) {
  auto got = parse_json(answer), right = parse_json(wanted);
  if (got.ok() && right.ok() && *got == *right) return "";
  return fmt::format("answered {} instead of {}", quoted_text(answer.substr(0, 200)),
                     quoted_text(wanted));
}

class Measuring {
 public:
  Measuring(const PlatformsPlan& plan, const std::vector<Deployment>& deployments,
            const std::function<void(const std::string& what)>& doing, Interrupts& interrupts)
      : plan_(plan), deployments_(deployments), doing_(doing), interrupts_(interrupts) {}

  Platforms run() {
    Platforms platforms{plan_.function, plan_.short_event, plan_.long_event, plan_.clients, {}};
    for (const Deployment& deployment : deployments_) {
      PlatformResult row;
      row.target = deployment.target;
      row.where = deployment.missing.empty() ? deployment.where : deployment.missing;
      row.package_bytes = deployment.package_bytes;
      row.is_warm = deployment.is_warm;
      platforms.rows.push_back(std::move(row));
    }
    // The first round brings files into memory, and does not count.
    for (unsigned round = 0; round <= plan_.cold_rounds; round++) {
      for_all(platforms, [&](const Deployment& deployment, PlatformResult& row) -> Status {
        doing_(fmt::format("{}: cold start {} of {}", row.target, round, plan_.cold_rounds));
        const double seconds = TRY(cold_start(deployment));
        if (round > 0) row.cold_s.push_back(seconds);
        return ok_status();
      });
    }
    for_all(platforms, [&](const Deployment& deployment, PlatformResult& row) {
      return warm(deployment, row);
    });
    return platforms;
  }

 private:
  // Each that runs here and has had no problem yet.
  template <typename Use>
  void for_all(Platforms& platforms, const Use& use) {
    for (size_t i = 0; i < deployments_.size(); i++) {
      PlatformResult& row = platforms.rows[i];
      if (interrupts_.has_come()) return;
      if (!deployments_[i].missing.empty() || !row.problem.empty()) continue;
      if (Status status = use(deployments_[i], row); !status.ok()) {
        row.problem = status.error().message;
        row.cold_s.clear();
      }
    }
  }

  Result<double> ask(Started& started, const std::string& event, const std::string& answer) {
    const auto began = steady_clock::now();
    const std::string got = TRY(started.ask(event));
    const double seconds = seconds_since(began);
    if (std::string wrong = difference(got, answer); !wrong.empty()) {
      return make_error(ErrorKind::kGuest, "{}", wrong);
    }
    return seconds;
  }

  Result<double> cold_start(const Deployment& deployment) {
    const auto began = steady_clock::now();
    const auto started = TRY(deployment.start());
    TRY(ask(*started, plan_.short_event, plan_.short_answer));
    return seconds_since(began);
  }

  Status warm(const Deployment& deployment, PlatformResult& row) {
    doing_(row.target + ": invocations");
    const auto started = TRY(deployment.start());
    for (size_t i = 0; i < kWarmUps; i++) {
      TRY(ask(*started, plan_.short_event, plan_.short_answer));
    }
    const auto end = steady_clock::now() + plan_.warm_time;
    while (row.warm_s.size() < kMaxWarmSamples &&
           (steady_clock::now() < end || row.warm_s.size() < kMinWarmSamples)) {
      if (interrupts_.has_come()) return ok_status();
      row.warm_s.push_back(TRY(ask(*started, plan_.short_event, plan_.short_answer)));
    }
    if (!interrupts_.has_come()) row.per_second = TRY(throughput(*started));
    for (unsigned i = 0; i < plan_.long_rounds; i++) {
      doing_(fmt::format("{}: long invocation {} of {}", row.target, i + 1, plan_.long_rounds));
      if (interrupts_.has_come()) return ok_status();
      row.long_s.push_back(TRY(ask(*started, plan_.long_event, plan_.long_answer)));
    }
    return ok_status();
  }

  // Right answers a second, from as many clients as it takes.
  Result<double> throughput(Started& started) {
    const unsigned clients = started.takes_many() ? plan_.clients : 1;
    const auto began = steady_clock::now(), end = began + plan_.warm_time;
    std::atomic<uint64_t> answers{0};
    std::mutex mutex;
    std::optional<Error> problem;
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < clients; i++) {
      threads.emplace_back([&] {
        while (steady_clock::now() < end) {
          auto seconds = ask(started, plan_.short_event, plan_.short_answer);
          if (seconds.ok()) {
            answers++;
            continue;
          }
          std::lock_guard lock(mutex);
          problem = seconds.error();
          return;
        }
      });
    }
    threads.clear();
    if (problem) return *problem;
    return static_cast<double>(answers.load()) / seconds_since(began);
  }

  const PlatformsPlan& plan_;
  const std::vector<Deployment>& deployments_;
  const std::function<void(const std::string& what)>& doing_;
  Interrupts& interrupts_;
};

}  // namespace

Platforms measure_platforms(const PlatformsPlan& plan, const std::vector<Deployment>& deployments,
                            const std::function<void(const std::string& what)>& doing,
                            Interrupts& interrupts) {
  return Measuring(plan, deployments, doing, interrupts).run();
}

}  // namespace wherry::bench
