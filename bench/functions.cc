// bench_functions FILE.wherry [--abi ABI] [--rounds N] [--threads N] [--json TEXT]
// [--target /PATH] [--signature TEXT]: what an invocation costs without a server, from the event to
// the outcome: a fresh instance, the call, the answer and the reset. Figures are medians of rounds
// on one thread, and rates of all.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "function/function.h"

namespace wherry {
namespace {

using Clock = std::chrono::steady_clock;

// Takes whatever is answered, and keeps nothing.
class Sink final : public http::Exchange {
 public:
  explicit Sink(const http::Request& request) : request_(request) {}
  const http::Request& request() const override { return request_; }
  bool body_is_streamed() const override { return false; }
  Read read_body(std::span<uint8_t>) override { return {}; }
  void respond(http::Response) override {}
  void start(http::Response, std::optional<uint64_t>) override {}
  State write(Bytes) override { return State::kReady; }
  void flush() override {}
  void finish() override {}
  void abort() override {}
  void wake(std::function<void()>) override {}
  void post(std::function<void()>, bool) override {}

 private:
  const http::Request& request_;
};

struct Options {
  std::string path, abi, json = R"({"name": "World"})", target = "/hello?name=World", signature;
  int rounds = 200'000, threads = 1;
};

struct Worker {
  std::vector<double> microseconds = {};
  std::string failure = {};
  double per_second = 0;

  void invoke(const Options& options, const function::Function& function,
              const http::Request& request) {
    function::Event event;
    event.id = "5bdb1e0d92f34d6a";
    event.parameters = options.json;
    auto invocation = function.begin(std::move(event), std::make_shared<Sink>(request), {});
    if (invocation->run() != function::Invocation::Progress::kDone) failure = "it waits";
    function::Outcome outcome = invocation->take_outcome();
    if (outcome.kind != function::OutcomeKind::kSuccess) failure = outcome.message;
  }

  void run(const Options& options, const function::Function& function) {
    http::Request request{"GET", options.target, {}, {}};
    request.headers = {{"Host", "example.com"}, {"Accept", "*/*"}, {"User-Agent", "bench"}};
    for (int round = 0; round < options.rounds && failure.empty(); round++) {
      Clock::time_point begin = Clock::now();
      invoke(options, function, request);
      microseconds.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    Clock::time_point begin = Clock::now();
    for (int round = 0; round < options.rounds && failure.empty(); round++) {
      invoke(options, function, request);
    }
    per_second = options.rounds / std::chrono::duration<double>(Clock::now() - begin).count();
    std::sort(microseconds.begin(), microseconds.end());
  }
};

Status run(const Options& options) {
  auto module = TRY(runtime::CompiledModule::load(options.path));
  auto watchdog = TRY(runtime::Watchdog::create());
  function::FunctionOptions what;
  what.abi = function::abi_of_name(options.abi);
  what.signature = options.signature;
  what.environment = {{"GREETING", "Hello"}};
  auto function = TRY(function::Function::create(module, *watchdog, what));
  std::vector<Worker> workers(static_cast<size_t>(options.threads));
  std::vector<std::thread> threads;
  for (Worker& worker : workers) {
    threads.emplace_back([&] { worker.run(options, *function); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Worker& worker : workers) {
    if (!worker.failure.empty()) return make_error(ErrorKind::kGuest, "{}", worker.failure);
    const auto at = [&](size_t percent) {
      return worker.microseconds[worker.microseconds.size() * percent / 100];
    };
    std::printf("%-8s median %6.2f us   p10 %6.2f us   p99 %6.2f us   %.0f/s\n",
                name_of(function->abi()), at(50), at(10), at(99), worker.per_second);
  }
  return ok_status();
}

}  // namespace
}  // namespace wherry

int main(int argc, char** argv) {
  wherry::Options options;
  for (int i = 1; i < argc; i++) {
    std::string argument = argv[i];
    const bool has_value = i + 1 < argc && argument.starts_with("--");
    if (!has_value) {
      options.path = argument;
      continue;
    }
    std::string value = argv[++i];
    if (argument == "--abi") options.abi = value;
    if (argument == "--json") options.json = value;
    if (argument == "--target") options.target = value;
    if (argument == "--signature") options.signature = value;
    if (argument == "--rounds") options.rounds = std::max(1, std::atoi(value.c_str()));
    if (argument == "--threads") options.threads = std::max(1, std::atoi(value.c_str()));
  }
  if (options.path.empty()) {
    std::fprintf(stderr,
                 "usage: bench_functions FILE.wherry [--abi ABI] [--rounds N] [--threads N] "
                 "[--json TEXT] [--target /PATH] [--signature TEXT]\n");
    return 2;
  }
  auto done = wherry::run(options);
  if (!done.ok()) std::fprintf(stderr, "error: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
