// One function, packed for its platforms: cold starts, invocations, throughput, and a long
// invocation, as the report's figure 12 has them. What a platform is, and how it is started, is the
// caller's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/results.h"

namespace wherry::bench {

// Something that was started and answers.
class Started {
 public:
  virtual ~Started() = default;
  // The answer to an event, JSON both. Safe from many threads if `takes_many`.
  virtual Result<std::string> ask(const std::string& event) = 0;
  virtual bool takes_many() const = 0;
};

struct Deployment {
  std::string target, where;
  std::string missing;  // why it cannot be run here
  uint64_t package_bytes = 0;
  bool is_warm = false;  // it stays between invocations
  std::function<Result<std::unique_ptr<Started>>()> start;
};

struct PlatformsPlan {
  std::string function;  // for people
  std::string short_event, long_event;
  std::string short_answer, long_answer;  // JSON values
  unsigned cold_rounds = 10;
  unsigned long_rounds = 3;
  unsigned clients = 2;
  std::chrono::milliseconds warm_time{
      1000};  // for invocations one by one, and again for many at once
};

// Cold starts take turns over all deployments. One that answers wrongly or not at all is told as
// such.
Platforms measure_platforms(const PlatformsPlan& plan, const std::vector<Deployment>& deployments,
                            const std::function<void(const std::string& what)>& doing,
                            Interrupts& interrupts);

}  // namespace wherry::bench
